"""One allowed call from its beginning to its report: what it used, how it ended, and whether it ended in time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable

from .decision import Decision
from .digests import sketch_of
from .errors import HardDenied, TimedOut
from .requests import OutcomeStatus
from .running import running

if TYPE_CHECKING:
    from .guard import Guarded

logger = logging.getLogger("assent")


class BegunCall:
    def __init__(self, guarded: Guarded, decision: Decision, report_at_exit: Callable[[Decision], None]) -> None:
        self.decision = decision
        self._guarded = guarded
        self._run = running.begin(lambda: report_at_exit(decision), decision.obligations.call_deadline_ms)
        self._has_ended = False
        self._outcome: Mapping[str, Any] = {}
        #: Whatever is raised: its end is not known.
        self.is_unknown = False

    def seconds_left(self) -> float:
        """Until its deadline."""
        return self._run.seconds_left()

    def timed_out(self) -> TimedOut:
        """To be raised for a call that was stopped at its deadline."""
        self.is_unknown = True
        return TimedOut(self.decision)

    def ended(self, result: Any) -> None:
        self._has_ended = True
        self._outcome = {**self._used(result), "sketch": self._sketch(result)}

    def end(self, fault: BaseException | None) -> Mapping[str, Any] | None:
        """What `report` is given; None where it is not this process's to report."""
        if not self._run.end():
            return None
        status = self._status(fault)
        duration_ms, deadline_ms = self._run.duration_ms(), self.decision.obligations.call_deadline_ms
        if status != "unknown" and duration_ms > deadline_ms:
            logger.warning(
                "`%s` (%s) took %d ms, and policy allows it %d: its end was unknown meanwhile",
                *(self._guarded.tool, self.decision.id, duration_ms, deadline_ms),
            )
        return {"status": status, "duration_ms": duration_ms, **self._outcome}

    def unreported(self, fault: Exception) -> None:
        logger.warning("the outcome of `%s` (%s) is not reported: %s", self._guarded.tool, self.decision.id, fault)

    def _status(self, fault: BaseException | None) -> OutcomeStatus:
        if self._has_ended:
            return "ok"
        # A tool that raises has ended; one that was interrupted from outside may have done anything.
        has_failed = isinstance(fault, (Exception, HardDenied)) and not self.is_unknown
        return "error" if has_failed else "unknown"

    def _used(self, result: Any) -> Mapping[str, Any]:
        """What the call used: unknown, where nobody says or it cannot be read."""
        used = self._read("usage_of", self._guarded.options.usage_of, result) or {}
        if not isinstance(used, Mapping):
            used = {"usage_of": used}
        known = {name: value for name, value in used.items() if value is not None and _is_used(name, value)}
        for name in used.keys() - known.keys():
            if used[name] is not None:
                # One that cannot be read does not cost the others their report.
                logger.warning("`%s` of what `%s` used cannot be read: %r", name, self._guarded.tool, used[name])
        return known

    def _sketch(self, result: Any) -> str:
        """Drift decides nothing: what cannot be compared is left out."""
        output = self._read("output_of", self._guarded.options.output_of, result)
        return sketch_of(output) if isinstance(output, str) else ""

    def _read(self, name: str, function: Callable[[Any], Any] | None, result: Any) -> Any:
        if function is None:
            return None
        try:
            return function(result)
        except Exception:
            logger.warning("`%s` of `%s` failed", name, self._guarded.tool, exc_info=True)
            return None


def _is_used(name: str, value: object) -> bool:
    """`tokens` in whole numbers, `cost` in currency units."""
    if isinstance(value, bool) or not isinstance(value, int if name == "tokens" else (int, float)):
        return False
    return name in ("tokens", "cost") and 0 <= value <= 2**53 - 1
