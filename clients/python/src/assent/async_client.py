"""The asynchronous client: the same as `Client`, for asyncio. Cancelling a call that waits for its decision abandons it."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Any, AsyncIterator, Callable, Mapping, Sequence, TypeVar, overload

from . import calls, requests
from .approvals import AsyncApprovals
from .async_events import read_events
from .calls import OnHold
from .client import TIMEOUT_DEFAULT, Function, closed, decorator, defaults_of
from .configuration import find_gateway
from .decision import Decision
from .errors import AssentError
from .events import Event
from .exchange import Sleep, Steps, Unreachable, drive
from .guard_async import guard_async
from .pool import Pool
from .requests import OutcomeStatus
from .streams import Streams, within

Out = TypeVar("Out")
logger = logging.getLogger("assent")


class AsyncClient:
    """As `Client`, with the same arguments; its methods are awaited. One client may serve any number of tasks."""

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        agent: str | None = None,
        session: str | None = None,
        timeout: float = TIMEOUT_DEFAULT,
        on_behalf_of: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._streams = Streams(find_gateway(url, key))
        self._defaults = defaults_of(self._streams.gateway.url, timeout, agent, session, on_behalf_of, facts)
        self._listening: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def url(self) -> str:
        return self._defaults.url

    @property
    def agent(self) -> str | None:
        return self._defaults.agent

    @property
    def session(self) -> str:
        return self._defaults.session or ""

    async def decide(
        self,
        tool: str,
        args: Mapping[str, Any],
        *,
        id: str | None = None,
        session: str | None = None,
        agent: str | None = None,
        actor: Sequence[str] | None = None,
        on_behalf_of: str | None = None,
        estimate: Mapping[str, Any] | None = None,
        facts: Mapping[str, Any] | None = None,
        executor: str | None = None,
        deadline: float | None = None,
        on_hold: OnHold = "wait",
        wait: float | None = None,
    ) -> Decision:
        """As `Client.decide`."""
        if self._is_closed:
            raise closed()
        call = calls.read_call(
            self._defaults,
            tool,
            args,
            id=id,
            session=session,
            agent=agent,
            actor=actor,
            on_behalf_of=on_behalf_of,
            estimate=estimate,
            facts=facts,
            executor=executor,
            deadline=deadline,
            on_hold=on_hold,
            wait=wait,
        )
        try:
            return await self._drive(calls.decide(self._defaults, call))
        except asyncio.CancelledError:
            # Nobody waits any more: nobody should approve it either.
            await self._last_word(
                calls.abandon(call.id, "cancelled", call.agent, call.session, call.executor, calls.ABANDON_TIMEOUT)
            )
            raise

    async def report(
        self,
        call: Decision | str,
        status: OutcomeStatus = "ok",
        *,
        tokens: int | None = None,
        cost: float | None = None,
        duration_ms: int | None = None,
        session: str | None = None,
        agent: str | None = None,
        sketch: str | None = None,
    ) -> None:
        """As `Client.report`."""
        steps = requests.report(
            self._defaults,
            call,
            status,
            tokens=tokens,
            cost=cost,
            duration_ms=duration_ms,
            session=session,
            agent=agent,
            sketch=sketch,
        )
        await self._drive(steps)

    async def abandon(
        self, call: Decision | str, reason: str, *, session: str | None = None, agent: str | None = None
    ) -> None:
        """As `Client.abandon`."""
        await self._drive(requests.abandon(self._defaults, call, reason, session=session, agent=agent))

    async def decision(
        self, id: str, *, agent: str | None = None, session: str | None = None, explain: bool = False
    ) -> dict[str, Any]:
        """As `Client.decision`."""
        return dict(await self._drive(requests.recorded(self._defaults, id, agent=agent, session=session, explain=explain)))

    async def consume(
        self, token: str, tool: str, args: Mapping[str, Any], *, executor: str | None = None
    ) -> dict[str, Any]:
        """As `Client.consume`."""
        return dict(await self._drive(requests.consume(self._defaults, token, tool, args, executor=executor)))

    def events(self, types: Sequence[str] | None = None, last_event_id: str | None = None) -> AsyncIterator[Event]:
        """As `Client.events`, with `async for`."""
        return read_events(self._streams, types, last_event_id)

    async def on(self, event: str, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Calls the listener with each event of this type, on the running loop; what comes back ends it."""
        is_open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(self._listen(event, listener, is_open))
        self._listening.add(task)
        task.add_done_callback(self._listening.discard)
        await asyncio.wait({is_open}, timeout=self._defaults.timeout)
        if is_open.done():
            is_open.result()
        else:
            task.cancel()
            raise AssentError("GATEWAY_UNREACHABLE", f"no events come from {self.url}: no answer in time")
        return lambda: void(task.cancel())

    async def _listen(
        self, event: str, listener: Callable[[Event], None], is_open: asyncio.Future[None]
    ) -> None:
        def opened() -> None:
            if not is_open.done():
                is_open.set_result(None)

        try:
            async for each in read_events(self._streams, [event], None, opened):
                try:
                    listener(each)
                except Exception:
                    logger.exception("a listener of `%s` failed", each.type)
        except AssentError as fault:
            if is_open.done():
                logger.warning("no more events: %s", fault)
            else:
                is_open.set_exception(fault)

    @property
    def approvals(self) -> AsyncApprovals:
        """As `Client.approvals`."""
        return AsyncApprovals(self._defaults, self._drive)

    async def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """As `Client.request`."""
        return await self._drive(requests.request(self._defaults, method, path, body))

    @overload
    def guard(self, tool: Function, /) -> Function: ...

    @overload
    def guard(
        self,
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

    def guard(self, tool: Any = None, /, **options: Any) -> Any:
        """As `Client.guard`, for `async def` functions and asynchronous generators."""
        return decorator(tool, options, lambda function, read: guard_async(lambda: self, function, read))

    async def close(self) -> None:
        """Ends subscriptions and closes connections. Calls that run are still reported; new ones are refused."""
        self._is_closed = True
        listening = list(self._listening)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await self._streams.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _drive(self, steps: Steps[Out]) -> Out:
        try:
            step = next(steps)
            while True:
                if isinstance(step, Sleep):
                    await asyncio.sleep(step.seconds)
                    step = steps.send(None)
                    continue
                try:
                    answer = await self._streams.send(step)
                except Unreachable as fault:
                    step = steps.throw(fault)
                else:
                    step = steps.send(answer)
        except StopIteration as end:
            result: Out = end.value
            return result

    async def _last_word(self, steps: Steps[Any]) -> None:
        """For a task that is being cancelled: said in a moment, or not at all."""
        try:
            await asyncio.shield(within(calls.ABANDON_TIMEOUT, self._drive(steps)))
        except (AssentError, Unreachable, TimeoutError):
            pass

    def _report_at_exit(self, decision: Decision) -> None:
        """There is no event loop any more."""
        drive(requests.report_at_exit(self._defaults, decision), Pool(self._streams.gateway).send)


def void(_: object) -> None:
    """For a function that returns nothing."""
