"""The guard for asyncio: what guard.py promises, for `async def` functions and asynchronous generators."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any, AsyncGenerator, Callable, Mapping

from .binding import BoundCall
from .calls import usage
from .decision import Decision
from .errors import AssentError
from .guard import Guarded, GuardOptions, is_asynchronous, logger, status_of, unwrapped
from .requests import OutcomeStatus
from .running import running

if TYPE_CHECKING:
    from .async_client import AsyncClient

#: How long a task that is being cancelled waits for its report, in seconds.
_LAST_WORD = 1.0


def guard_async(
    client_of: Callable[[], AsyncClient], function: Callable[..., Any], options: GuardOptions
) -> Callable[..., Any]:
    """Raises ASSENT_USAGE for a function that is not asynchronous."""
    guarded = Guarded(function, options)
    if not is_asynchronous(function):
        raise usage(f"`{guarded.tool}` is not asynchronous", "guard it with a Client, or with `assent.guard`")
    make = _generator if inspect.isasyncgenfunction(unwrapped(function)) else _function
    return make(client_of, guarded)


def _function(client_of: Callable[[], AsyncClient], guarded: Guarded) -> Callable[..., Any]:
    @functools.wraps(guarded.function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        bound = guarded.binding.bind(args, kwargs)
        client = client_of()
        decision = guarded.admit(await client.decide(guarded.tool, bound.args, **guarded.request))
        async with _Reported(client, guarded, decision) as reported:
            result = await bound.call(guarded.function, decision)
            reported.ended(result)
        return result

    return call


def _generator(client_of: Callable[[], AsyncClient], guarded: Guarded) -> Callable[..., Any]:
    async def run(bound: BoundCall) -> AsyncGenerator[Any, Any]:
        client = client_of()
        decision = guarded.admit(await client.decide(guarded.tool, bound.args, **guarded.request))
        async with _Reported(client, guarded, decision) as reported:
            source = bound.call(guarded.function, decision)
            try:
                item = await source.__anext__()
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        await source.aclose()
                        raise
                    except BaseException as fault:
                        item = await source.athrow(fault)
                    else:
                        item = await source.asend(sent)
            except StopAsyncIteration:
                reported.ended(None)

    @functools.wraps(guarded.function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return run(guarded.binding.bind(args, kwargs))

    return call


class _Reported:
    """From the beginning of a call to the report of its end, by the process that began it."""

    def __init__(self, client: AsyncClient, guarded: Guarded, decision: Decision) -> None:
        self._client = client
        self._guarded = guarded
        self._decision = decision
        self._has_ended = False
        self._used: Mapping[str, Any] = {}

    async def __aenter__(self) -> _Reported:
        self._run = running.begin(lambda: self._client._report_at_exit(self._decision))
        return self

    def ended(self, result: Any) -> None:
        self._has_ended, self._used = True, self._guarded.usage_of(result)

    async def __aexit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        if not self._run.end():
            return
        status: OutcomeStatus = "ok" if self._has_ended else "unknown" if fault is None else status_of(fault)
        report = asyncio.ensure_future(self._report(status, self._run.duration_ms()))
        try:
            # A cancellation that comes now does not stop the report.
            await asyncio.wait({report}, timeout=_LAST_WORD if status == "unknown" else None)
        except asyncio.CancelledError:
            await asyncio.wait({report}, timeout=_LAST_WORD)
            raise

    async def _report(self, status: OutcomeStatus, duration_ms: int) -> None:
        try:
            await self._client.report(self._decision, status, duration_ms=duration_ms, **self._used)
        except AssentError as fault:
            logger.warning("the outcome of `%s` (%s) is not reported: %s", self._guarded.tool, self._decision.id, fault)
