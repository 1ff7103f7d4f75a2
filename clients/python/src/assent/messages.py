"""What a model is told of a call that did not run: why, and what would help.

Waiting helps where capacity comes back by itself, asking where a person decides. Where a rule says no, nothing helps, and the
model is told to stop or ask: a text that says "another way" is read as leave to work around the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

if TYPE_CHECKING:
    from .decision import Budget, Decision, Reason


def message_for_model(decision: Decision) -> str:
    """Written for the model that asked."""
    if decision.may_run:
        return f"The call to `{decision.tool}` may run."
    why, advice = _explained(decision)
    is_denial = decision.verdict == "deny" and decision.source == "reply" and bool(_enforced(decision))
    return f"The call to `{decision.tool}` {'was denied' if is_denial else 'did not run'}: {why}. {advice}"


def timed_out_message(decision: Decision) -> str:
    """Of an allowed call that was stopped at its deadline."""
    return (
        f"The call to `{decision.tool}` did not end within {length_of(decision.obligations.call_deadline_ms)}, which is all "
        "that policy allows it; it was stopped, and how far it came is not known. Find out what it did before you repeat it, "
        "and ask for less at a time."
    )


def _enforced(decision: Decision) -> Sequence[Reason]:
    return [reason for reason in decision.reasons if reason.mode == "enforce"]


def _explained(decision: Decision) -> tuple[str, str]:
    """A clause without a full stop, and whole sentences."""
    if decision.source == "timeout":
        return (
            "no decision came in time",
            "It was given up and will not run later. Wait before you call it again, and tell the user if it goes on.",
        )
    if decision.source == "closed":
        return "its agent was closed before a decision came", "Stop, and tell the user: nothing can be called here any more."
    if decision.verdict == "hold":
        words = "; ".join(reason.message for reason in _enforced(decision) if reason.message)
        return (
            f"it is waiting for human approval{f' ({words})' if words else ''}",
            "Ask the user to have it approved, and continue with something else meanwhile. Do not call it again.",
        )
    if decision.verdict == "allow":
        return _not_open(decision)
    return _denied(decision)


def _not_open(decision: Decision) -> tuple[str, str]:
    if decision.status == "halted":
        return "an operator has halted the agent", _STOP
    if decision.status == "taken":
        return (
            "another program asked for a call with this id as well, and has it",
            "Use the result there. Find out what it did before you call it under a new id.",
        )
    return (
        "a call with this id was allowed before, and is over",
        "Use its result; to do it once more, call it under a new id.",
    )


def _denied(decision: Decision) -> tuple[str, str]:
    reasons = _enforced(decision)
    advice = [_advice_on(reason, decision.budgets) for reason in reasons]
    # What waiting cannot help decides: a call that is over a rate and forbidden is forbidden.
    lasting = [each for each in advice if not each.startswith("Wait")]
    why = "; ".join(_why_of(reason) for reason in reasons) or "it was refused"
    return why, (lasting or advice or [_FORBIDDEN])[0]


def _why_of(reason: Reason) -> str:
    if reason.code == "intent.id_reused":
        return "this id was used before, for another call or by a program with another secret"
    return (reason.message or reason.code).rstrip(".")


_STOP = "Stop, and tell the user: every call is refused until the halt is lifted."
_FORBIDDEN = (
    "Do not repeat it, and do not try to reach the same end in another way: stop, or ask the user. Waiting does not help."
)
_WAIT_SLOT = "Wait until a call that is running has ended, then call it again."
_SPENT = "Waiting does not help: stop, and tell the user, so that the budget can be raised."
_CLOCK = "Tell the user: the clocks of this agent and of its log differ, or the call is older than what is remembered."

#: By the closed lists of codes in the engine; what a policy's rule forbids is forbidden.
_ADVICE = {
    "agent.halted": _STOP,
    "session.ended": "Stop: this session takes no more calls.",
    "session.stale": "Stop, and tell the user: this session is too old to go on.",
    "session.facts": "Tell the user: programs of one session disagree about its folders.",
    "intent.late": "Call it again.",
    "intent.stale": _CLOCK,
    "intent.ahead": _CLOCK,
    "stream.ahead": "Wait a few minutes, then call it again under a new id.",
    "intent.abandoned": "To do it anyway, call it under a new id.",
    "intent.id_reused": (
        "It may be this very call, asked for by another program, and may have run: "
        "find out what it did before you do it again."
    ),
    "intent.unreadable": "Call it again.",
    "approval.rejected": "A human has refused it: do not repeat it or work around it; stop, or ask the user.",
    "approval.expired": "Ask the user before you call it again.",
    "sequence.completed": "What was done before forbids it: stop, or ask the user. Waiting does not help.",
    "policy.none": "Tell the user: no policy covers this agent.",
    "record.unreadable": "Tell the user: the call cannot be read.",
    "credential.budget": _SPENT,
    "publisher.unbound": "Stop, and tell the user: this program may not speak for the agent.",
}


def _advice_on(reason: Reason, budgets: Sequence[Budget]) -> str:
    if reason.code != "budget.exhausted":
        return _ADVICE.get(reason.code, _FORBIDDEN)
    for budget in budgets:
        if budget.policy == reason.policy and budget.limit == reason.rule:
            return _advice_on_budget(budget)
    # A repeated answer has no readings: whether waiting helps is not known here.
    return "Call it again later, or ask the user."


def _advice_on_budget(budget: Budget) -> str:
    if budget.measure == "identical_calls":
        return "Do not repeat it unchanged: it was called like this before. Use what came of it, or ask the user."
    if budget.max == 0:
        return _SPENT
    # Nothing is taken, and it does not fit: it never will.
    if budget.before == 0:
        return "The call alone is more than the limit: ask for less at a time. Waiting does not help."
    if budget.measure == "concurrent_calls":
        return _WAIT_SLOT
    if budget.window_ms == 0:
        return _SPENT
    return f"Wait, then call it again: the limit is for each {length_of(budget.window_ms)}."


def length_of(ms: int) -> str:
    """In the largest unit that says it exactly."""
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000)):
        if ms >= length and ms % length == 0:
            return f"{ms // length} {unit}"
    return f"{ms} ms"
