"""Canonical JSON (RFC 8785) of I-JSON (RFC 7493): one value has one text, in every language.

What is not I-JSON is refused, and the place is named, never the text: keys that are no strings, lone surrogates, NaN and
infinities, integers that a double would round, nesting beyond 64 levels, and everything that JSON has no form for.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, Union

from .errors import AssentError

Json = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]

DEPTH_MAX = 64

_HELP = "pass texts, numbers, booleans, None, lists, tuples and dicts with text keys: their JSON is decided and run"


def plain(value: Any, what: str = "the value") -> Json:
    """A copy in plain JSON types that nobody else holds. Raises RECORD_JSON or RECORD_DEPTH, and names the member."""
    return _plain(value, what, "", DEPTH_MAX)


def canonicalize(value: Any) -> str:
    """The canonical text. Raises what `plain` raises."""
    return _text(plain(value))


def canonicalize_around(members: dict[str, Any]) -> str:
    """The canonical text of an object that has arguments as one of its members: they may be as deep as alone."""
    return _text(_plain(members, "the request", "", DEPTH_MAX + 1))


def _plain(value: Any, what: str, at: str, depth: int) -> Json:
    # Subclasses (an enum of texts, numpy's float64) are read as what they are underneath, past their own methods.
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _well_formed(str.__str__(value), what, at)
    if isinstance(value, int):
        number = int.__index__(value)
        if not _is_exact(number):
            raise _refused(what, at, "is an integer too large to be exact: pass it as a text")
        return number
    if isinstance(value, float):
        real = float.__float__(value)
        if real != real or real in (float("inf"), float("-inf")):
            raise _refused(what, at, f"is {real}, which JSON cannot hold")
        return real
    if isinstance(value, (list, tuple)):
        if depth == 0:
            raise _too_deep(what)
        items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
        return [_plain(item, what, f"{at}/{index}", depth - 1) for index, item in enumerate(items)]
    if isinstance(value, dict):
        if depth == 0:
            raise _too_deep(what)
        members: dict[str, Json] = {}
        for key, member in dict.items(value):
            if not isinstance(key, str):
                raise _refused(what, at, f"has a key that is of type {type(key).__name__}, and no text")
            name = _well_formed(str.__str__(key), what, f"{at} (a key)")
            if name in members:
                raise _refused(what, at, "has a key twice")
            members[name] = _plain(member, what, f"{at}/{_pointer(name)}", depth - 1)
        return members
    raise _refused(what, at, f"is of type {type(value).__name__}, which JSON has no form for")


def _is_exact(number: int) -> bool:
    """As the gateway reads it: an integer is the text that its double is written as."""
    if -(2**53) <= number <= 2**53:
        return True
    try:
        return _number(float(number)) == str(number)
    except OverflowError:
        return False


def _well_formed(text: str, what: str, at: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _refused(what, at, "holds a lone surrogate") from None
    return text


def _pointer(name: str) -> str:
    escaped = name.replace("~", "~0").replace("/", "~1")
    return escaped if len(escaped) <= 64 else escaped[:64] + "…"


def _refused(what: str, at: str, why: str) -> AssentError:
    place = f" at `{at}`" if at else ""
    return AssentError("RECORD_JSON", f"{what} cannot be JSON:{place} it {why}", _HELP)


def _too_deep(what: str) -> AssentError:
    return AssentError("RECORD_DEPTH", f"{what} cannot be JSON: it is nested deeper than {DEPTH_MAX} levels", _HELP)


def _text(value: Json) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return str(value) if -(2**53) <= value <= 2**53 else _number(float(value))
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    names = sorted(value, key=_by_code_units)
    return "{" + ",".join(f"{_quoted(name)}:{_text(value[name])}" for name in names) + "}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _by_code_units(text: str) -> bytes:
    return text.encode("utf-16-be")


def _number(value: float) -> str:
    """As ECMAScript writes a finite double: the shortest digits, in plain notation from 1e-6 up to below 1e21."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"not finite: {value}")
    figures = "".join(map(str, digits)).rstrip("0")
    # The value is 0.figures × 10^point.
    point = len(digits) + exponent
    count = len(figures)
    if count <= point <= 21:
        text = figures + "0" * (point - count)
    elif 0 < point <= 21:
        text = f"{figures[:point]}.{figures[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{figures}"
    else:
        power = point - 1
        mantissa = figures if count == 1 else f"{figures[0]}.{figures[1:]}"
        text = f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"
    return f"-{text}" if sign else text
