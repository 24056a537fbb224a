"""Two processes with one file."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import cairn
from cairn import Sync

WRITER = """
import sys, cairn
with cairn.open(sys.argv[1]) as db:
    rows = db.collection("rows", key="id")
    print("open", flush=True)
    for line in sys.stdin:
        rows.insert({"id": int(line), "by": "other"})
        print("done", flush=True)
"""

FOLLOWER = """
import asyncio, sys, cairn

async def source(sync):
    with sync.transaction():
        sync.write("insert", {"id": 1, "by": "follower"})
    sync.ready()
    await asyncio.sleep(60)

async def main():
    with cairn.open(sys.argv[1]) as db:
        rows = db.collection("synced", key="id", local=False)
        async with rows.live(source) as live:
            await live.ready()
            print("leads" if live.leads else "follows", flush=True)
            while not live.leads:
                await asyncio.sleep(0.01)
            print("leads now", flush=True)
            while rows.get(1) is None or rows.get(1)["by"] != "follower":
                await asyncio.sleep(0.01)
            print("saved", flush=True)

asyncio.run(main())
"""


FORGETFUL = """
import asyncio, sys, cairn

async def main(db):
    live = db.collection("rows", key="id").live()
    await live.__aenter__()
    await live.ready()
    live.insert({"id": 1})
    print("left", flush=True)

db = cairn.open(sys.argv[1])
iterator = iter(db.collection("rows", key="id"))
transaction = cairn.open(in_memory=True).collection("rows").transaction()
asyncio.run(main(db))
"""


def start(program: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line(process: Any) -> str:
    return str(process.stdout.readline()).strip()


def test_what_one_writes_the_other_sees(tmp_path: Path) -> None:
    path = tmp_path / "shared.cairn"

    async def body(rows: cairn.Collection) -> None:
        process = start(WRITER, path)
        with process:
            assert await asyncio.to_thread(line, process) == "open"
            async with rows.live() as live:
                await live.ready()
                changes = live.changes()
                for i in range(5):
                    assert process.stdin is not None
                    process.stdin.write(f"{i}\n")
                    process.stdin.flush()
                    change = await asyncio.wait_for(changes.__anext__(), 20)
                    assert (change.kind, change.row) == ("insert", {"id": i, "by": "other"})
                process.stdin.close()
            assert len(rows) == 5

    with cairn.open(path) as db:
        asyncio.run(body(db.collection("rows", key="id")))
        assert db.check().ok


def test_another_process_takes_the_lead(tmp_path: Path) -> None:
    path = tmp_path / "shared.cairn"
    follower: Any = None

    def source(sync: Sync) -> None:
        with sync.transaction():
            sync.write("insert", {"id": 1, "by": "leader"})
        sync.ready()

    async def body(rows: cairn.Collection) -> None:
        nonlocal follower
        async with rows.live(source) as live:
            await live.ready(remote=True)
            while not live.leads:
                await asyncio.sleep(0.01)
            follower = start(FOLLOWER, path)
            assert await asyncio.to_thread(line, follower) == "follows"
            assert rows.get(1) == {"id": 1, "by": "leader"}
        assert await asyncio.to_thread(line, follower) == "leads now"
        assert await asyncio.to_thread(line, follower) == "saved"

    with cairn.open(path) as db:
        rows = db.collection("synced", key="id", local=False)
        asyncio.run(body(rows))
        with follower:
            assert follower.wait(20) == 0
        assert rows.get(1) == {"id": 1, "by": "follower"}


def test_a_program_that_closes_nothing_ends(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORGETFUL, str(tmp_path / "left.cairn")],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "left\n", "")
