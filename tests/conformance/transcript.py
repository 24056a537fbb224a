"""What a language's runner has said in a scenario. All languages have to say the same, whether or not the scenario
asks for it; README.md, 'Transcripts', says what is left out. Any thread.
"""

import re

from compare import parse, value_of
from languages import integers_first
from runner import bytes_of

ROW = "\x1e"
# What is another at every run: the scenario's folder, and the time at which a damaged file was put aside.
PASSING = re.compile(rb"cairn-conformance-\w{8}|damaged-\d{8}T\d{6}Z")


class Transcript:
    def __init__(self):
        self.said = []

    def add(self, words, status, answer):
        if words[0] == "next" and status not in ("CAIRN_OK", "CAIRN_QUESTION", "CAIRN_DONE"):
            # What a cursor gives before it fails depends on how far a language reads ahead.
            while self.said and self.said[-1][0] == words:
                self.said.pop()
        self.said.append((words, status, answer))

    def difference(self, other, tables):
        """The first one, in words; None where there is none."""
        for one, another in zip(self.said, other.said):
            if not _are_refusals(one[1], another[1]):
                heard = [_heard(*said, tables) for said in (one, another)]
                if heard[0] != heard[1]:
                    return " ".join(one[0])[:200] + _shown(*heard)
        if len(self.said) != len(other.said):
            return f"{len(self.said)} calls, and {len(other.said)}"
        return None


def _are_refusals(*statuses):
    """A language may refuse a value before the engine sees it, in its own words."""
    return "REFUSED" in statuses and "CAIRN_OK" not in statuses


def _heard(words, status, answer, tables):
    """What counts of an answer, as a list."""
    call, *rest = words
    if call in ("database", "batch_from_json") and status == "CAIRN_OK" or status == "CAIRN_NOT_FOUND":
        return [status]
    if call == "take" and rest[0].startswith("coordinator"):
        actions = (tables.read("CoordinatorAction", bytes_of(word)) for word in answer)
        return [status, *({**action, "message": "message" in action} for action in actions)]
    if call == "next" and status == "CAIRN_OK":
        return [status, _rows(answer[1])]  # and not how the engine has encoded them
    if call == "get" and status == "CAIRN_OK":
        return [status, value_of(integers_first(parse(answer[0])))]
    return [status, *map(_plain, answer)]


def _plain(word):
    if word.startswith("="):
        return PASSING.sub(b"", bytes_of(word))
    return _rows(word) if word.startswith("{") else word


def _rows(word):
    rows = (parse(row) for row in word.split(ROW) if row)
    return [{name: value_of(integers_first(one)) for name, one in row.items()} for row in rows]


def _shown(one, another):
    """The first words that differ."""
    at = next((i for i, pair in enumerate(zip(one, another)) if pair[0] != pair[1]), min(len(one), len(another)))
    return "".join(f"\n      {str(heard[at] if at < len(heard) else None)[:1500]}" for heard in (one, another))
