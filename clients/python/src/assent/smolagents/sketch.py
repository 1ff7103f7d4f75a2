"""A digest of a tool's output by which outputs are compared: docs/design/drift.md has the algorithm."""

from __future__ import annotations

import json
from typing import Any

from .. import digests


def sketch_of(result: Any) -> str:
    """256 hex digits; empty for an empty output, and for one that has no text of its own (an image, an object)."""
    text = _text_of(result)
    return "" if text is None else digests.sketch_of(text)


def _text_of(result: Any) -> str | None:
    if isinstance(result, str):
        return str.__str__(result)
    try:
        return json.dumps(result, sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return None
