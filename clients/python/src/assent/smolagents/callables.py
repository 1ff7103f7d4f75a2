"""Which callables are governed, and how those that come from elsewhere are found in data."""

from __future__ import annotations

import weakref
from types import BuiltinFunctionType, FunctionType
from typing import Any, Callable

#: Functions made by the wrapper. Generated code cannot reach this module's names.
_GOVERNED: weakref.WeakSet[Any] = weakref.WeakSet()
_INTERPRETER = "smolagents.local_python_executor"


def mark_governed(function: Callable[..., Any]) -> Callable[..., Any]:
    _GOVERNED.add(function)
    return function


def is_governed(value: Any) -> bool:
    """Also behind the function that the interpreter puts around it."""
    function = getattr(value, "__wrapped__", value)
    return isinstance(function, FunctionType) and function in _GOVERNED


def is_made_by_code(value: Any) -> bool:
    """Functions and classes that generated code has defined: what they do is interpreted, and their calls are governed."""
    return getattr(value, "__module__", None) == _INTERPRETER and isinstance(value, (FunctionType, type))


def shielded(value: Any, name: str, wrap: Callable[[str, Any], Any]) -> Any:
    """The value with each callable in it replaced by a governed one; containers are copied where something was replaced.

    `wrap(name, callable)` makes the governed one, or raises where it cannot.
    """
    if isinstance(value, dict):
        members = {key: shielded(member, f"{name}.{key}", wrap) for key, member in value.items()}
        return members if any(members[key] is not member for key, member in value.items()) else value
    if type(value) in (list, tuple, set, frozenset):
        items = [shielded(item, f"{name}.{index}", wrap) for index, item in enumerate(value)]
        return type(value)(items) if any(new is not old for new, old in zip(items, value)) else value
    if not callable(value) or is_governed(value) or is_made_by_code(value):
        return value
    if isinstance(value, type) and issubclass(value, BaseException):
        return value
    return wrap(name, value)


def described(function: Any) -> tuple[str | None, str | None]:
    """Name and docstring, for a function that stands for it."""
    doc = getattr(function, "description", None) or (
        function.__doc__ if isinstance(function, (FunctionType, BuiltinFunctionType)) else None
    )
    return getattr(function, "name", None) or getattr(function, "__name__", None), doc
