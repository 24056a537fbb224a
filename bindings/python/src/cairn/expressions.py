"""Predicates and orders: expressions that are built with Python's operators, and evaluated by the
engine, which gives what JavaScript gives. They never change; any thread may use them."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence

from ._tables import portable

__all__ = ["Expression", "call", "coalesce", "concat", "ref", "value", "case_when"]


class Expression:
    """A part of a predicate. `==`, `<`, `&`, `|`, `~`, `+` and so on make larger ones of it; Python's
    `and`, `or`, `not` and `in` cannot be overloaded, and raise."""

    __slots__ = ("_kind", "_content", "_arguments")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, kind: str, content: Any, arguments: Sequence[Expression] = ()) -> None:
        self._kind = kind
        self._content = content
        self._arguments = tuple(arguments)

    # --- comparisons ---

    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return call("eq", self, other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return call("not", call("eq", self, other))

    def __lt__(self, other: object) -> Expression:
        return call("lt", self, other)

    def __le__(self, other: object) -> Expression:
        return call("lte", self, other)

    def __gt__(self, other: object) -> Expression:
        return call("gt", self, other)

    def __ge__(self, other: object) -> Expression:
        return call("gte", self, other)

    def in_(self, values: Sequence[object]) -> Expression:
        """Whether it is one of these."""
        return call("in", self, list(values))

    def like(self, pattern: object) -> Expression:
        """Whether a text fits a pattern, with % for any characters and _ for one."""
        return call("like", self, pattern)

    def ilike(self, pattern: object) -> Expression:
        """The same, whatever the case of letters."""
        return call("ilike", self, pattern)

    def is_null(self) -> Expression:
        """Whether it is null; a field that is not there is undefined."""
        return call("isNull", self)

    def is_undefined(self) -> Expression:
        """Whether the row has no such field."""
        return call("isUndefined", self)

    # --- logic ---

    def __and__(self, other: object) -> Expression:
        return call("and", self, other)

    def __rand__(self, other: object) -> Expression:
        return call("and", other, self)

    def __or__(self, other: object) -> Expression:
        return call("or", self, other)

    def __ror__(self, other: object) -> Expression:
        return call("or", other, self)

    def __invert__(self) -> Expression:
        return call("not", self)

    def __bool__(self) -> bool:
        raise TypeError("an expression is neither true nor false here: use &, |, ~ and in_()")

    def __contains__(self, other: object) -> bool:
        raise TypeError("use in_() to ask whether something is one of several values")

    def __iter__(self) -> Any:
        raise TypeError("an expression has no items")

    # --- numbers and texts ---

    def __add__(self, other: object) -> Expression:
        return call("add", self, other)

    def __radd__(self, other: object) -> Expression:
        return call("add", other, self)

    def __sub__(self, other: object) -> Expression:
        return call("subtract", self, other)

    def __rsub__(self, other: object) -> Expression:
        return call("subtract", other, self)

    def __mul__(self, other: object) -> Expression:
        return call("multiply", self, other)

    def __rmul__(self, other: object) -> Expression:
        return call("multiply", other, self)

    def __truediv__(self, other: object) -> Expression:
        return call("divide", self, other)

    def __rtruediv__(self, other: object) -> Expression:
        return call("divide", other, self)

    def upper(self) -> Expression:
        return call("upper", self)

    def lower(self) -> Expression:
        return call("lower", self)

    def length(self) -> Expression:
        """How long a text or an array is."""
        return call("length", self)

    def __getitem__(self, field: str) -> Expression:
        """The field of an object in a field."""
        if self._kind != "Reference":
            raise TypeError("only a reference has fields")
        if not isinstance(field, str):
            raise TypeError("a field is named by a str")
        return Expression("Reference", [*self._content, field])

    def __repr__(self) -> str:
        if self._kind == "Reference":
            return f"ref({', '.join(map(repr, self._content))})"
        if self._kind == "Value":
            return repr(self._content)
        return f"{self._content}({', '.join(map(repr, self._arguments))})"

    def _nodes(self) -> List[Dict[str, Any]]:
        """The nodes of the engine's Expression table, children first."""
        nodes: List[Dict[str, Any]] = []
        # Depth first without recursion: the engine bounds the depth, and says so.
        positions: List[int] = []
        work: List[tuple[Expression, bool]] = [(self, False)]
        while work:
            expression, visited = work.pop()
            if not visited and expression._arguments:
                work.append((expression, True))
                work.extend((argument, False) for argument in reversed(expression._arguments))
                continue
            count = len(expression._arguments)
            arguments = positions[len(positions) - count :]
            del positions[len(positions) - count :]
            nodes.append(expression._node(arguments))
            positions.append(len(nodes) - 1)
        return nodes

    def _node(self, arguments: List[int]) -> Dict[str, Any]:
        if self._kind == "Reference":
            return {"kind": "Reference", "path": portable(self._content)}
        if self._kind == "Value":
            return {"kind": "Value", "value": portable(self._content)}
        return {"kind": "Call", "function": self._content, "arguments": arguments}

    def _table(self) -> Dict[str, Any]:
        return {"nodes": self._nodes()}


def ref(*path: str) -> Expression:
    """A field of the row, or by a longer path a field of an object in it. Names are taken as they are:
    a dot in one is a dot."""
    if not path or not all(isinstance(name, str) for name in path):
        raise TypeError("a reference needs the names of fields, from the row's own down")
    return Expression("Reference", list(path))


def value(of: object) -> Expression:
    """A constant, for where Python would not make one by itself."""
    return of if isinstance(of, Expression) else Expression("Value", of)


def call(function: str, *arguments: object) -> Expression:
    """One of the engine's functions by its name, such as call("upper", ref("name"))."""
    return Expression("Call", function, [value(argument) for argument in arguments])


def concat(*parts: object) -> Expression:
    return call("concat", *parts)


def coalesce(*parts: object) -> Expression:
    """The first of these that is neither null nor undefined."""
    return call("coalesce", *parts)


def case_when(*parts: object) -> Expression:
    """condition, result, condition, result, ... and what it is otherwise."""
    return call("caseWhen", *parts)
