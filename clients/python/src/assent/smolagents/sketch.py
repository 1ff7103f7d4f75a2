"""A digest of a tool's output by which outputs are compared: docs/design/drift.md has the algorithm."""

from __future__ import annotations

import json
from typing import Any

TEXT_BYTES_MAX = 16_384
_LANES = 128


def sketch_of(result: Any) -> str:
    """256 hex digits; empty for an empty output, and for one that has no text of its own (an image, an object)."""
    text = _text_of(result)
    return "" if text is None else sketch_of_text(text)


def _text_of(result: Any) -> str | None:
    if isinstance(result, str):
        return str.__str__(result)
    try:
        return json.dumps(result, sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return None


def sketch_of_text(text: str) -> str:
    data = text[:TEXT_BYTES_MAX].encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()[:TEXT_BYTES_MAX]
    if not data:
        return ""
    grams = {int.from_bytes(data[at : at + 4], "big") for at in range(max(1, len(data) - 3))}
    lowest = [-1] * _LANES
    for gram in grams:
        mixed = gram ^ (gram >> 16)
        mixed = mixed * 0x85EBCA6B & 0xFFFFFFFF
        mixed ^= mixed >> 13
        mixed = mixed * 0xC2B2AE35 & 0xFFFFFFFF
        mixed ^= mixed >> 16
        lane, value = mixed % _LANES, mixed // _LANES
        if lowest[lane] == -1 or value < lowest[lane]:
            lowest[lane] = value
    return bytes(0 if value == -1 else value % 255 + 1 for value in lowest).hex()
