"""The blocking client: asks for decisions, guards functions in one line, reports outcomes. Any number of threads may use it."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Any, Callable, Iterator, Mapping, Sequence, TypeVar, overload

from . import calls, requests
from .approvals import Approvals
from .calls import Defaults, OnHold
from .configuration import find_gateway
from .decision import Decision
from .errors import AssentError
from .events import Event, EventStream, Subscription
from .exchange import Steps, Unreachable, drive
from .guard import GuardOptions, guard_blocking
from .pool import Pool
from .requests import OutcomeStatus

Function = TypeVar("Function", bound=Callable[..., Any])
Out = TypeVar("Out")

TIMEOUT_DEFAULT = 5.0


class Client:
    """Asks the gateway at `url` with `key`; without them it finds them as docs/python.md says.

    `timeout`: seconds until a decision that has not come is a denial, at most 60. `session`: one run of the agent, drawn where it
    is not given. `agent`: within what the key may speak for. `facts`: `{"workspace": …, "home": …}` of the machine where the
    tools run, for policies on paths. Raises ASSENT_CONFIG where no gateway can be found.
    """

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
        self._pool = Pool(find_gateway(url, key))
        self._defaults = defaults_of(self._pool.gateway.url, timeout, agent, session, on_behalf_of, facts)
        self._subscriptions: set[Subscription] = set()
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

    def decide(
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
        """Asks whether a call may run. A denial is an answer, and so is no answer in time (`source` is `timeout` then).

        `wait`: seconds to wait for the first answer, else the client's `timeout`. A held call is waited for until a person has
        decided or the hold has expired; with `on_hold="return"` the hold is handed out. `deadline`: seconds after which the call
        must not begin any more, held or not. `estimate`: `{"tokens": …, "cost": …}`, reserved until the outcome.

        Raises AssentError where the gateway refuses the request or cannot be reached in time.
        """
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
            return self._run(calls.decide(self._defaults, call))
        except (KeyboardInterrupt, SystemExit):
            # Nobody waits any more: nobody should approve it either.
            self._give_up(call)
            raise

    def report(
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
        """Reports the outcome of an allowed call. What is not said of its usage is unknown, and costs what was reserved.

        `unknown`: it began, and nobody saw its end. `cost` in currency units. Raises AssentError where it cannot be reported.
        """
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
        self._run(steps)

    def abandon(
        self, call: Decision | str, reason: str, *, session: str | None = None, agent: str | None = None
    ) -> None:
        """Attests that a call never ran and never will: its reservation comes back, and its id is closed.

        Give the decision and not its id alone: an allowed call comes back only with its token, which is used up. Raises TOKEN_USED where the
        token was used, for then the call may have run.
        """
        self._run(requests.abandon(self._defaults, call, reason, session=session, agent=agent))

    def decision(
        self, id: str, *, agent: str | None = None, session: str | None = None, explain: bool = False
    ) -> dict[str, Any]:
        """What the ledger holds of a call. Raises GATEWAY_NOT_FOUND where it holds nothing."""
        return dict(self._run(requests.recorded(self._defaults, id, agent=agent, session=session, explain=explain)))

    def consume(
        self, token: str, tool: str, args: Mapping[str, Any], *, executor: str | None = None
    ) -> dict[str, Any]:
        """Uses up the token of an allow, for an executor that was handed it with a call: run the call when this returns.

        `args`: as they are about to run. `executor`: this executor's own name, where the call was asked for in it. Raises
        AssentError with a code `TOKEN_…` (`TOKEN_USED`, `TOKEN_EXPIRED`, …) where the call must not run; where no answer comes,
        the token may be used up, and the call must not run either.
        """
        return dict(self._run(requests.consume(self._defaults, token, tool, args, executor=executor)))

    def events(self, types: Sequence[str] | None = None, last_event_id: str | None = None) -> Iterator[Event]:
        """Events as they come, without an end; behind `last_event_id`, else from now on. A broken stream is resumed."""
        return iter(EventStream(self._pool, types, last_event_id))

    def on(self, event: str, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Calls the listener with each event of this type, on a thread of its own; what comes back ends it."""
        subscription = Subscription(EventStream(self._pool, [event], None), listener)
        self._subscriptions.add(subscription)
        subscription.start(self._defaults.timeout)

        def unsubscribe() -> None:
            self._subscriptions.discard(subscription)
            subscription.stop()

        return unsubscribe

    @property
    def approvals(self) -> Approvals:
        """Held calls, for the person who decides: list, grant, reject."""
        return Approvals(self._defaults, self._run)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Any other route of the gateway, such as `GET /v1/budgets`; its JSON. A GET is repeated, all else is sent once."""
        return self._run(requests.request(self._defaults, method, path, body))

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
        """Wraps a function or a generator: its call is decided, runs with the decided arguments, and its outcome is reported.

        `@client.guard` names the tool as the function, `@client.guard("mail.send", …)` otherwise. A denial raises `Denied`, with
        `hard=True` HardDenied. `usage_of`: what the call used, `{"tokens": …, "cost": …}`, from its result. `output_of`: the result
        as a text, of which a sketch is reported that can be compared and not read; `drift_detected` is told by it. The other
        options are those of `decide`. Raises TimedOut where a call is stopped at the deadline that the policy sets.
        """
        return decorator(tool, options, lambda function, read: guard_blocking(lambda: self, function, read))

    def close(self) -> None:
        """Ends subscriptions and closes connections. Calls that run are still reported; new ones are refused."""
        self._is_closed = True
        for subscription in list(self._subscriptions):
            subscription.stop()
        self._subscriptions.clear()
        self._pool.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, steps: Steps[Out]) -> Out:
        return drive(steps, self._pool.send)

    def _report_at_exit(self, decision: Decision) -> None:
        self._run(requests.report_at_exit(self._defaults, decision))

    def _give_up(self, call: calls.Call) -> None:
        try:
            self._run(
                calls.abandon(call.id, "interrupted", call.agent, call.session, call.executor, calls.ABANDON_TIMEOUT)
            )
        except (AssentError, Unreachable):
            pass


def defaults_of(
    url: str,
    timeout: float,
    agent: str | None,
    session: str | None,
    on_behalf_of: str | None,
    facts: Mapping[str, Any] | None,
) -> Defaults:
    if not calls.is_seconds(timeout) or timeout > calls.WAIT_MAX:
        raise calls.usage(f"`timeout` is {timeout!r}", f"give seconds, more than 0 and at most {calls.WAIT_MAX:g}")
    return Defaults(url, timeout, agent, session or str(uuid.uuid4()), on_behalf_of, facts)


def closed() -> AssentError:
    return AssentError("ASSENT_LOG_CLOSED", "the client was closed", "make a new one")


def decorator(tool: Any, options: dict[str, Any], wrap: Callable[[Any, GuardOptions], Any]) -> Any:
    def guarded(function: Any, read: GuardOptions) -> Any:
        if isinstance(function, (staticmethod, classmethod, property)) or not callable(function):
            raise calls.usage(
                f"what is guarded is of type {type(function).__name__}",
                "guard a function; `@guard` is written below `@staticmethod`, `@classmethod` and `@property`",
            )
        return wrap(function, read)

    if tool is not None and not isinstance(tool, str):
        if options:
            raise calls.usage("options of `guard` come with the tool's name or alone", 'write @guard("name", …)')
        return guarded(tool, GuardOptions())
    read = GuardOptions.read(tool, options)
    return lambda function: guarded(function, read)
