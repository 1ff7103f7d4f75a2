"""Arguments of a call: bound to names once, frozen, and written as JSON for the decision.

What is decided is derived from the frozen copy, and the frozen copy is what runs: nobody who holds the original object can change
either in between. Values that JSON has no form for (an image, a date) are decided by a description, `{"$object": type, …}`.
"""

from __future__ import annotations

import copy
import hashlib
import inspect
import math
from dataclasses import dataclass
from typing import Any, Callable, Collection, Mapping

from .callables import is_governed, is_made_by_code

OBJECT = "$object"
#: Largest text that describes a value of a type that JSON has no form for.
DESCRIPTION_LENGTH_MAX = 2_000
DEPTH_MAX = 48
INTEGER_MAX = 2**53


class CannotFreeze(TypeError):
    """An argument that cannot be decided and run as one and the same value."""


@dataclass(frozen=True)
class FrozenArguments:
    """What is asked for: `json` is decided, `values` run."""

    json: dict[str, Any]
    #: The same by name, in Python's types.
    values: dict[str, Any]

    def as_decided(self, decided: dict[str, Any] | None) -> dict[str, Any]:
        """What may run: a redaction shows here, and what was described is the frozen object again.

        Each call makes new containers, so that a tool that changes its arguments changes nothing that was recorded.
        """
        if decided is None:
            raise CannotFreeze("an allowed call without arguments")
        return {name: _restored(value, self.json.get(name), self.values.get(name)) for name, value in decided.items()}


def freeze(arguments: Mapping[str, Any]) -> FrozenArguments:
    """Raises CannotFreeze and names the argument."""
    values: dict[str, Any] = {}
    described: dict[str, Any] = {}
    for name, value in arguments.items():
        values[name] = _copied(value, name, DEPTH_MAX)
        described[name] = _described(values[name], name)
    return FrozenArguments(described, values)


def _copied(value: Any, at: str, depth: int) -> Any:
    # Subclasses of plain types are read past their own methods: generated code can define some.
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if depth == 0:
        raise CannotFreeze(f"the argument `{at}` is nested deeper than {DEPTH_MAX} levels")
    if isinstance(value, dict):
        return {_key(key, at): _copied(member, at, depth - 1) for key, member in dict.items(value)}
    if isinstance(value, list):
        return [_copied(item, at, depth - 1) for item in list.__iter__(value)]
    if isinstance(value, tuple):
        return tuple(_copied(item, at, depth - 1) for item in tuple.__iter__(value))
    return _copied_object(value, at)


def _key(key: Any, at: str) -> Any:
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, (bool, int, float)):
        return key
    raise CannotFreeze(f"the argument `{at}` has a key of type {type(key).__name__}: pass texts as keys")


def _copied_object(value: Any, at: str) -> Any:
    kind = type(value)
    if callable(value) and not is_governed(value) and not is_made_by_code(value):
        raise CannotFreeze(f"the argument `{at}` is a callable that nothing governs: make it a tool of the agent")
    if is_made_by_code(kind):
        raise CannotFreeze(f"the argument `{at}` is of a class that the code defines: pass plain data")
    try:
        return copy.deepcopy(value)
    except Exception:
        raise CannotFreeze(f"the argument `{at}` of type {kind.__name__} cannot be copied: pass plain data") from None


def _described(value: Any, at: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if _is_well_formed(value) else _object(value, value.encode("unicode_escape").decode("ascii"))
    if isinstance(value, int):
        return value if -INTEGER_MAX < value < INTEGER_MAX else _object(value, str(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else _object(value, str(value))
    if isinstance(value, (list, tuple)):
        return [_described(item, at) for item in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) and _is_well_formed(key) for key in value):
            if OBJECT in value:
                raise CannotFreeze(f"the argument `{at}` has the key `{OBJECT}`, which describes objects")
            return {key: _described(member, at) for key, member in value.items()}
        items = [[_described(key, at), _described(member, at)] for key, member in value.items()]
        return {OBJECT: "dict", "items": items}
    return _object(value, _text_of(value), _digest_of(value))


def _object(value: Any, text: str, digest: str | None = None) -> dict[str, Any]:
    kind = type(value)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    shown = text if len(text) <= DESCRIPTION_LENGTH_MAX else text[: DESCRIPTION_LENGTH_MAX - 1] + "…"
    return {OBJECT: name, "text": shown, **({} if digest is None else {"sha256": digest})}


def _text_of(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "backslashreplace")
    if hasattr(value, "tobytes") and hasattr(value, "size"):
        return f"size {value.size}"
    try:
        text = str(value)
    except Exception:
        return ""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _digest_of(value: Any) -> str | None:
    try:
        content = bytes(value) if isinstance(value, (bytes, bytearray)) else value.tobytes()
    except Exception:
        return None
    return hashlib.sha256(content).hexdigest()


def _is_well_formed(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _restored(decided: Any, asked: Any, value: Any) -> Any:
    """The frozen value, where the decision left it as it was asked for; what the decision says, where it did not."""
    if decided == asked and type(decided) is type(asked):
        return _copied(value, "", DEPTH_MAX)
    if isinstance(decided, dict) and isinstance(asked, dict) and isinstance(value, dict) and OBJECT not in asked:
        return {key: _restored(member, asked.get(key), value.get(key)) for key, member in decided.items()}
    if isinstance(decided, list) and isinstance(asked, list) and len(decided) == len(asked) == len(value):
        return [_restored(*each) for each in zip(decided, asked, value)]
    return decided


@dataclass(frozen=True)
class Binding:
    """How a callable's arguments are named, and how a call is made of the names again."""

    signature: inspect.Signature | None

    @classmethod
    def of(cls, function: Callable[..., Any], names: Collection[str] | None = None) -> Binding:
        """`names`: those of a tool's inputs, where the signature may say `self` of a function that has none."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):
            return cls(None)
        if names is not None and "self" in signature.parameters and "self" not in names:
            rest = [each for name, each in signature.parameters.items() if name != "self"]
            signature = signature.replace(parameters=rest)
        return cls(signature)

    def named(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Raises TypeError where the call does not fit, as the call itself would. Defaults that are plain are part of it."""
        if self.signature is None:
            return {**({"args": list(args)} if args else {}), **kwargs}
        bound = self.signature.bind(*args, **kwargs)
        named: dict[str, Any] = {}
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                if bound.arguments.get(name):
                    named[name] = list(bound.arguments[name])
            elif parameter.kind is parameter.VAR_KEYWORD:
                extra = bound.arguments.get(name, {})
                if set(extra) & set(self.signature.parameters):
                    raise TypeError(f"an argument is named as a parameter that it is not: {', '.join(extra)}")
                named.update(extra)
            elif name in bound.arguments:
                named[name] = bound.arguments[name]
            elif isinstance(parameter.default, (str, bool, int, float, type(None))):
                named[name] = parameter.default
        return named

    def call(self, function: Callable[..., Any], named: dict[str, Any], **extra: Any) -> Any:
        """Calls with exactly what was named."""
        if self.signature is None:
            rest = {key: value for key, value in named.items() if key != "args"}
            return function(*named.get("args", []), **rest, **extra)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        rest = dict(named)
        # Positions are given by name wherever a name is possible, unless a list of positions follows.
        has_positions = any(
            parameter.kind is parameter.VAR_POSITIONAL and rest.get(name)
            for name, parameter in self.signature.parameters.items()
        )
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is parameter.VAR_KEYWORD or name not in rest:
                continue
            value = rest.pop(name)
            if parameter.kind is parameter.VAR_POSITIONAL:
                args.extend(value)
            elif parameter.kind is parameter.POSITIONAL_ONLY or (
                has_positions and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
            ):
                args.append(value)
            else:
                kwargs[name] = value
        return function(*args, **kwargs, **rest, **extra)
