"""Held calls, for a program in which a person decides. The key needs the role `approver`, and votes under its own name."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Mapping

from . import requests
from .calls import Defaults
from .exchange import Steps


class Approvals:
    """A vote is for exactly the call that was shown: it carries the commitment of what `list` and `get` hand out."""

    def __init__(self, defaults: Defaults, run: Callable[[Steps[Any]], Any]) -> None:
        self._defaults = defaults
        self._run = run

    def list(self, *, agent: str | None = None, session: str | None = None) -> list[dict[str, Any]]:
        """What waits for a person, the most urgent first: `id`, `tool`, `args`, `reasons`, `expiresAt`, …"""
        held: list[dict[str, Any]] = self._run(requests.held(self._defaults, agent=agent, session=session))
        return held

    def get(self, id: str, *, agent: str | None = None, session: str | None = None) -> dict[str, Any]:
        """One held call, with `visible`: the lines to show, in which everything is spelled out that nobody sees."""
        return dict(self._run(requests.held_one(self._defaults, id, agent=agent, session=session)))

    def grant(self, held: Mapping[str, Any], comment: str | None = None) -> dict[str, Any]:
        """Lets it run; `result` says what came of it. Raises GATEWAY_CONFLICT where the vote does not count."""
        return dict(self._run(requests.vote(self._defaults, "grant", held, comment)))

    def reject(self, held: Mapping[str, Any], comment: str | None = None) -> dict[str, Any]:
        """Refuses it. Raises as `grant`."""
        return dict(self._run(requests.vote(self._defaults, "reject", held, comment)))


class AsyncApprovals:
    """As `Approvals`; its methods are awaited."""

    def __init__(self, defaults: Defaults, run: Callable[[Steps[Any]], Awaitable[Any]]) -> None:
        self._defaults = defaults
        self._run = run

    async def list(self, *, agent: str | None = None, session: str | None = None) -> list[dict[str, Any]]:
        held: list[dict[str, Any]] = await self._run(requests.held(self._defaults, agent=agent, session=session))
        return held

    async def get(self, id: str, *, agent: str | None = None, session: str | None = None) -> dict[str, Any]:
        return dict(await self._run(requests.held_one(self._defaults, id, agent=agent, session=session)))

    async def grant(self, held: Mapping[str, Any], comment: str | None = None) -> dict[str, Any]:
        return dict(await self._run(requests.vote(self._defaults, "grant", held, comment)))

    async def reject(self, held: Mapping[str, Any], comment: str | None = None) -> dict[str, Any]:
        return dict(await self._run(requests.vote(self._defaults, "reject", held, comment)))
