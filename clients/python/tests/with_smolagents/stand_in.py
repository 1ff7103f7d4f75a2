"""An in-memory gateway: decides by rules of the test, and records every decision and outcome as the ledger would."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any, Callable

from assent.canonical import canonicalize
from assent.decision import Decision, Reason


@dataclass
class Asked:
    """One intent, as it came."""

    id: str
    tool: str
    args: dict[str, Any]
    session: str | None
    actor: tuple[str, ...]
    tokens: int | None
    deadline: float | None
    executor: str
    thread: int = field(default_factory=threading.get_ident)


Verdict = str | tuple[str, str]
Rule = Callable[[Asked], Verdict]


class StandIn:
    """`rule` says allow, deny or hold, or a pair of it and a severity. Budgets are counted under one lock."""

    def __init__(
        self,
        rule: Rule = lambda asked: "allow",
        *,
        max_calls: dict[str, int] | None = None,
        max_tokens: int | None = None,
    ) -> None:
        self._rule = rule
        self._left = dict(max_calls or {})
        self.max_tokens = max_tokens
        self.tokens_reserved = 0
        self.tokens_settled = 0
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self.decisions: dict[str, Decision] = {}
        self.outcomes: list[tuple[str, str, dict[str, Any]]] = []
        self.abandoned: list[tuple[str, str]] = []
        self.answers: dict[str, str] = {}
        #: Seconds that each decision takes.
        self.delay: Callable[[Asked], float] = lambda asked: 0.0
        self.is_as_strict = True
        self.requested: list[tuple[str, Any]] = []
        self.listeners: dict[str, list[Any]] = {}

    def decide(
        self,
        tool: str,
        args: dict[str, Any],
        *,
        id: str,
        session: str | None = None,
        agent: str | None = None,
        actor: list[str] | None = None,
        estimate: dict[str, Any] | None = None,
        executor: str | None = None,
        deadline: float | None = None,
        on_hold: str = "wait",
        wait: float | None = None,
    ) -> Decision:
        tokens = None if estimate is None else estimate["tokens"]
        text = canonicalize(args)
        asked = Asked(id, tool, args, session, tuple(actor or ()), tokens, deadline, executor or f"x-{id}")
        time.sleep(self.delay(asked))
        with self._lock:
            before = self.decisions.get(id)
            if before is None:
                self.asked.append(asked)
                before = self.decisions[id] = self._decided(asked, text)
            elif executor != before.executor:
                raise AssertionError("asked again as another executor")
        ends = time.monotonic() + (deadline or 60.0)
        while on_hold == "wait" and before.verdict == "hold" and time.monotonic() < ends:
            time.sleep(0.01)
            with self._lock:
                if any(abandoned == id for abandoned, _ in self.abandoned):
                    return Decision.undecided(id, tool=tool)
                before = self._answered(before, text)
        if on_hold == "wait" and before.verdict == "hold":
            self.abandon(before, "no decision in time")
            return Decision.undecided(id, tool=tool)
        return before

    def _decided(self, asked: Asked, text: str) -> Decision:
        said = self._rule(asked)
        verdict, severity = (said, "medium") if isinstance(said, str) else said
        code = "pattern.matched"
        if verdict == "allow" and self._left.get(asked.tool, 1) <= 0:
            verdict, code = "deny", "budget.exhausted"
        spent = self.tokens_reserved + self.tokens_settled + (asked.tokens or 0)
        if verdict == "allow" and asked.tokens and self.max_tokens is not None and spent > self.max_tokens:
            verdict, code = "deny", "budget.exhausted"
        if verdict == "allow" and asked.tool in self._left:
            self._left[asked.tool] -= 1
        if verdict == "allow":
            self.tokens_reserved += asked.tokens or 0
        effect = "hold" if verdict == "hold" else "deny"
        return Decision(
            id=asked.id,
            verdict=verdict,  # type: ignore[arg-type]
            status={"allow": "open", "hold": "held"}.get(verdict, "closed"),  # type: ignore[arg-type]
            executor=asked.executor,
            reasons=() if verdict == "allow" else (Reason(code, "desk", "rule-1", effect, severity=severity),),
            policy_digest="sha256:00",
            partition=0,
            seq=len(self.decisions),
            tool=asked.tool,
            session=asked.session,
            args_text=text if verdict == "allow" else None,
        )

    def _answered(self, held: Decision, text: str) -> Decision:
        answer = self.answers.get(held.id) or self.answers.get(held.tool)
        if held.verdict != "hold" or answer is None:
            return held
        if answer == "grant":
            decision = replace(held, verdict="allow", status="open", args_text=text, reasons=())
        else:
            decision = replace(held, verdict="deny", status="closed", reasons=(Reason("approval.rejected"),))
        self.decisions[held.id] = decision
        return decision

    def report(
        self,
        decision: Decision,
        status: str = "ok",
        *,
        tokens: int | None = None,
        duration_ms: int | None = None,
        sketch: str | None = None,
    ) -> None:
        with self._lock:
            assert decision.may_run, "an outcome of a call that was not allowed"
            assert all(id != decision.id for id, _, _ in self.outcomes), "two outcomes of one call"
            used = {"tokens": tokens, "duration_ms": duration_ms, "sketch": sketch}
            self.outcomes.append((decision.id, status, used))
            reserved = next(each.tokens for each in self.asked if each.id == decision.id) or 0
            self.tokens_reserved -= reserved
            self.tokens_settled += reserved if tokens is None else tokens

    def abandon(self, decision: Decision, reason: str) -> None:
        with self._lock:
            self.abandoned.append((decision.id, reason))

    def on(self, event: str, listener: Any) -> Any:
        self.listeners.setdefault(event, []).append(listener)
        return lambda: self.listeners[event].remove(listener)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        self.requested.append((path, body))
        if path == "/v1/policies/additions":
            was_strict, self.is_as_strict = self.is_as_strict, True
            return {"isAdded": not was_strict, "activeDigest": "00"}
        assert (method, path) == ("POST", "/v1/policies/compare")
        rule = {"dimension": "tools", "rule": "desk/tools.deny[x]", "why": "a call that it stops is let through"}
        looser = [] if self.is_as_strict else [rule]
        return {"isAsStrict": self.is_as_strict, "summary": "as it is", "looser": looser, "activeDigest": "00"}

    def of(self, tool: str) -> list[Asked]:
        return [each for each in self.asked if each.tool == tool]

    def verdicts(self, tool: str) -> list[str]:
        return [self.decisions[each.id].verdict for each in self.of(tool)]

    def ran(self, tool: str) -> int:
        """Allows of the tool that nobody gave up: as many bodies must have run."""
        given_up = {id for id, _ in self.abandoned}
        return sum(1 for each in self.of(tool) if self.decisions[each.id].may_run and each.id not in given_up)
