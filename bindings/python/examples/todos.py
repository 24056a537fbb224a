"""Keeps a task list on disk, and reads it back: the first example of the README."""

import sys
from datetime import datetime, timezone

import cairn
from cairn import ref

path = sys.argv[1] if len(sys.argv) > 1 else "todos.cairn"

with cairn.open(path) as db:
    todos = db.collection("todos", schema_version=1, key="id")
    due = datetime(2026, 5, 4, 9, 30, tzinfo=timezone.utc)

    # Many rows: a transaction, whole or not at all.
    with todos.transaction() as transaction:
        transaction.insert({"id": "1", "title": "Water the plants", "done": False, "due": due})
        transaction.insert({"id": "2", "title": "Buy bread", "done": False, "due": None})
        transaction.insert({"id": "3", "title": "Call the bank", "done": True, "due": due})
    assert transaction.result is not None
    print(f"inserted {transaction.result.inserted}, durable on {transaction.result.durability.name}")

    # One row.
    todos.update({"id": "2", "done": True})
    print(todos.get("2"))

    # A question, with an index for it.
    todos.ensure_index("by due", "done", "due")
    open_ones = todos.where((ref("done") == False) & ref("title").like("%plants%")).order_by("due")
    for row in open_ones:
        print(row["title"], row["due"].isoformat())

    # Any number of rows, in batches of bounded size.
    print([len(batch) for batch in todos.batches(rows=2)])
