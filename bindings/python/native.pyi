from typing import Any, Callable, Sequence, final

from ._values import Buffer, Key, Metadata

@final
class Handle:
    """A handle of the library. It is closed once, or when nobody has it any more."""

    @property
    def closed(self) -> bool: ...

def configure(
    error: Callable[[int, str, str, int, bool], BaseException],
    closed: Callable[[str], BaseException],
    big_int: type[int],
    timestamp: type[object],
    undefined: object,
    /,
) -> None: ...
def encode(value: object, /) -> bytes: ...
def decode(value: Buffer, /) -> Any: ...
def encode_rows(rows: Sequence[tuple[int, Key | None, object, int, object]], /) -> bytes: ...
def decode_rows(
    batch: Buffer, /
) -> tuple[list[Any], bytes | None, list[Any], list[int] | None, list[Any] | None]: ...
def decode_values(batch: Buffer, /) -> list[dict[str, Any]]: ...
def encode_event(
    kind: int,
    number: int,
    *,
    subset_id: int = ...,
    subset: Buffer | None = ...,
    batch: Buffer | None = ...,
    id: str | None = ...,
    mutation_ids: Sequence[str] | None = ...,
    metadata: Metadata | None = ...,
    request: int = ...,
    payload: Buffer | None = ...,
    effect: int = ...,
    status: int = ...,
    message: str | None = ...,
    now_ms: int = ...,
) -> bytes: ...
def decode_effect(effect: Buffer, /) -> dict[str, Any]: ...
