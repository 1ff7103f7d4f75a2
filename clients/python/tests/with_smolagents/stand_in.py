"""A server without a process: decides by rules of the test, and keeps of every decision and outcome what the ledger would."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any, Callable

from assent.canonical import canonicalize
from assent.decision import Decision, Reason
from rules import Rules
from scenario_client import Asked, Row, ScenarioClient


Verdict = str | tuple[str, str]
Rule = Callable[[Asked], Verdict]


class StandIn(ScenarioClient):
    """`rule` says allow, deny or hold, or a pair of it and a severity. Budgets are counted under one lock."""

    def __init__(
        self,
        rule: Rule = lambda asked: "allow",
        *,
        max_calls: dict[str, int] | None = None,
        max_tokens: int | None = None,
    ) -> None:
        super().__init__()
        self._rule = rule
        self._left = dict(max_calls or {})
        self.max_tokens = max_tokens
        self.tokens_reserved = 0
        self.tokens_settled = 0
        self._lock = threading.Lock()
        self.decisions: dict[str, Decision] = {}
        self.first_verdicts: dict[str, str] = {}
        self.reports: list[tuple[str, str, dict[str, Any]]] = []
        self.given_up: dict[str, str] = {}
        self.is_as_strict = True
        self.requested: list[tuple[str, Any]] = []
        self.listeners: dict[str, list[Any]] = {}

    @classmethod
    def under(cls, rules: Rules) -> StandIn:
        return cls(rules, max_calls=dict(rules.max_calls), max_tokens=rules.max_tokens)

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
        self.before(asked)
        with self._lock:
            before = self.decisions.get(id)
            if before is None:
                self.asked.append(asked)
                before = self.decisions[id] = self._decided(asked, text)
                self.first_verdicts[id] = before.verdict
            elif executor != before.executor:
                raise AssertionError("asked again as another executor")
        self.after(asked)
        ends = time.monotonic() + (deadline or 60.0)
        while on_hold == "wait" and before.verdict == "hold" and time.monotonic() < ends:
            time.sleep(0.01)
            with self._lock:
                if id in self.given_up:
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
        answer = self.answers.get(held.tool)
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
            assert all(id != decision.id for id, _, _ in self.reports), "two outcomes of one call"
            used = {"tokens": tokens, "duration_ms": duration_ms, "sketch": sketch}
            self.reports.append((decision.id, status, used))
            reserved = next(each.tokens for each in self.asked if each.id == decision.id) or 0
            self.tokens_reserved -= reserved
            self.tokens_settled += reserved if tokens is None else tokens

    def abandon(self, decision: Decision, reason: str) -> None:
        with self._lock:
            self.given_up[decision.id] = reason

    def close(self) -> None:
        pass

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

    def rows(self) -> list[Row]:
        with self._lock:
            settled = {id: (status, used["tokens"]) for id, status, used in self.reports}
            return [self._row(each, *settled.get(each.id, (None, None))) for each in self.asked]

    def _row(self, asked: Asked, outcome: str | None, tokens: int | None) -> Row:
        first, last = self.first_verdicts[asked.id], self.decisions[asked.id]
        return Row(asked.id, asked.tool, first, last.may_run, self.given_up.get(asked.id), outcome, tokens)
