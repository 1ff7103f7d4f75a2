"""Arguments: what is decided is what runs, in whatever types it comes."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from assent.canonical import canonicalize
from assent.smolagents.arguments import Binding, CannotFreeze, freeze
from assent.smolagents.callables import mark_governed, shielded
from assent.smolagents.sketch import sketch_of

PLAIN = {"text": "é", "number": 1.5, "list": [1, {"a": None}], "flag": True}
ODD = [
    (1, 2),
    {"a": (1, 2)},
    2**60,
    float("nan"),
    b"\xff\x00",
    datetime.date(2026, 11, 28),
    {1: "one"},
    {"set": {1, 2}},
    "\ud800",
]


def test_plain_arguments_are_decided_as_they_are() -> None:
    assert freeze(PLAIN).json == PLAIN


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_whatever_runs_can_be_decided(value: Any) -> None:
    frozen = freeze({"value": value})
    canonicalize(frozen.json)
    ran = frozen.as_decided(frozen.json)["value"]
    assert type(ran) is type(value) and repr(ran) == repr(value)


def test_redaction_of_the_decision_runs() -> None:
    frozen = freeze({"a": {"password": "x", "day": datetime.date(2026, 1, 1)}, "b": (1, 2)})
    decided = {"a": {**frozen.json["a"], "password": "***"}, "b": [1, 2]}
    assert frozen.as_decided(decided) == {"a": {"password": "***", "day": datetime.date(2026, 1, 1)}, "b": (1, 2)}


def test_nobody_changes_what_was_frozen() -> None:
    inner = [1]
    frozen = freeze({"a": inner})
    inner.append(2)
    first = frozen.as_decided(frozen.json)
    first["a"].append(3)
    assert frozen.as_decided(frozen.json) == {"a": [1]} == frozen.json


def test_subclasses_are_read_past_their_methods() -> None:
    class Sly(str):
        def __str__(self) -> str:
            return "harmless"

        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = str.__hash__

    frozen = freeze({"path": Sly("/etc")})
    assert frozen.json == {"path": "/etc"} and type(frozen.as_decided(frozen.json)["path"]) is str


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (print, "callable"),
        ({"$object": "datetime.date", "text": "2026-01-01"}, "describes objects"),
        ((each for each in "ab"), "cannot be copied"),
        ({(1, 2): "x"}, "key of type tuple"),
    ],
)
def test_what_cannot_be_frozen_is_refused(value: Any, why: str) -> None:
    with pytest.raises(CannotFreeze, match=why):
        freeze({"value": value})


def rename(path: str, /, name: str = "new", *rest: int, force: bool = False, **more: Any) -> Any:
    return path, name, rest, force, more


@pytest.mark.parametrize(
    ("args", "kwargs", "named"),
    [
        (("/a",), {}, {"path": "/a", "name": "new", "force": False}),
        (("/a", "b", 1, 2), {"force": True}, {"path": "/a", "name": "b", "rest": [1, 2], "force": True}),
        (("/a",), {"name": "c", "deep": 3}, {"path": "/a", "name": "c", "force": False, "deep": 3}),
    ],
)
def test_arguments_are_named_and_called_again(args: Any, kwargs: Any, named: Any) -> None:
    binding = Binding.of(rename)
    assert binding.named(args, kwargs) == named
    assert binding.call(rename, named) == rename(*args, **kwargs)


def test_name_of_a_parameter_cannot_come_twice() -> None:
    with pytest.raises(TypeError):
        Binding.of(rename).named(("/a",), {"path": "/b"})


def test_callables_in_data_are_replaced() -> None:
    governed = mark_governed(lambda: None)
    data: dict[str, Any] = {"a": [print, 1], "b": (governed,), "c": ValueError}
    found: list[str] = []

    def wrap(name: str, function: Any) -> Any:
        found.append(name)
        return "replaced"

    assert shielded(data, "", wrap) == {"a": ["replaced", 1], "b": (governed,), "c": ValueError}
    assert found == [".a.0"] and data["a"][0] is print


def test_data_without_callables_is_handed_on_as_it_is() -> None:
    data = {"a": [1, 2]}
    assert shielded(data, "", lambda name, function: None) is data


def test_sketches() -> None:
    assert sketch_of("") == "" and sketch_of(object()) == ""
    assert len(sketch_of("a")) == len(sketch_of("a" * 100_000)) == 256
    assert sketch_of("the same") == sketch_of("the same") != sketch_of("another")
    assert sketch_of({"a": 1, "b": 2}) == sketch_of({"b": 2, "a": 1})


VECTORS = Path(__file__).parents[4] / "vectors" / "sketches.json"


def test_sketches_are_those_of_every_other_implementation() -> None:
    vectors = json.loads(VECTORS.read_text("utf-8"))["texts"]
    assert len(vectors) > 10
    for vector in vectors:
        assert sketch_of(vector["text"] * vector["repeated"]) == vector["sketch"]
