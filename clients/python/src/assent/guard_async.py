"""The guard for asyncio: what guard.py promises, for `async def` functions and asynchronous generators."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from typing import TYPE_CHECKING, Any, AsyncGenerator, Callable, Mapping

from .begun import BegunCall
from .binding import BoundCall
from .calls import usage
from .decision import Decision
from .errors import AssentError
from .guard import Guarded, GuardOptions, is_asynchronous, unwrapped

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
        async with _Reported(client, guarded, decision) as begun:
            with _Limit(begun):
                result = await bound.call(guarded.function, decision)
            begun.ended(result)
        return result

    return call


def _generator(client_of: Callable[[], AsyncClient], guarded: Guarded) -> Callable[..., Any]:
    async def run(bound: BoundCall) -> AsyncGenerator[Any, Any]:
        client = client_of()
        decision = guarded.admit(await client.decide(guarded.tool, bound.args, **guarded.request))
        async with _Reported(client, guarded, decision) as begun:
            source = bound.call(guarded.function, decision)

            # The deadline is looked at while the generator works, and not while its reader does.
            async def step(move: Callable[..., Any], *given: Any) -> Any:
                with _Limit(begun):
                    return await move(*given)

            try:
                item = await step(source.__anext__)
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        await source.aclose()
                        raise
                    except BaseException as fault:
                        item = await step(source.athrow, fault)
                    else:
                        if begun.seconds_left() <= 0:
                            timed_out = begun.timed_out()
                            await source.aclose()
                            raise timed_out
                        item = await step(source.asend, sent)
            except StopAsyncIteration:
                begun.ended(None)

    @functools.wraps(guarded.function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return run(guarded.binding.bind(args, kwargs))

    return call


class _Limit:
    """Cancels the task within it at the call's deadline, and tells that from a cancellation by somebody else."""

    def __init__(self, begun: BegunCall) -> None:
        self._begun = begun
        self._is_passed = False

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._others = _cancellations(self._task)
        self._timer = asyncio.get_running_loop().call_later(self._begun.seconds_left(), self._pass)

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: Any) -> None:
        self._timer.cancel()
        if not self._is_passed:
            return
        if sys.version_info >= (3, 11) and self._task is not None:
            self._task.uncancel()
        if isinstance(fault, asyncio.CancelledError) and _cancellations(self._task) <= self._others:
            raise self._begun.timed_out() from fault

    def _pass(self) -> None:
        self._is_passed = True
        if self._task is not None:
            self._task.cancel()


def _cancellations(task: asyncio.Task[Any] | None) -> int:
    """Requests to cancel a task that nobody has answered yet; Python 3.10 does not count them."""
    if task is None or sys.version_info < (3, 11):
        return 0
    return task.cancelling()


class _Reported(BegunCall):
    """From the beginning of a call to the report of its end, by the process that began it."""

    def __init__(self, client: AsyncClient, guarded: Guarded, decision: Decision) -> None:
        super().__init__(guarded, decision, client._report_at_exit)
        self._client = client

    async def __aenter__(self) -> _Reported:
        return self

    async def __aexit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        outcome = self.end(fault)
        if outcome is None:
            return
        report = asyncio.ensure_future(self._report(outcome))
        try:
            # A cancellation that comes now does not stop the report.
            await asyncio.wait({report}, timeout=_LAST_WORD if outcome["status"] == "unknown" else None)
        except asyncio.CancelledError:
            await asyncio.wait({report}, timeout=_LAST_WORD)
            raise

    async def _report(self, outcome: Mapping[str, Any]) -> None:
        try:
            await self._client.report(self.decision, **outcome)
        except AssentError as unreported:
            self.unreported(unreported)
