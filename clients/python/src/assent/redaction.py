"""The arguments as a decision lets them run: what the policy redacts is replaced, and nothing else is another than was asked for."""

from __future__ import annotations

from typing import Sequence

from .canonical import Json

REDACTED = "[redacted]"


def redacted(args: Json, pointers: Sequence[str]) -> Json:
    """The arguments with the values at these JSON pointers (RFC 6901) replaced; pointers to nothing are passed over."""
    for pointer in pointers:
        path = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
        if path:
            args = _replaced(args, path)
    return args


def _replaced(value: Json, path: Sequence[str]) -> Json:
    if not path:
        return REDACTED
    head, rest = path[0], path[1:]
    if isinstance(value, list):
        at = int(head) if head.isascii() and head.isdigit() else len(value)
        return [_replaced(each, rest) if index == at else each for index, each in enumerate(value)]
    if isinstance(value, dict) and head in value:
        return {**value, head: _replaced(value[head], rest)}
    return value
