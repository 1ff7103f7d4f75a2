"""`assent.guard`: a guard with a client that is made when a guarded function is first called."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence, overload

from .async_client import AsyncClient
from .calls import OnHold
from .client import Client, Function, decorator
from .guard import guard_blocking, is_asynchronous
from .guard_async import guard_async

if TYPE_CHECKING:
    from .guard import GuardOptions

_lock = threading.Lock()


def _in_child() -> None:
    """After a fork: a thread that the child has not may hold the lock."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)

_client: Client | None = None
_async_client: AsyncClient | None = None


def _blocking() -> Client:
    global _client
    with _lock:
        _client = _client or Client()
        return _client


def _asynchronous() -> AsyncClient:
    global _async_client
    # One program is one session.
    session = _blocking().session
    with _lock:
        _async_client = _async_client or AsyncClient(session=session)
        return _async_client


@overload
def guard(tool: Function, /) -> Function: ...


@overload
def guard(
    tool: str | None = None,
    /,
    *,
    usage_of: Callable[[Any], Mapping[str, Any] | None] | None = None,
    output_of: Callable[[Any], str] | None = None,
    estimate: Mapping[str, Any] | None = None,
    session: str | None = None,
    agent: str | None = None,
    actor: Sequence[str] | None = None,
    facts: Mapping[str, Any] | None = None,
    on_hold: OnHold = "wait",
    wait: float | None = None,
    deadline: float | None = None,
    hard: bool = False,
) -> Callable[[Function], Function]: ...


def guard(tool: Any = None, /, **options: Any) -> Any:
    """`Client.guard` with the client that `Client()` is; works on functions and generators, asynchronous or not."""

    def wrap(function: Any, read: GuardOptions) -> Any:
        if is_asynchronous(function):
            return guard_async(_asynchronous, function, read)
        return guard_blocking(_blocking, function, read)

    return decorator(tool, options, wrap)
