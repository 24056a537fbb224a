"""The library, once it was compared with what this package was made from. Any thread may use it."""

from __future__ import annotations

import os
from typing import Optional, Tuple, TypeVar, Union

from . import _cairn as api
from ._errors import Cancelled, Closed, error_of
from ._schemas import ABI_VERSION, SCHEMA_HASH
from ._values import UNDEFINED, BigInt, Timestamp

api.configure(error_of, Closed, BigInt, Timestamp, UNDEFINED)
api.cairn_check_version(ABI_VERSION, SCHEMA_HASH)

__all__ = ["api", "path_text", "result", "ended"]

T = TypeVar("T")


def ended(status: int) -> bool:
    """Whether there is nothing (more): CAIRN_DONE or CAIRN_NOT_FOUND. Raises where it was cancelled."""
    if status == api.CAIRN_CANCELLED:
        raise Cancelled(status, api.cairn_status_name(status), "the call was interrupted")
    return status != api.CAIRN_OK


def result(given: Tuple[int, Optional[T]]) -> T:
    """Gives what a call puts out that always puts something out."""
    status, out = given
    if ended(status) or out is None:
        raise error_of(status, api.cairn_status_name(status), "there is no such thing")
    return out


def path_text(path: Union[str, "os.PathLike[str]"]) -> str:
    """The library's paths are UTF-8."""
    return os.fspath(path)
