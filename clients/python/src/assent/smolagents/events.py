"""What an agent's listeners are told, with the ids by which each event is found in the ledger again."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Callable

from ..decision import Decision
from ..events import Event

Listener = Callable[[dict[str, Any]], object]

#: Told here, in the thread of the call, as soon as the decision is known.
OWN_EVENTS = ("policy_check", "policy_violation", "tool_call_blocked")
#: Told by the gateway, which computes them from the ledger.
GATEWAY_EVENTS = ("checkpoint_created", "drift_detected")
EVENTS = OWN_EVENTS + GATEWAY_EVENTS
#: Sessions whose events are told; those of older runs are over.
SESSIONS_MAX = 10_000

_log = logging.getLogger("assent.smolagents")


class Events:
    """Listeners by event. One that raises is logged, and neither stops the call nor hides it from the others."""

    def __init__(self, subscribe: Callable[[str, Callable[[Event], None]], Callable[[], None]]) -> None:
        self._subscribe = subscribe
        self._lock = threading.Lock()
        self._listeners: dict[str, list[Listener]] = {name: [] for name in OWN_EVENTS}
        #: Of the agent's runs, the latest last; what the gateway tells of others is not for its listeners.
        self._sessions: dict[str, None] = {}

    def on(self, event: str, listener: Listener) -> Callable[[], None]:
        """Returns what ends it. Raises ValueError for an event that nobody tells."""
        if event in GATEWAY_EVENTS:
            return self._subscribe(event, self._from_gateway(listener))
        if event not in self._listeners:
            raise ValueError(f"no event is called {event!r}: there are {', '.join(EVENTS)}")
        with self._lock:
            self._listeners[event].append(listener)
        return lambda: self._remove(event, listener)

    def _from_gateway(self, listener: Listener) -> Callable[[Event], None]:
        def tell(told: Event) -> None:
            # Checkpoints are the ledger's, and no session's.
            session = told.data.get("session")
            if session is None or self._is_own(session):
                listener({"event": told.type, "eventId": told.id, **told.data})

        return tell

    def began(self, session: str) -> None:
        """Of a run that is about to make its first call."""
        with self._lock:
            self._sessions.pop(session, None)
            self._sessions[session] = None
            if len(self._sessions) > SESSIONS_MAX:
                del self._sessions[next(iter(self._sessions))]

    def _is_own(self, session: str) -> bool:
        with self._lock:
            return session in self._sessions

    def _remove(self, event: str, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners[event]:
                self._listeners[event].remove(listener)

    def decided(self, decision: Decision, context: dict[str, Any]) -> None:
        """`context`: run, agent path, tool and kind of the call."""
        payload = {**context, **_of_decision(decision)}
        self._tell("policy_check", payload)
        if decision.may_run or decision.verdict == "hold":
            return
        if any(reason.effect == "deny" and reason.mode == "enforce" for reason in decision.reasons):
            self._tell("policy_violation", payload)
        self._tell("tool_call_blocked", payload)

    def refused(self, reason: str, context: dict[str, Any]) -> None:
        """By the wrapper itself, before or after the decision: nothing ran."""
        self._tell("tool_call_blocked", {**context, "timestamp": time.time(), "verdict": "deny", "source": "wrapper", "reason": reason})

    def _tell(self, event: str, payload: dict[str, Any]) -> None:
        with self._lock:
            listeners = list(self._listeners[event])
        for listener in listeners:
            try:
                listener({"event": event, **payload})
            except Exception:
                _log.exception("a listener of %s raised", event)


def _of_decision(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "timestamp": time.time(),
        "verdict": decision.verdict,
        "status": decision.status,
        "source": decision.source,
        "reason": decision.message,
        "reasons": [
            {"code": each.code, "policy": each.policy, "rule": each.rule, "severity": each.severity, "message": each.message}
            for each in decision.reasons
        ],
        "policyDigest": decision.policy_digest,
        "partition": decision.partition,
        "seq": decision.seq,
    }
