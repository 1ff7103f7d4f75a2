"""How much time a code action has left. Waiting for a person does not count, in this agent or in one that it manages."""

from __future__ import annotations

import threading
import time
from typing import Callable

Now = Callable[[], float]


class ActionClock:
    """Counts seconds from its making; while anybody has paused it, none."""

    def __init__(self, limit_seconds: float | None, parent: ActionClock | None = None, now: Now = time.monotonic) -> None:
        self._limit = limit_seconds
        self._parent = parent
        self._now = now
        self._lock = threading.Lock()
        self._begun = now()
        self._pauses = 0
        self._paused_at = 0.0
        self._paused_seconds = 0.0

    def remaining_seconds(self) -> float | None:
        """Of this action and of those around it: the least. None: there is no limit."""
        own = None if self._limit is None else self._limit - self._counted_seconds()
        around = None if self._parent is None else self._parent.remaining_seconds()
        known = [each for each in (own, around) if each is not None]
        return min(known) if known else None

    def pause(self) -> None:
        with self._lock:
            if self._pauses == 0:
                self._paused_at = self._now()
            self._pauses += 1
        if self._parent is not None:
            self._parent.pause()

    def resume(self) -> None:
        with self._lock:
            self._pauses -= 1
            if self._pauses == 0:
                self._paused_seconds += self._now() - self._paused_at
        if self._parent is not None:
            self._parent.resume()

    def _counted_seconds(self) -> float:
        with self._lock:
            end = self._paused_at if self._pauses > 0 else self._now()
            return end - self._begun - self._paused_seconds
