"""Held calls, for a program in which a person decides. The key needs the role `approver`."""

from __future__ import annotations

from typing import Any, Callable

from .exchange import path_of


class Approvals:
    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request

    def list(self) -> list[dict[str, Any]]:
        """What waits for a person."""
        answer = self._request("GET", path_of("approvals"))
        return list(answer["approvals"] if isinstance(answer, dict) else answer)

    def get(self, id: str, *, agent: str | None = None, session: str | None = None) -> dict[str, Any]:
        """One held call, with its arguments as they will run."""
        return dict(self._request("GET", path_of("approvals", id, agent=agent, session=session)))

    def grant(self, id: str, *, agent: str | None = None, session: str | None = None, comment: str | None = None) -> Any:
        return self._answer("grant", id, agent, session, comment)

    def reject(
        self, id: str, *, agent: str | None = None, session: str | None = None, comment: str | None = None
    ) -> Any:
        return self._answer("reject", id, agent, session, comment)

    def _answer(self, what: str, id: str, agent: str | None, session: str | None, comment: str | None) -> Any:
        body = {"agent": agent, "session": session, "comment": comment}
        return self._request("POST", path_of("approvals", id, what), body)
