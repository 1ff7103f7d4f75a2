"""The one way in which anything of an agent runs: decide, run as decided, report.

G1  No body runs before its decision, and none without an allow that is open, in time, and for a run that may go on.
G2  What was decided is what runs: arguments are frozen before the question (arguments.py).
G3  Each allow ends in one outcome or one abandonment.
G4  A hard denial ends the whole tree of runs; a soft one is told to the model.
"""

from __future__ import annotations

import fnmatch
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable

from ..decision import Decision
from ..errors import Denied, HardDenied
from .arguments import FrozenArguments
from .clock import ActionClock
from .events import Events
from .runs import Run, RunEnded
from .sketch import sketch_of

_log = logging.getLogger("assent.smolagents")

CODE_TOOL = "python_interpreter"
MODEL_TOOL = "model.generate"
#: How long a run waits for a person, in seconds, where the agent's options do not say.
HOLD_SECONDS_DEFAULT = 3_600.0
_HALTED = ("agent.halted", "session.ended")


@dataclass(frozen=True)
class Options:
    """Said once for a tree of agents."""

    #: An `assent.Client`, or what has its `decide`, `report`, `abandon`, `on` and `request`.
    client: Any
    agent: str | None = None
    session: str | None = None
    #: Globs of tools of which every denial ends the run. Denials of severity `critical` and halts do so anyway.
    hard: tuple[str, ...] = ()
    hold_seconds: float = HOLD_SECONDS_DEFAULT
    #: How long a decision may take, in seconds; None: the client's own.
    timeout: float | None = None
    estimate_tokens: Callable[[list[Any], dict[str, Any]], int] | None = None

    def is_hard(self, decision: Decision) -> bool:
        if decision.verdict == "hold":
            return False
        if decision.status == "halted" or any(fnmatch.fnmatchcase(decision.tool, glob) for glob in self.hard):
            return True
        enforced = [reason for reason in decision.reasons if reason.mode == "enforce" and reason.effect == "deny"]
        return any(reason.severity == "critical" or reason.code in _HALTED for reason in enforced)


@dataclass
class Used:
    """What a call used, filled in by its body. None: nobody knows, and it costs what was reserved."""

    tokens: int | None = None


@dataclass(frozen=True)
class Call:
    """One thing that an agent wants to do."""

    tool: str
    arguments: FrozenArguments
    #: Gets the arguments as they were decided, and the call's id, under which its own calls are numbered.
    body: Callable[[dict[str, Any], str, Used], Any]
    kind: str = "tool"
    within: str | None = None
    estimate_tokens: int | None = None
    has_sketch: bool = True


@dataclass
class Denials:
    """What was denied during a code action: told to the model also where the code swallowed it."""

    messages: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, message: str) -> None:
        with self.lock:
            if message not in self.messages:
                self.messages.append(message)


class Allowed:
    """A call that may run, until its end is told."""

    def __init__(self, client: Any, decision: Decision) -> None:
        self.decision = decision
        self._client = client
        self._begun = time.monotonic()

    def end(self, status: str, used: Used, sketch: str = "") -> None:
        """An outcome that cannot be told is unknown to the ledger. The call has run all the same, and its result counts."""
        duration = max(0, round((time.monotonic() - self._begun) * 1_000))
        try:
            self._client.report(
                self.decision, status, tokens=used.tokens, duration_ms=duration, **({"sketch": sketch} if sketch else {})
            )
        except Exception:
            _log.exception("the outcome of call %s could not be reported", self.decision.id)


class Governor:
    """Of one agent; those that it manages have their own, with the same options and listeners."""

    def __init__(self, options: Options, events: Events, path: tuple[str, ...]) -> None:
        self.options = options
        self.events = events
        self.path = path
        self.run: Run | None = None
        self.denials: Denials | None = None
        #: The code action whose calls are asked for now.
        self.action_id: str | None = None

    def check(self) -> Run:
        """Raises RunEnded outside of a run: a callable that was kept does nothing between runs."""
        if self.run is None:
            raise RunEnded("the agent is not running")
        self.run.check()
        return self.run

    def do(self, call: Call) -> Any:
        """Raises Denied or HardDenied where it may not run, RunEnded where nothing may, and what the body raises."""
        allowed = self.begin(call)
        used = Used()
        try:
            result = call.body(call.arguments.as_decided(allowed.decision.args), allowed.decision.id, used)
        except BaseException:
            allowed.end("error", used)
            raise
        allowed.end("ok", used, sketch_of(result) if call.has_sketch else "")
        # A halt or a hard denial elsewhere ends the run also where this call was still allowed.
        self.check()
        return result

    def begin(self, call: Call) -> Allowed:
        """Up to the moment before the body: whoever gets the answer runs it, and ends it once."""
        run = self.check()
        id = run.next_id(call.within)
        context = self._context(call, id, run)
        decision = self._decide(call, id, run)
        if not decision.may_run:
            self.events.decided(decision, context)
            raise self._denied(decision, run)
        try:
            run.check()
            if _is_late(run.clock):
                raise RunEnded(f"the time of the code action was up before `{call.tool}` was allowed: it did not run")
        except BaseException as ended:
            self._give_up(decision, "the run ended before the call began")
            self.events.refused(str(ended), context)
            raise
        self.events.decided(decision, context)
        return Allowed(self.options.client, decision)

    def refuse(self, call_tool: str, reason: str, run: Run) -> None:
        """Tells of a call that is not even asked for."""
        self.events.refused(reason, {"tool": call_tool, "kind": "tool", **self._names(run)})

    def _decide(self, call: Call, id: str, run: Run) -> Decision:
        clock = run.clock
        remaining = None if clock is None else clock.remaining_seconds()
        if remaining is not None and remaining <= 0:
            self.events.refused("the action's time is up", self._context(call, id, run))
            raise RunEnded(f"the time of the code action was up before `{call.tool}`: it did not run")
        limits = [each for each in (remaining, self.options.timeout) if each is not None]
        asked: dict[str, Any] = {
            "id": id,
            "session": run.session,
            "agent": self.options.agent,
            "actor": list(run.actor) or None,
            "estimate": None if call.estimate_tokens is None else {"tokens": call.estimate_tokens},
        }
        decision: Decision = self.options.client.decide(
            call.tool, call.arguments.json, **asked, on_hold="return", **({"deadline": min(limits)} if limits else {})
        )
        if decision.verdict != "hold":
            return decision
        self.events.decided(decision, self._context(call, id, run))
        return self._wait_for_person(call, decision, asked, run)

    def _wait_for_person(self, call: Call, held: Decision, asked: dict[str, Any], run: Run) -> Decision:
        """Parks the run: the action's time stands still. An interrupt or a hard denial elsewhere ends the waiting."""
        waiting = _Waiting(
            lambda: self.options.client.decide(
                call.tool,
                call.arguments.json,
                **asked,
                executor=held.executor or None,
                deadline=self.options.hold_seconds,
                on_hold="wait",
            )
        )
        clock = run.clock
        if clock is not None:
            clock.pause()
        try:
            while not waiting.is_over(HELD_LOOK_SECONDS):
                run.check()
            return waiting.result()
        except BaseException:
            # Nobody should approve it any more.
            self._give_up(held, "the run does not wait for a person any more")
            raise
        finally:
            if clock is not None:
                clock.resume()

    def _give_up(self, decision: Decision, reason: str) -> None:
        try:
            self.options.client.abandon(decision, reason)
        except Exception:
            _log.exception("call %s could not be abandoned", decision.id)

    def _denied(self, decision: Decision, run: Run) -> BaseException:
        if self.options.is_hard(decision):
            denied = HardDenied(decision)
            run.end(denied)
            return denied
        if self.denials is not None:
            self.denials.add(decision.message)
        return Denied(decision)

    def _context(self, call: Call, id: str, run: Run) -> dict[str, Any]:
        return {"id": id, "tool": call.tool, "kind": call.kind, "args": call.arguments.json, **self._names(run)}

    def _names(self, run: Run) -> dict[str, Any]:
        return {"runId": run.id, "session": run.session, "agent": self.options.agent, "actor": list(run.actor)}


class _Waiting:
    """A question on a thread of its own, so that this one can look at something else."""

    def __init__(self, ask: Callable[[], Decision]) -> None:
        self._ask = ask
        self._over = threading.Event()
        self._decision: Decision | None = None
        self._fault: BaseException | None = None
        threading.Thread(target=self._run, name="assent-hold", daemon=True).start()

    def _run(self) -> None:
        try:
            self._decision = self._ask()
        except BaseException as fault:
            self._fault = fault
        finally:
            self._over.set()

    def is_over(self, seconds: float) -> bool:
        return self._over.wait(seconds)

    def result(self) -> Decision:
        if self._decision is None:
            raise self._fault or RuntimeError("nobody has asked")
        return self._decision


#: How often a run that is parked looks whether it may go on, in seconds.
HELD_LOOK_SECONDS = 0.1


def _is_late(clock: ActionClock | None) -> bool:
    remaining = None if clock is None else clock.remaining_seconds()
    return remaining is not None and remaining <= 0
