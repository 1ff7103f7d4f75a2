"""Canonical JSON and digests: the vectors, and random values against the implementation in TypeScript."""

from __future__ import annotations

import json
import os
import random
import struct
from typing import Any

import pytest
from assent import AssentError, call_digest, canonicalize, drift_of, sketch_of
from repository import node, vectors

SEED = int(os.environ.get("ASSENT_SEED") or random.randrange(2**32))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785, appendix B.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1.0000000000000001e23, "1.0000000000000001e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (999999999999999900000.0, "999999999999999900000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.33333329, "333333333.3333333"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (100, "100"),
        (100.0, "100"),
        (True, "true"),
        (None, "null"),
        ("\u20ac$\x0f\nA'B\"\\\\\"/", '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}, None),
        ((1, [2]), "[1,[2]]"),
    ],
)
def test_values_are_written_as_the_standard_says(value: Any, text: str | None) -> None:
    if text is None:
        keys = list(json.loads(canonicalize(value)))
        assert keys == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    else:
        assert canonicalize(value) == text


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 10**400, float("inf"), "\udc00", {"\ud800": 1}, {None: 1}, {1}])
def test_what_is_no_i_json_is_refused(value: Any) -> None:
    with pytest.raises(AssentError):
        canonicalize(value)


def drawn(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.randrange(9 if depth < 4 else 7)
    if kind == 0:
        return draw.choice([None, True, False, 0.0, -0.0, 1e21, 1e-7, 2**53, -(2**53)])
    if kind == 1:
        return draw.randint(-(2**53), 2**53)
    if kind in (2, 3):
        while True:
            number: float = struct.unpack("<d", draw.randbytes(8))[0]
            if number == number and abs(number) != float("inf"):
                return number
    if kind == 4:
        return round(draw.uniform(-1e6, 1e6), draw.randrange(8))
    if kind in (5, 6):
        return drawn_text(draw)
    if kind == 7:
        return [drawn(draw, depth + 1) for _ in range(draw.randrange(5))]
    return {drawn_text(draw): drawn(draw, depth + 1) for _ in range(draw.randrange(5))}


def drawn_text(draw: random.Random) -> str:
    bounds = draw.choice([(0, 0x7F), (0, 0x2FF), (0x2000, 0x2FFF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)])
    return "".join(chr(draw.randint(*bounds)) for _ in range(draw.randrange(8)))


def test_random_values_are_written_as_in_typescript() -> None:
    print("ASSENT_SEED", SEED)
    draw = random.Random(SEED)
    values = [drawn(draw) for _ in range(3_000)]
    program = """
        import { text } from "node:stream/consumers";
        import { canonicalize } from "./dist/core/base/canonical-json.js";
        const values = JSON.parse(await text(process.stdin));
        console.log(JSON.stringify(values.map((value) => canonicalize(value))));
    """
    assert [canonicalize(value) for value in values] == node(program, values)


def test_sketches_and_drifts_are_those_of_the_vectors() -> None:
    known = vectors("sketches.json")
    sketches = {each["name"]: each["sketch"] for each in known["texts"]}
    for each in known["texts"]:
        assert sketch_of(each["text"] * each["repeated"]) == each["sketch"], each["name"]
    assert len(sketches) > 5
    for each in known["drifts"]:
        assert drift_of(sketches[each["baseline"]], sketches[each["other"]]) == each["drift"]
    assert len(known["drifts"]) > 3
    assert drift_of("", known["texts"][1]["sketch"]) is None


def strictly(text: str) -> Any:
    """Python's own reader takes the last of two members with one name."""

    def once(members: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(members)) < len(members):
            raise ValueError("a member is given twice")
        return dict(members)

    return json.loads(text, object_pairs_hook=once)


@pytest.mark.parametrize("vector", vectors("canonical-json.json")["texts"], ids=lambda vector: vector["name"])
def test_texts_are_canonical_as_in_the_vectors(vector: dict[str, Any]) -> None:
    if vector["fault"] is None:
        assert canonicalize(strictly(vector["json"])) == vector["canonical"]
        return
    with pytest.raises((AssentError, ValueError)) as caught:
        canonicalize(strictly(vector["json"]))
    if isinstance(caught.value, AssentError):
        assert caught.value.code == vector["fault"]


@pytest.mark.parametrize("vector", vectors("call-digests.json")["calls"], ids=lambda vector: vector["name"])
def test_digests_of_calls_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    as_run = json.loads(vector["asRun"])
    assert canonicalize(as_run) == vector["asRun"]
    assert call_digest(vector["tool"], as_run) == vector["digest"]
