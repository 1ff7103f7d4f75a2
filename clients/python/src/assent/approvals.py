"""Held calls, for a program in which a person decides. The key needs the role `approver`, and votes under its own name."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from .exchange import path_of


class Approvals:
    """A vote is for exactly the call that was shown: it carries the commitment of what `list` and `get` hand out."""

    def __init__(self, request: Callable[..., Any]) -> None:
        self._request = request

    def list(self, *, agent: str | None = None, session: str | None = None) -> list[dict[str, Any]]:
        """What waits for a person, the most urgent first: `id`, `tool`, `args`, `reasons`, `expiresAt`, …"""
        return list(self._request("GET", path_of("approvals", agent=agent, session=session))["holds"])

    def get(self, id: str, *, agent: str | None = None, session: str | None = None) -> dict[str, Any]:
        """One held call, with `visible`: the lines to show, in which everything is spelled out that nobody sees."""
        return dict(self._request("GET", path_of("approvals", id, agent=agent, session=session)))

    def grant(self, held: Mapping[str, Any], comment: str | None = None) -> dict[str, Any]:
        """Lets it run; `result` says what came of it. Raises GATEWAY_CONFLICT where the vote does not count."""
        return self._vote("grant", held, comment)

    def reject(self, held: Mapping[str, Any], comment: str | None = None) -> dict[str, Any]:
        """Refuses it. Raises as `grant`."""
        return self._vote("reject", held, comment)

    def _vote(self, what: str, held: Mapping[str, Any], comment: str | None) -> dict[str, Any]:
        body = {"commitment": held["commitment"], "comment": comment}
        return dict(self._request("POST", path_of("approvals", held["id"], what), body))
