"""A function's arguments by name: what is decided of a call, and how what was decided is handed to the function."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, Callable, Mapping

from .calls import usage
from .canonical import Json, plain
from .decision import Decision
from .errors import AssentError

_EMPTY = inspect.Parameter.empty
_KINDS = inspect.Parameter


class Binding:
    """Of one function. `self` or `cls` of a method is no argument: it is handed on as it is."""

    def __init__(self, function: Callable[..., Any], tool: str) -> None:
        self.tool = tool
        try:
            self.signature = inspect.signature(function)
        except (TypeError, ValueError):
            raise usage(f"`{tool}` has no signature that can be read", "wrap it in a function with named parameters") from None
        names = list(self.signature.parameters)
        self.owner = names[0] if names and names[0] in ("self", "cls") else None

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> BoundCall:
        """Raises TypeError as the function itself would, and RECORD_JSON for an argument that cannot be JSON."""
        bound = self.signature.bind(*args, **kwargs)
        passed: dict[str, Any] = {}
        given: dict[str, Json] = {}
        for name, parameter in self.signature.parameters.items():
            if name == self.owner:
                passed[name] = bound.arguments[name]
            elif name not in bound.arguments:
                # A default that JSON cannot hold is the function's own affair: nobody has chosen it.
                if parameter.default is not _EMPTY:
                    try:
                        given[name] = plain(parameter.default)
                    except AssentError:
                        pass
            elif parameter.kind is _KINDS.VAR_KEYWORD:
                for key, value in bound.arguments[name].items():
                    if key in self.signature.parameters:
                        raise usage(f"`{self.tool}` is given `{key}` twice", "rename the parameter")
                    given[key] = self._plain(key, value)
            else:
                given[name] = self._plain(name, bound.arguments[name])
        return BoundCall(self.signature, given, passed)

    def _plain(self, name: str, value: Any) -> Json:
        return plain(value, f"argument `{name}` of `{self.tool}`")


@dataclass(frozen=True)
class BoundCall:
    signature: inspect.Signature
    #: Plain JSON, a copy that nobody else holds.
    args: Mapping[str, Json]
    #: Handed on as it is.
    passed: Mapping[str, Any]

    def call(self, function: Callable[..., Any], decision: Decision) -> Any:
        """Calls the function with the arguments that were decided."""
        decided = decision.args
        if decided is None:
            raise AssertionError("a call that may not run was handed to its function")
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for name, parameter in self.signature.parameters.items():
            if parameter.kind is _KINDS.VAR_POSITIONAL:
                positional.extend(as_given(decided.pop(name, []), self.args.get(name)))
            elif parameter.kind is _KINDS.VAR_KEYWORD:
                continue
            else:
                if name in self.passed:
                    value = self.passed[name]
                elif name in decided:
                    value = as_given(decided.pop(name), self.args.get(name))
                else:
                    value = parameter.default
                if parameter.kind is _KINDS.KEYWORD_ONLY:
                    named[name] = value
                else:
                    positional.append(value)
        for name, value in decided.items():
            named[name] = as_given(value, self.args.get(name))
        return function(*positional, **named)


def as_given(decided: Any, given: Any) -> Any:
    """The decided value; JSON has one kind of number, so a float comes back as a float where the caller gave one."""
    if isinstance(given, float) and isinstance(decided, int) and not isinstance(decided, bool) and decided == given:
        return float(decided)
    if isinstance(decided, list) and isinstance(given, list) and len(decided) == len(given):
        return [as_given(*pair) for pair in zip(decided, given)]
    if isinstance(decided, dict) and isinstance(given, dict):
        return {name: as_given(value, given.get(name)) for name, value in decided.items()}
    return decided
