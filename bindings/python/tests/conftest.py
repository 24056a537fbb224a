"""What the tests share: a database in a folder of the test's own, and a look for what is left over."""

import gc
from pathlib import Path
from typing import Iterator

import pytest

import cairn


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """At the end of every test no handle and no buffer of the library is left."""
    gc.collect()
    before = cairn.live_objects()
    yield
    gc.collect()
    assert cairn.live_objects() <= before


@pytest.fixture
def db(tmp_path: Path) -> Iterator[cairn.Database]:
    with cairn.open(tmp_path / "test.cairn") as database:
        yield database


@pytest.fixture
def todos(db: cairn.Database) -> cairn.Collection:
    collection = db.collection("todos", key="id")
    collection.insert_many(
        {"id": i, "title": f"todo {i}", "done": i % 3 == 0, "priority": i % 5, "meta": {"pts": i * 10}}
        for i in range(20)
    )
    return collection


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line, as ci/test counts it."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not config.option.collectonly:
        count = {kind: len(reporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
        failed = count["failed"] + count["error"] + count["skipped"]
        print(f"{count['passed']} passed, {failed} failed")
