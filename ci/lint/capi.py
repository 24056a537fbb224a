"""Reads the functions and statuses that the public headers declare."""

import re
from dataclasses import dataclass

from common import blank_noise, code_files, read

HEADERS = "capi/include/"


@dataclass
class Function:
    name: str
    prototype: str  # on one line, without CAIRN_API
    header: str
    line: int
    comment: str


def headers():
    return code_files(HEADERS)


def _comment_before(text, start):
    """The /** comment that ends right before `start`, or nothing."""
    before = text[:start].rstrip()
    if not before.endswith("*/"):
        return ""
    comment = before[before.rfind("/*") :]
    return comment if comment.startswith("/**") else ""


def functions():
    """Every function marked CAIRN_API, in the order of headers and lines."""
    found = []
    for header in headers():
        text = read(header)
        code = blank_noise(text)
        for match in re.finditer(r"^CAIRN_API\s+([^;{]*?\b(cairn_\w+)\s*\([^;{]*\))\s*;", code, re.M):
            found.append(
                Function(
                    name=match.group(2),
                    prototype=re.sub(r"\s+", " ", match.group(1)),
                    header=header.as_posix(),
                    line=code.count("\n", 0, match.start()) + 1,
                    comment=_comment_before(text, match.start()),
                )
            )
    return found


def statuses():
    """Every status with its number, as 'CAIRN_OK = 0'."""
    code = blank_noise(read(HEADERS + "cairn/status.h"))
    return [f"{name} = {number}" for name, number in re.findall(r"\b(CAIRN_\w+)\s*=\s*(\d+)", code)]
