"""The package as its users get it: complete, typed, and as the README says."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cairn
from cairn import _cairn

HERE = Path(__file__).resolve().parents[1]
INSTALLED = Path(cairn.__file__).parent


def test_no_function_is_missing() -> None:
    check = HERE.parent / "swig" / "check_complete.py"
    ran = subprocess.run(
        [sys.executable, check, "python", _cairn.__file__, INSTALLED / "_cairn.pyi"], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr


def test_what_is_missing_is_found(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("check_complete", HERE.parent / "swig" / "check_complete.py")
    assert spec is not None and spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    functions, statuses = check.declared()
    everything = (functions | statuses) - set(check.LEFT_OUT)
    assert check.problems(everything) == []
    assert check.problems(everything - {"cairn_wait"}) == ["cairn_wait is missing"]
    assert check.problems(everything - {"CAIRN_BUSY"}) == ["CAIRN_BUSY is missing"]
    assert check.problems(everything | {"cairn_coordinator_set_wakeup"}) != []
    (tmp_path / "CairnJNI.java").write_text(
        "/* cairn_wait() */ class A { native void " + "(); native void ".join(everything - {"cairn_wait"}) + "(); }"
    )
    ran = subprocess.run([sys.executable, check.__file__, "java", tmp_path], capture_output=True, text=True)
    assert ran.returncode == 1 and ran.stderr.strip() == "java: cairn_wait is missing"


def test_another_library_is_refused() -> None:
    from cairn._schemas import ABI_VERSION, SCHEMA_HASH

    assert (_cairn.cairn_abi_version(), _cairn.cairn_schema_hash()) == (ABI_VERSION, SCHEMA_HASH)
    for abi, schemas in ((ABI_VERSION + 1, SCHEMA_HASH), (ABI_VERSION, SCHEMA_HASH ^ 1)):
        with pytest.raises(cairn.CairnError) as caught:
            _cairn.cairn_check_version(abi, schemas)
        assert caught.value.name == "CAIRN_VERSION_SKEW"


def test_the_conformance_corpus() -> None:
    play = HERE.parents[1] / "tests" / "conformance" / "play.py"
    ran = subprocess.run([sys.executable, play, "Python", "scenarios"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(re.findall(r"^\w+ passed [1-9]\d* failed 0$", ran.stdout, re.M)) >= 10


def test_only_python_sees_symbols() -> None:
    symbols = subprocess.run(["nm", "-D", "--defined-only", _cairn.__file__], capture_output=True, text=True, check=True)
    assert [line.split()[-1] for line in symbols.stdout.splitlines()] == ["PyInit__cairn"]


def mypy(*arguments: object, folder: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", str(folder / "cache")]
    ran = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True, cwd=folder)
    return ran.stdout + ran.stderr


def test_types(tmp_path: Path) -> None:
    assert "Success" in mypy("-p", "cairn", folder=tmp_path)
    examples = sorted((HERE / "examples").glob("*.py"))
    for example in examples:
        assert "Success" in mypy(example, folder=tmp_path)


def test_types_find_mistakes(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import cairn\n"
        "with cairn.open('x') as db:\n"
        "    rows = db.collection('rows', keys='id')\n"  # line 3
        "    rows.where(1)\n"  # line 4
        "    row: int = rows.get('a')\n"  # line 5
        "    rows.insert({'id': 1}).nothing\n"  # line 6
    )
    assert set(re.findall(r"program.py:(\d+): error", mypy(program, folder=tmp_path))) == {"3", "4", "5", "6"}


def test_all_is_all() -> None:
    assert all(hasattr(cairn, name) for name in cairn.__all__)


README = (HERE / "README.md").read_text()
EXAMPLES = re.findall(r"\[(examples/\w+\.py)\]\([^)]*\)[^`]*```python\n(.*?)```\n\nIt prints\n\n```\n(.*?)```", README, re.S)


def test_the_readme_has_examples() -> None:
    assert [name for name, _, _ in EXAMPLES] == ["examples/todos.py", "examples/live.py"]


@pytest.mark.parametrize("name, code, output", EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_the_readme(tmp_path: Path, name: str, code: str, output: str) -> None:
    assert (HERE / name).read_text() == code
    program = tmp_path / "example.py"
    program.write_text(code)
    ran = subprocess.run(
        [sys.executable, program, tmp_path / "example.cairn"], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )  # fmt: skip
    assert ran.stdout == output and ran.returncode == 0 and ran.stderr == ""


def test_the_benchmark_runs() -> None:
    ran = subprocess.run([sys.executable, HERE / "benchmarks" / "hydrate.py", "--quick"], capture_output=True, text=True)
    assert ran.returncode == 0 and "times as fast" in ran.stdout, ran.stderr
