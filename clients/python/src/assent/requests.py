"""What a client asks beside decisions, as procedures without I/O that the blocking and the asynchronous client share."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Literal, Mapping, cast

from .calls import Defaults, usage
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
    content_of,
    is_for_later,
    is_untouched,
    path_of,
    problem_of,
    unreachable,
)

OutcomeStatus = Literal["ok", "error", "unknown"]

#: What the end of a program waits for one report, in seconds.
_EXIT_TIMEOUT = 1.0


def request(defaults: Defaults, method: str, path: str, members: Mapping[str, Any] | None = None) -> Steps[Any]:
    """Its JSON. A GET is repeated where its answer is lost, all else is not. Raises ASSENT_USAGE for a path that is none."""
    if not path.startswith("/"):
        raise usage(f"`{path}` is no path", "give one such as /v1/budgets")
    body = None if members is None else body_of(members)
    return repeat(defaults, method, path, body, is_repeatable=method == "GET")


def repeat(defaults: Defaults, method: str, path: str, body: bytes | None, *, is_repeatable: bool = True) -> Steps[Any]:
    """A request, again within the time where the gateway cannot be reached or says later; what it answers."""
    ends = time.monotonic() + defaults.timeout
    pauses = Pauses()
    while True:
        answer: Answer | None = None
        try:
            left = max(0.05, ends - time.monotonic())
            answer = yield Send(method, path, body, left, is_repeatable)
            if not is_for_later(cast(Answer, answer)):
                return content_of(cast(Answer, answer))
            fault = problem_of(cast(Answer, answer))
            if not (is_repeatable or is_untouched(cast(Answer, answer))):
                raise fault
        except Unreachable as lost:
            fault = unreachable(defaults.url, lost)
            # It may have arrived: whether it did is for the caller to find out.
            if lost.is_sent and not is_repeatable:
                raise fault from None
        pause = pauses.after(answer)
        if time.monotonic() + pause >= ends:
            raise fault
        yield Sleep(pause)


def report(
    defaults: Defaults,
    call: Decision | str,
    status: OutcomeStatus,
    *,
    tokens: int | None = None,
    cost: float | None = None,
    duration_ms: int | None = None,
    session: str | None = None,
    agent: str | None = None,
    sketch: str | None = None,
) -> Steps[Any]:
    if status not in ("ok", "error", "unknown"):
        raise usage("`status` is none of an outcome's", "give `ok`, `error` or `unknown`")
    used = {"tokens": tokens, "cost": cost, "durationMs": duration_ms}
    given = {name: value for name, value in used.items() if value is not None}
    outcome = {"status": status, "usage": given or None, "sketch": sketch or None}
    return repeat(defaults, "POST", path_of("outcomes"), body_of({**_address(defaults, call, agent, session), **outcome}))


def report_at_exit(defaults: Defaults, call: Decision) -> Steps[Any]:
    """Nobody will see the end of this call."""
    return report(replace(defaults, timeout=min(defaults.timeout, _EXIT_TIMEOUT)), call, "unknown")


def abandon(
    defaults: Defaults, call: Decision | str, reason: str, *, session: str | None = None, agent: str | None = None
) -> Steps[Any]:
    executor, token = (call.executor, call.token) if isinstance(call, Decision) else ("", "")
    abandonment = {"reason": reason, "executor": executor or None, "token": token or None}
    body = body_of({**_address(defaults, call, agent, session), **abandonment})
    # A token is used up once: sent again, it would look as if the call had run.
    return repeat(defaults, "POST", path_of("abandonments"), body, is_repeatable=not token)


def recorded(defaults: Defaults, id: str, *, agent: str | None, session: str | None, explain: bool) -> Steps[Any]:
    where = {"agent": agent or defaults.agent, "session": session or defaults.session}
    return request(defaults, "GET", path_of("decisions", id, **where, explain="true" if explain else None))


def consume(
    defaults: Defaults, token: str, tool: str, args: Mapping[str, Any], *, executor: str | None
) -> Steps[Any]:
    # Not repeated: the second of two would find it used.
    use = {"token": token, "tool": tool, "args": dict(args), "executor": executor}
    return request(defaults, "POST", path_of("tokens", "consume"), use)


def held(defaults: Defaults, *, agent: str | None, session: str | None) -> Steps[list[dict[str, Any]]]:
    answer = yield from request(defaults, "GET", path_of("approvals", agent=agent, session=session))
    return list(answer["holds"])


def held_one(defaults: Defaults, id: str, *, agent: str | None, session: str | None) -> Steps[Any]:
    return request(defaults, "GET", path_of("approvals", id, agent=agent, session=session))


def vote(
    defaults: Defaults, word: Literal["grant", "reject"], held: Mapping[str, Any], comment: str | None
) -> Steps[Any]:
    """Raises ASSENT_USAGE for what is no held call: a vote needs more than an id."""
    if not isinstance(held, Mapping) or not {"id", "commitment"} <= held.keys():
        raise usage("what is voted on is no held call", "give one that `approvals.list` or `approvals.get` has handed out")
    body = {"commitment": held["commitment"], "comment": comment}
    return request(defaults, "POST", path_of("approvals", held["id"], word), body)


def _address(
    defaults: Defaults, call: Decision | str, agent: str | None, session: str | None
) -> dict[str, str | None]:
    """The id, agent and session of a call."""
    if isinstance(call, Decision):
        return {"id": call.id, "agent": agent or call.agent, "session": session or call.session}
    return {"id": call, "agent": agent or defaults.agent, "session": session or defaults.session}
