"""What the scenarios ask of a server, be it the stand-in or `assent dev`: what came to it, and what its ledger says of it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Callable, Iterable


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


@dataclass
class Row:
    """One call, as the ledger has it."""

    id: str
    tool: str
    #: The first verdict.
    verdict: str
    #: At once, or by a person later.
    is_allowed: bool
    abandoned_because: str | None = None
    outcome: str | None = None
    tokens: int | None = None


class ScenarioClient:
    """The part of a client that scenarios look at; `rows` is the server's."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        #: Called before and after a call is decided.
        self.before: Callable[[Asked], object] = lambda asked: None
        self.after: Callable[[Asked], object] = lambda asked: None
        #: What a person says of held calls of a tool: grant or reject, as soon as it is here.
        self.answers: dict[str, str] = {}

    def rows(self) -> list[Row]:
        """Of the calls that this client has asked for, in the order of the ledger."""
        raise NotImplementedError

    def of(self, tool: str) -> list[Asked]:
        return [each for each in self.asked if each.tool == tool]

    def verdicts(self, tool: str) -> list[str]:
        return [row.verdict for row in self.rows() if row.tool == tool]

    def outcomes(self, tool: str) -> list[tuple[str | None, int | None]]:
        """Outcome and tokens of each call that was settled."""
        return [(row.outcome, row.tokens) for row in self.rows() if row.tool == tool and row.outcome is not None]

    def abandoned(self) -> list[tuple[str, str]]:
        """Tools of calls that were given up, and why."""
        return [(row.tool, row.abandoned_because) for row in self.rows() if row.abandoned_because is not None]

    def allows(self) -> Counter[str]:
        """Calls of each tool that were allowed and not given up: as many bodies must have run."""
        return allows_of(self.rows())


def allows_of(rows: Iterable[Row]) -> Counter[str]:
    return Counter(row.tool for row in rows if row.is_allowed and row.abandoned_because is None)
