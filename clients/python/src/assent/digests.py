"""Digests that other programs compute too: of a call as it will run, and sketches of outputs, which can be compared.

docs/design/audit.md and docs/design/drift.md have the algorithms; `vectors/` has what they give.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from typing import Any, Mapping

from .canonical import canonicalize_around


def call_digest(tool: str, args: Mapping[str, Any]) -> str:
    """By which a token is bound to a call: base64url of SHA-256(`assent.call.v1` ‖ 0x00 ‖ JCS({tool, args}))."""
    text = canonicalize_around({"tool": tool, "args": dict(args)})
    digest = hashlib.sha256(b"assent.call.v1\0" + text.encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


_TEXT_BYTES_MAX = 16_384
_LANES = 128


def sketch_of(text: str) -> str:
    """256 hex digits, as an outcome carries them; empty for an empty text."""
    # No more than counts, and one: it may be the half of a pair.
    well_formed = text[: _TEXT_BYTES_MAX + 1].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    data = well_formed.encode("utf-8")[:_TEXT_BYTES_MAX]
    if not data:
        return ""
    lowest: list[int | None] = [None] * _LANES
    for gram in {int.from_bytes(data[at : at + 4], "big") for at in range(max(1, len(data) - 3))}:
        value, lane = divmod(_mix(gram), _LANES)
        before = lowest[lane]
        lowest[lane] = value if before is None or value < before else before
    return bytes(0 if value is None else value % 255 + 1 for value in lowest).hex()


def drift_of(baseline: str, sketch: str) -> float | None:
    """How far the text of one sketch is from that of another, 0 to 1 in steps of 0.0001. None where one is no sketch."""
    if not (_SKETCH.fullmatch(baseline) and _SKETCH.fullmatch(sketch)):
        return None
    lanes = [pair for pair in zip(bytes.fromhex(baseline), bytes.fromhex(sketch)) if pair != (0, 0)]
    if not lanes:
        return 0.0
    same = sum(one == other for one, other in lanes)
    share = 2 * same / (len(lanes) + same)
    return math.floor((1 - math.sqrt(math.sqrt(share))) * 10_000 + 0.5) / 10_000


_SKETCH = re.compile("[0-9a-f]{256}")


def _mix(gram: int) -> int:
    """The last step of MurmurHash3."""
    gram ^= gram >> 16
    gram = gram * 0x85EBCA6B & 0xFFFFFFFF
    gram ^= gram >> 13
    gram = gram * 0xC2B2AE35 & 0xFFFFFFFF
    return gram ^ gram >> 16
