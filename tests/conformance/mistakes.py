#!/usr/bin/env python3
"""Scenarios of the corpus with a mistake planted in each: a wrong number, a row too many, an error that
does not come. A runner that passes one of them compares too little. matrix.py runs them.
"""

import copy
import json
import random
import sys

sys.setrecursionlimit(20000)  # one scenario nests far too deep, and so must its copies

# Each scenario is changed so often, in different places where it has as many.
PLACES = 3


def changed(leaf):
    """Another value of the same kind."""
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, (int, float)):
        return leaf + 1
    if isinstance(leaf, str):
        return leaf + "x"
    return 1


def leaves(node, path=()):
    """The places of a table's values that a change makes wrong. Marks such as $date stay whole."""
    if isinstance(node, dict) and not any(name.startswith("$") for name in node):
        for name, one in node.items():
            yield from leaves(one, path + (name,))
    elif isinstance(node, dict) and "$table" in node:
        yield from leaves(node["$table"][1], path + ("$table", 1))
    elif isinstance(node, list) and node:
        for i, one in enumerate(node):
            yield from leaves(one, path + (i,))
    elif not isinstance(node, (dict, list)):
        yield path


def set_at(node, path):
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = changed(node[path[-1]])


# Fields of tables of which only some values are names of an enum: another name is no table at all, and
# fails for a reason of its own.
def is_plain(path):
    return path[-1] not in ("kind", "access", "sorting", "request", "durability", "outcome")


def places(step):
    """Functions that plant a mistake in a step."""
    found = []
    for field in ("result", "explain", "effects", "actions", "question"):
        if field in step and field != "rows":
            for path in leaves(step[field]):
                if is_plain(path):
                    found.append(lambda s, f=field, p=path: set_at(s[f], p))
    for field in ("effects", "actions"):
        if field in step:
            found.append(lambda s, f=field: s[f].append({"kind": "Stopped" if f == "effects" else "Release"}))
            if step[field]:
                found.append(lambda s, f=field: s[f].pop())
    if "rows" in step and step["do"] in ("load", "delta", "next", "drain"):
        found.append(lambda s: s["rows"].append(["planted", {}]))
        if step["rows"]:
            found.append(lambda s: s["rows"].pop())
        if step["rows"] and len(step["rows"][-1]) > 1:
            found.append(lambda s: s["rows"][-1][1].update(planted=True))
    if step["do"] == "get" and "error" not in step:
        found.append(lambda s: s["value"].update(planted=True))
    for field in ("row_count", "digest"):
        if field in step:
            found.append(lambda s, f=field: s.update({f: changed(s[f])}))
    if "error" in step:
        found.append(lambda s: s.pop("error"))
    else:
        found.append(lambda s: s.update(error={}))
    return found


def planted(path):
    """The scenarios of a file, each several times with another mistake."""
    with open(path, encoding="utf-8") as file:
        corpus = json.load(file)
    chance = random.Random(7)
    made = []
    for scenario in corpus["scenarios"]:
        steps = scenario["steps"]
        all_places = [(i, n) for i, step in enumerate(steps) for n in range(len(places(step)))]
        for i, n in chance.sample(all_places, min(PLACES, len(all_places))):
            wrong = copy.deepcopy(scenario)
            before = json.dumps(wrong["steps"][i])
            places(wrong["steps"][i])[n](wrong["steps"][i])
            assert json.dumps(wrong["steps"][i]) != before
            wrong["name"] += f", step {i + 1}: {json.dumps(wrong['steps'][i])[:2000]}"
            made.append(wrong)
    return {"about": "planted mistakes", "scenarios": made}
