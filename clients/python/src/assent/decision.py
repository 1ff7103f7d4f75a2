"""A decision, as the client hands it to its user."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal, Mapping

from .canonical import Json, canonicalize
from .messages import message_for_model

Verdict = Literal["allow", "deny", "hold"]
Status = Literal["open", "held", "granted", "taken", "closed", "halted"]
Source = Literal["reply", "timeout", "closed"]
CALL_DEADLINE_DEFAULT_MS = 600_000


@dataclass(frozen=True)
class Reason:
    """One determining rule of a decision, or a rule of the step itself (then `policy` and `rule` are empty)."""

    code: str
    policy: str = ""
    rule: str = ""
    #: What the rule asks for, `deny` or `hold`; in mode `audit` it is recorded and has no force.
    effect: str = "deny"
    mode: str = "enforce"
    severity: str = "medium"
    #: The author's words, or the engine's; never argument text.
    message: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Budget:
    """A budget as the decision saw it. `before` and `after` are settled + reserved; `max` includes top-ups."""

    policy: str
    limit: str
    measure: str
    #: 0: for life.
    window_ms: int
    max: int
    before: int
    after: int
    scope_key: str = ""


@dataclass(frozen=True)
class Obligations:
    """What an allowed call owes."""

    #: Pointers of the arguments that were replaced.
    redact: tuple[str, ...] = ()
    #: What the call may take; its outcome is unknown afterwards.
    call_deadline_ms: int = CALL_DEADLINE_DEFAULT_MS
    lease_ms: int = 0
    #: Words that the policy attaches for the model.
    messages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What was decided of one call. Run `args` of it, never the object that you asked with, and only if `may_run`."""

    id: str
    verdict: Verdict
    #: May an allowed call run? Only on `open`. `taken`: another executor has it.
    status: Status
    #: `reply`: from the ledger. The client's own denials are `timeout` (nobody answered in time) and `closed`.
    source: Source = "reply"
    #: Under which this decision was asked for: an allow goes to one executor.
    executor: str = ""
    reasons: tuple[Reason, ...] = ()
    obligations: Obligations = Obligations()
    budgets: tuple[Budget, ...] = ()
    begins: tuple[Any, ...] = ()
    policy_digest: str = ""
    #: While held: when the hold expires, in ms since the epoch; else 0.
    expires_at: int = 0
    #: The ledger entry that says so; -1 for a denial of the client's own.
    partition: int = -1
    seq: int = -1
    #: The capability for an executor elsewhere; empty where there is none.
    token: str = ""
    tool: str = ""
    #: Where outcomes are reported: None is the credential's own.
    agent: str | None = None
    session: str | None = None
    #: The canonical JSON of `args`; None where nothing may run.
    args_text: str | None = field(default=None, repr=False)

    @property
    def may_run(self) -> bool:
        """Only now, and only here: an allow counts while it is open."""
        return self.verdict == "allow" and self.status == "open" and self.args_text is not None

    @property
    def args(self) -> dict[str, Any] | None:
        """The arguments as they may run, redactions applied: a new copy each time, so that nobody can change what was decided."""
        if self.args_text is None:
            return None
        args: dict[str, Any] = json.loads(self.args_text)
        return args

    @property
    def message(self) -> str:
        """What a model is told of it: why, and what would help."""
        return message_for_model(self)

    @classmethod
    def from_answer(
        cls, answer: Mapping[str, Any], *, tool: str = "", agent: str | None = None, session: str | None = None
    ) -> Decision:
        """Reads the gateway's answer. Raises KeyError, TypeError or ValueError where it is none."""
        verdict, status, source = answer["verdict"], answer["status"], answer.get("source", "reply")
        if verdict not in ("allow", "deny", "hold"):
            raise ValueError("unknown verdict")
        may_run = verdict == "allow" and status == "open"
        args: Json = answer.get("args") if may_run else None
        if may_run and not isinstance(args, dict):
            raise ValueError("an allow without arguments")
        return cls(
            id=_text(answer["id"]),
            verdict=verdict,
            status=_text(status),  # type: ignore[arg-type]
            source=_text(source),  # type: ignore[arg-type]
            executor=answer.get("executor", ""),
            reasons=tuple(_reason(each) for each in answer.get("reasons", ())),
            obligations=_obligations(answer.get("obligations") or {}),
            budgets=tuple(_budget(each) for each in answer.get("budgets", ())),
            begins=tuple(answer.get("begins", ())),
            policy_digest=answer.get("policyDigest", ""),
            expires_at=answer.get("expiresAt", 0),
            partition=answer.get("partition", -1),
            seq=answer.get("seq", -1),
            token=answer.get("token", ""),
            tool=tool,
            agent=agent,
            session=session,
            args_text=canonicalize(args) if may_run else None,
        )

    @classmethod
    def undecided(
        cls,
        id: str,
        *,
        source: Source = "timeout",
        executor: str = "",
        tool: str = "",
        agent: str | None = None,
        session: str | None = None,
    ) -> Decision:
        """No decision in time is a denial of the client's own."""
        return cls(id, "deny", "closed", source, executor, tool=tool, agent=agent, session=session)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a name that is no text")
    return value


def _reason(of: Mapping[str, Any]) -> Reason:
    return Reason(
        code=_text(of["code"]),
        policy=of.get("policy", ""),
        rule=of.get("rule", ""),
        effect=of.get("effect", "deny"),
        mode=of.get("mode", "enforce"),
        severity=of.get("severity", "medium"),
        message=of.get("message", ""),
        tags=tuple(of.get("tags", ())),
    )


def _budget(of: Mapping[str, Any]) -> Budget:
    return Budget(
        policy=of["policy"],
        limit=of["limit"],
        measure=of["measure"],
        window_ms=of["windowMs"],
        max=of["max"],
        before=of["before"],
        after=of["after"],
        scope_key=of.get("scopeKey", ""),
    )


def _obligations(of: Mapping[str, Any]) -> Obligations:
    return Obligations(
        redact=tuple(of.get("redact", ())),
        call_deadline_ms=of.get("callDeadlineMs", CALL_DEADLINE_DEFAULT_MS),
        lease_ms=of.get("leaseMs", 0),
        messages=tuple(of.get("messages", ())),
    )
