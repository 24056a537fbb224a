"""A live collection with a source: the second example of the README. The source is a list in this
program; a real one would ask a server, from where the cursor in its metadata says."""

import asyncio
import sys

import cairn

SERVER = [("1", "Bergen"), ("2", "Lyon"), ("3", "Graz")]


async def cities_source(sync: cairn.Sync) -> None:
    cursor = sync.metadata.get("cursor", 0)
    print(f"the source begins after {cursor}")
    for number, (id, name) in enumerate(SERVER[cursor:], cursor + 1):
        sync.begin()
        sync.write("insert", {"id": id, "name": name})
        await sync.commit({"cursor": number})  # rows and cursor are saved together
    sync.ready()


async def main(path: str) -> None:
    with cairn.open(path) as db:
        cities = db.collection("cities", key="id", local=False)
        for attempt in ("first", "second"):
            async with cities.live(cities_source) as live:
                changes = live.changes()
                await live.ready()
                print(f"{attempt} time: {len(live)} cities at once")
                await live.ready(remote=True)
                if attempt == "first":
                    for _ in SERVER:
                        change = await changes.__anext__()
                        print(change.kind, change.row)


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "cities.cairn"))
