"""What a client does for a call, as procedures without I/O that the blocking and the asynchronous client share.

C1  No decision in time is a denial, and the intent is reported as abandoned, so that its reservation comes back.
C2  A resend carries the same id and executor: it is charged once, and its allow stays this client's.
C3  An answer is believed when it is about what was asked: the id and the executor.
C4  An allow that comes after the call's deadline runs nothing.
"""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal, Mapping, Sequence, cast

from .canonical import Json, canonicalize, plain
from .decision import Decision
from .errors import AssentError
from .exchange import (
    Answer,
    Pauses,
    Send,
    Sleep,
    Steps,
    Unreachable,
    body_of,
    duration,
    is_for_later,
    object_of,
    path_of,
    problem_of,
    unreachable,
)
from .redaction import redacted

OnHold = Literal["wait", "return"]

#: The gateway's longest wait for one request, in seconds.
WAIT_MAX = 60.0
#: How long a request for a held call waits at the gateway.
HELD_WAIT = 30.0
#: How much later than its own wait the gateway's answer may come.
GRACE = 1.0
ABANDON_TIMEOUT = 1.0


@dataclass(frozen=True)
class Call:
    """One tool call, read once: its arguments are a copy that nobody else holds."""

    tool: str
    args: Json
    members: Mapping[str, Any]
    on_hold: OnHold
    #: Seconds to wait for the first answer.
    wait: float
    #: Seconds after which it must not run any more; None: no limit.
    deadline: float | None
    agent: str | None
    session: str | None
    id: str
    executor: str
    began: float = field(default_factory=time.monotonic)

    def is_late(self) -> bool:
        return self.deadline is not None and time.monotonic() >= self.began + self.deadline

    def undecided(self) -> Decision:
        return Decision.undecided(
            self.id, executor=self.executor, tool=self.tool, agent=self.agent, session=self.session
        )


@dataclass(frozen=True)
class Defaults:
    """What a client's calls have in common."""

    url: str
    timeout: float
    agent: str | None
    session: str | None
    on_behalf_of: str | None
    facts: Mapping[str, Any] | None


def read_call(
    defaults: Defaults,
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
) -> Call:
    """Raises ASSENT_USAGE for a call that is none, and RECORD_JSON for arguments that cannot be JSON."""
    if not isinstance(tool, str) or not tool:
        raise usage("a call needs the name of its tool")
    if not isinstance(args, Mapping):
        raise usage(f"the arguments of `{tool}` are of type {type(args).__name__}", "give a dict: names and values")
    if isinstance(actor, str):
        raise usage("`actor` is a text", 'give a list of names, as `["planner", "coder"]`')
    if on_hold not in ("wait", "return"):
        raise usage("`on_hold` is neither of its words", "give `wait` or `return`")
    seconds = defaults.timeout if wait is None else wait
    for name, value in (("wait", seconds), ("deadline", deadline)):
        if value is not None and not is_seconds(value):
            raise usage(f"`{name}` is {value!r}", "give seconds, more than 0")
    if seconds > WAIT_MAX:
        raise usage(f"`wait` is {seconds} seconds", f"give at most {WAIT_MAX:g}; held calls are waited for longer")
    agent, session = agent or defaults.agent, session or defaults.session
    frozen = plain(dict(args), f"the call to `{tool}`")
    members = {
        "session": session,
        "agent": agent,
        "actor": None if actor is None else list(actor),
        "onBehalfOf": on_behalf_of or defaults.on_behalf_of,
        "tool": tool,
        "args": frozen,
        "estimate": None if estimate is None else dict(estimate),
        "facts": facts if facts is not None else defaults.facts,
    }
    # The intent's own limit cannot be later than the call's.
    first = seconds if deadline is None else min(seconds, deadline)
    return Call(
        tool=tool,
        args=frozen,
        members=members,
        on_hold=on_hold,
        wait=first,
        deadline=deadline,
        agent=agent,
        session=session,
        id=str(uuid.uuid4()) if id is None else id,
        executor=executor or secrets.token_urlsafe(16),
    )


def decide(defaults: Defaults, call: Call) -> Steps[Decision]:
    """Raises AssentError where the gateway refuses the request, or cannot be reached in time."""
    pauses = Pauses()
    ends = call.began + call.wait
    is_held = False
    while True:
        answer: Answer | None = None
        fault: AssentError | None = None
        try:
            answer = yield _asking(call, ends - time.monotonic(), is_held)
        except Unreachable as lost:
            fault = None if lost.is_late else unreachable(defaults.url, lost)
        if answer is not None:
            if not is_for_later(answer):
                decision = _read(call, answer)
                if decision.verdict != "hold" or call.on_hold == "return":
                    return decision if not call.is_late() else (yield from _too_late(call))
                if not is_held:
                    # People decide in hours: only the call's own deadline ends the waiting now.
                    is_held, pauses = True, Pauses()
                    ends = float("inf") if call.deadline is None else call.began + call.deadline
            else:
                fault = problem_of(answer)
        pause = pauses.after(answer)
        if time.monotonic() + pause >= ends:
            if fault is not None and not is_held:
                raise fault
            return (yield from _too_late(call))
        yield Sleep(pause)


def _asking(call: Call, left: float, is_held: bool) -> Send:
    """Within `left` seconds. A hold is waited for at the gateway once it is known to be one."""
    wait = max(0.0, min(left, HELD_WAIT if is_held else WAIT_MAX))
    members = {**call.members, "id": call.id, "executor": call.executor}
    if call.deadline is not None:
        ends = call.began + call.deadline
        members["deadlineMs"] = max(1, round(min(ends - time.monotonic(), WAIT_MAX) * 1000))
    path = path_of("intents", wait=duration(wait), hold="wait" if is_held else None)
    # It waits for a first answer, and then as long for the person.
    longest = min(2 * wait, left) if is_held else wait
    return Send("POST", path, body_of(members), max(0.0, longest) + GRACE)


def _read(call: Call, answer: Answer) -> Decision:
    content = object_of(answer)
    try:
        decision = Decision.from_answer(content, tool=call.tool, agent=call.agent, session=call.session)
    except (KeyError, TypeError, ValueError, AttributeError, AssentError):
        raise AssentError("GATEWAY_ANSWER", "the gateway's decision cannot be read", "upgrade this client") from None
    if decision.id != call.id or (decision.may_run and decision.executor != call.executor):
        raise AssentError("GATEWAY_ANSWER", "the gateway answered another call than was asked")
    if decision.may_run and decision.args_text != canonicalize(redacted(call.args, decision.obligations.redact)):
        raise AssentError("GATEWAY_ANSWER", "the gateway allowed other arguments than were asked for: nothing was run")
    return decision


def _too_late(call: Call) -> Steps[Decision]:
    """C1, C4."""
    try:
        yield from abandon(call.id, "no decision in time", call.agent, call.session, call.executor, ABANDON_TIMEOUT)
    except (AssentError, Unreachable):
        pass
    return call.undecided()


def abandon(
    id: str, reason: str, agent: str | None, session: str | None, executor: str | None, timeout: float
) -> Steps[None]:
    members = {"id": id, "agent": agent, "session": session, "reason": reason, "executor": executor or None}
    answer = yield Send("POST", path_of("abandonments"), body_of(members), timeout)
    object_of(cast(Answer, answer))


def is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 < value < float("inf")


def usage(message: str, help: str = "") -> AssentError:
    return AssentError("ASSENT_USAGE", message, help)

