"""The guard around a function: a call is decided, runs with the arguments that were decided, and its end is reported.

G1  Nothing of the function runs before an open allow.
G2  What runs is what was decided: the arguments are bound to their names and copied when the function is called.
G3  Every call that began has one outcome: `ok`, `error`, or `unknown` where nobody saw its end (a generator that was left, a
    task that was cancelled, an interrupt, the end of the program).
G4  An outcome that cannot be reported does not hide the function's own result.
G5  A call is stopped at its deadline (`callDeadlineMs`) where Python can stop it: an asynchronous function is cancelled, and a
    generator read no further. A plain function goes on, and hands out its result: it is told of as late.
"""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Generator, Mapping

from .begun import BegunCall
from .binding import Binding, BoundCall
from .calls import usage
from .decision import Decision
from .errors import AssentError, Denied, HardDenied

if TYPE_CHECKING:
    from .client import Client

@dataclass(frozen=True)
class GuardOptions:
    tool: str | None = None
    usage_of: Callable[[Any], Mapping[str, Any] | None] | None = None
    output_of: Callable[[Any], str] | None = None
    hard: bool = False
    #: For `decide`.
    request: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, tool: str | None, options: dict[str, Any]) -> GuardOptions:
        """Raises ASSENT_USAGE for an option that there is not."""
        request = {name: value for name, value in options.items() if name not in _OWN}
        for name in request:
            if name not in _REQUEST:
                raise usage(f"`{name}` is no option of `guard`", f"there are {', '.join((*_OWN, *_REQUEST))}")
        own = {name: options[name] for name in _OWN if name in options}
        return cls(tool, **own, request=request)


_OWN = ("usage_of", "output_of", "hard")
_REQUEST = ("session", "agent", "actor", "on_behalf_of", "estimate", "facts", "on_hold", "wait", "deadline")


class Guarded:
    """One guarded function: what is known of it before it is called."""

    def __init__(self, function: Callable[..., Any], options: GuardOptions) -> None:
        self.function = function
        self.options = options
        self.tool = options.tool or name_of(function)
        self.binding = Binding(function, self.tool)

    @property
    def request(self) -> Mapping[str, Any]:
        return self.options.request or {}

    def admit(self, decision: Decision) -> Decision:
        """Raises Denied or HardDenied where the call may not run."""
        if decision.may_run:
            return decision
        raise HardDenied(decision) if self.options.hard else Denied(decision)


def name_of(function: Callable[..., Any]) -> str:
    """Its own, or that of what a partial calls, or of a callable object's class."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def unwrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function whose kind tells how a call ends: that of a callable object is its `__call__`."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.isroutine(function) or isinstance(function, type):
        return function
    return getattr(type(function), "__call__", function)


def is_asynchronous(function: Callable[..., Any]) -> bool:
    inner = unwrapped(function)
    return inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner)


def guard_blocking(
    client_of: Callable[[], Client], function: Callable[..., Any], options: GuardOptions
) -> Callable[..., Any]:
    """For plain functions and generators. Raises ASSENT_USAGE for an asynchronous one."""
    guarded = Guarded(function, options)
    if is_asynchronous(function):
        raise usage(f"`{guarded.tool}` is asynchronous", "guard it with an AsyncClient, or with `assent.guard`")
    make = _generator if inspect.isgeneratorfunction(unwrapped(function)) else _function
    return make(client_of, guarded)


def _function(client_of: Callable[[], Client], guarded: Guarded) -> Callable[..., Any]:
    @functools.wraps(guarded.function)
    def call(*args: Any, **kwargs: Any) -> Any:
        bound = guarded.binding.bind(args, kwargs)
        client = client_of()
        decision = guarded.admit(client.decide(guarded.tool, bound.args, **guarded.request))
        with _Reported(client, guarded, decision) as begun:
            result = bound.call(guarded.function, decision)
            if _is_unfinished(result):
                begun.is_unknown = True
                if inspect.iscoroutine(result):
                    result.close()
                raise usage(
                    f"`{guarded.tool}` returns a {type(result).__name__}, and nobody would know when it has ended",
                    "guard the generator or the asynchronous function itself, or return what it gives as a list",
                )
            begun.ended(result)
        return result

    return call


def _is_unfinished(result: Any) -> bool:
    """Something that goes on when the function has returned."""
    return inspect.isgenerator(result) or inspect.isasyncgen(result) or inspect.isawaitable(result)


def _generator(client_of: Callable[[], Client], guarded: Guarded) -> Callable[..., Any]:
    def run(bound: BoundCall) -> Generator[Any, Any, Any]:
        # Decided when it is first read, since nothing of it runs before.
        client = client_of()
        decision = guarded.admit(client.decide(guarded.tool, bound.args, **guarded.request))
        with _Reported(client, guarded, decision) as begun:
            source = bound.call(guarded.function, decision)
            try:
                item = next(source)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        source.close()
                        raise
                    except BaseException as fault:
                        item = source.throw(fault)
                    else:
                        if begun.seconds_left() <= 0:
                            timed_out = begun.timed_out()
                            source.close()
                            raise timed_out
                        item = source.send(sent)
            except StopIteration as end:
                result = end.value
            begun.ended(result)
        return result

    @functools.wraps(guarded.function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return run(guarded.binding.bind(args, kwargs))

    return call


class _Reported(BegunCall):
    """From the beginning of a call to the report of its end, by the process that began it."""

    def __init__(self, client: Client, guarded: Guarded, decision: Decision) -> None:
        super().__init__(guarded, decision, client._report_at_exit)
        self._client = client

    def __enter__(self) -> _Reported:
        return self

    def __exit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        outcome = self.end(fault)
        if outcome is None:
            return
        try:
            self._client.report(self.decision, **outcome)
        except AssentError as unreported:
            self.unreported(unreported)
