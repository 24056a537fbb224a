#!/usr/bin/env python3
"""Plants each bug of bugs.json into the engine, one at a time, and expects the simulator to find it.

    tests/simulation/mutants.py BUILD [--worlds N] [--only NAME]

The source with the bug is compiled apart and linked with the objects of BUILD, a finished build.
Ends with a line that counts the bugs: one that is not found fails.
"""
import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
UNITY = re.compile(r'#include "(.*/core/.*\.cpp)"')


def commands(build):
    """How each source is compiled, with the text of the file that includes it in a unity build; and how the
    simulator is linked."""
    compiles = {}
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        if 'cairn_core.dir' not in entry['command']:
            continue
        text = Path(entry['file']).read_text()
        sources = UNITY.findall(text)
        if not sources:
            sources, text = [entry['file']], f'#include "{entry["file"]}"\n'
        for source in sources:
            compiles[str(Path(source).resolve().relative_to(ROOT))] = (entry['command'], text)
    listed = subprocess.run(['ninja', '-C', build, '-t', 'commands', 'cairn_simulation'], check=True,
                            capture_output=True, text=True).stdout
    return compiles, listed.strip().split('\n')[-1]


def plant(bug, folder, build, compiles):
    """Compiles the source with the bug; gives the object's name in the build, and the new one."""
    text = (ROOT / bug['file']).read_text()
    if text.count(bug['find']) != 1:
        raise SystemExit(f"{bug['name']}: its place is not in {bug['file']} once")
    source = folder / Path(bug['file']).name
    source.write_text(text.replace(bug['find'], bug['replace']))
    command, whole = compiles[bug['file']]
    unit = folder / 'unit.cxx'
    unit.write_text(whole.replace(str(ROOT / bug['file']), str(source)))
    words = shlex.split(command)
    old = words[words.index('-o') + 1]
    words[words.index('-o') + 1] = str(folder / 'mutant.o')
    words[words.index('-c') + 1] = str(unit)
    words = [word for word in words if word not in ('-O3', '-Werror')]
    subprocess.run(words + ['-O0', '-w', '-I', str(ROOT)], cwd=build, check=True)
    return old, str(folder / 'mutant.o')


def try_bug(bug, build, compiles, link, worlds):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old, new = plant(bug, folder, build, compiles)
        program = folder / 'simulation'
        line = link.replace(' ' + old + ' ', f' {new} ').replace('-o bin/cairn_simulation', f'-o {program}')
        subprocess.run(line, shell=True, cwd=build, check=True)
        try:
            run = subprocess.run([program, '0', str(worlds), '--stop'], capture_output=True, text=True,
                                 timeout=600)
        except subprocess.TimeoutExpired:
            return 'it never ends'
        if run.returncode == 0:
            return None
        return run.stdout.split('\n')[0] if run.stdout.startswith('seed') else 'it crashes'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('build', type=Path)
    parser.add_argument('--worlds', type=int, default=4000)
    parser.add_argument('--only', default='')
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    bugs = json.loads((Path(__file__).parent / 'bugs.json').read_text())
    bugs = [bug for bug in bugs if arguments.only in bug['name']]
    compiles, link = commands(build)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda bug: try_bug(bug, build, compiles, link, arguments.worlds), bugs))
    for bug, how in zip(bugs, found):
        print(f"{bug['name']}: {how or 'NOT FOUND'}")
    missed = found.count(None)
    print(f'{len(bugs) - missed} passed, {missed} failed')
    sys.exit(1 if missed or not bugs else 0)


main()
