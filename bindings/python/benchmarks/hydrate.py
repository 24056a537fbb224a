#!/usr/bin/env python3
"""Hydrates `todo` rows into dicts: with Cairn, and beside it with what Python has, sqlite3 and json, the
dates parsed. Both read the same rows from files in one run, by turns; the best of the runs counts.

    hydrate.py [--rows 100000] [--quick]

`--quick` is for CI: fewer rows, and the result is not a figure to quote. The exit status is 1 where the
two do not give the same rows, or Cairn is not three times as fast.
"""
import argparse
import gc
import json
import sqlite3
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Callable, Dict, List

import cairn

# --- the rows: those of benchmarks/data/todo.cpp ---

WORDS = (
    "Review the invoice for spring report Call plumber about room Write up draft of launch notes Buy milk and "
    "bread Prep talk team lunch Fix login bug on phone Plan summer trip Renew garage permit Send contract to "
    "legal today"
).split()
WIDE_WORDS = "Café Zürich naïve 東京 Übung 🚀".split()
TAGS = "home work urgent later shop mail call wait some money gym kids".split()
SOURCES = "web ios droid file api".split()
PEOPLE = "ada brian chloe dmitri eve farid grace hiro".split()
FIRST_DAY = 1672531200000  # 2023-01-01
TWO_YEARS = 2 * 365 * 86400 * 1000
MASK = 2**64 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Random:
    """SplitMix64, as in benchmarks/data/random.h."""

    def __init__(self, stream: int) -> None:
        self.state = 0x5EEDCA1245 ^ (stream * 0xD1342543DE82EF95 & MASK)
        self.next()

    def next(self) -> int:
        self.state = self.state + 0x9E3779B97F4A7C15 & MASK
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
        return z ^ (z >> 31)

    def pick(self, items: List[str]) -> str:
        return items[self.next() % len(items)]


def todo(row: int) -> Dict[str, Any]:
    random = Random(row)
    high, low = random.next(), random.next()
    id = (f"{high >> 32:08x}-{high >> 16 & 0xFFFF:04x}-4{high & 0xFFF:03x}-"
          f"{0x8000 | (low >> 48 & 0x3FFF):04x}-{low & 0xFFFFFFFFFFFF:012x}")
    title = [random.pick(WORDS)]
    title += [random.pick(WORDS) for _ in range(2 + random.next() % 2)]
    if random.next() % 100 < 3:
        title.append(random.pick(WIDE_WORDS))
    completed = random.next() % 3 == 0
    priority = random.next() % 5
    list_number = random.next() % 25
    created = FIRST_DAY + random.next() % TWO_YEARS
    updated = created + random.next() % (30 * 86400 * 1000)
    tags = [random.pick(TAGS) for _ in range(random.next() % 5)]
    meta = {"src": random.pick(SOURCES), "by": random.pick(PEOPLE), "pts": random.next() % 20}
    return {"id": id, "title": " ".join(title), "completed": completed, "priority": priority,
            "listId": f"l{list_number}", "createdAt": EPOCH + timedelta(milliseconds=created),
            "updatedAt": EPOCH + timedelta(milliseconds=updated), "tags": tags, "meta": meta}


# --- the two ways ---


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_sqlite(path: Path, rows: List[Dict[str, Any]]) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE todo (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        texts = ((row["id"], json.dumps({**row, "createdAt": iso(row["createdAt"]), "updatedAt":
                 iso(row["updatedAt"])}, ensure_ascii=False, separators=(",", ":"))) for row in rows)
        db.executemany("INSERT INTO todo VALUES (?, ?)", texts)
    db.close()


def parse(text: str) -> datetime:
    return datetime.fromisoformat(text)


if sys.version_info < (3, 11):  # which knows no Z

    def parse(text: str) -> datetime:  # noqa: F811
        return datetime.fromisoformat(text[:-1] + "+00:00")


def read_sqlite(path: Path) -> List[Dict[str, Any]]:
    db = sqlite3.connect(path)
    rows = []
    for (text,) in db.execute("SELECT value FROM todo ORDER BY rowid"):
        row = json.loads(text)
        row["createdAt"] = parse(row["createdAt"])
        row["updatedAt"] = parse(row["updatedAt"])
        rows.append(row)
    db.close()
    return rows


def write_cairn(path: Path, rows: List[Dict[str, Any]]) -> None:
    with cairn.open(path) as db:
        db.collection("todo", key="id").insert_many(rows)


def read_cairn(path: Path) -> List[Dict[str, Any]]:
    with cairn.open(path) as db:
        return db.collection("todo", key="id").all()


def timed(read: Callable[[Path], List[Dict[str, Any]]], path: Path) -> float:
    gc.collect()
    start = time.perf_counter()
    rows = read(path)
    seconds = time.perf_counter() - start
    del rows
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description="hydrates rows into dicts, beside sqlite3 and json")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    count, runs = (5_000, 2) if given.quick else (given.rows, given.runs)
    rows = [todo(row) for row in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        usual, ours = Path(folder, "todo.sqlite"), Path(folder, "todo.cairn")
        write_sqlite(usual, rows)
        write_cairn(ours, rows)
        if read_sqlite(usual) != rows or read_cairn(ours) != rows:
            print("the rows are not those that were written")
            return 1
        del rows
        gc.collect()
        times = [(timed(read_sqlite, usual), timed(read_cairn, ours)) for _ in range(runs)]
    theirs, mine = min(first for first, _ in times), min(second for _, second in times)
    print(f"hydrate {count:,} todo rows into dicts, Python {sys.version.split()[0]}")
    print(f"  sqlite3 + json   {theirs * 1000:8.0f} ms")
    print(f"  cairn            {mine * 1000:8.0f} ms   {theirs / mine:.1f} times as fast")
    return 0 if given.quick or theirs / mine >= 3 else 1


if __name__ == "__main__":
    raise SystemExit(main())
