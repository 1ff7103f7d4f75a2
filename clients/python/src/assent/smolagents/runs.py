"""One run of a governed agent: its names, its own ids, and whether it may go on.

A run of a managed agent belongs to the call that began it: its ids continue that call's id (`r7….3.1` is the first call of the
agent that call 3 has asked), and whatever ends the run around it ends it as well.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from typing import Callable

from ..errors import HardDenied
from .clock import ActionClock


class RunEnded(BaseException):
    """The run may not go on: nothing of the code behind the call runs, and no `except Exception` of it sees this."""


class Run:
    def __init__(
        self,
        *,
        session: str | None,
        actor: tuple[str, ...],
        is_interrupted: Callable[[], bool],
        id: str | None = None,
        parent: Run | None = None,
        clock: ActionClock | None = None,
    ) -> None:
        self.id = id or f"r{secrets.token_hex(8)}"
        self.session = session
        self.actor = actor
        self.parent = parent
        #: That of the code action that is running, or of the one around this run.
        self.clock = clock
        self._is_interrupted = is_interrupted
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._denied: HardDenied | None = None

    def next_id(self, within: str | None = None) -> str:
        """An id that no other call has: never the model's, which repeats."""
        with self._lock:
            return f"{within or self.id}.{next(self._numbers)}"

    def end(self, denied: HardDenied) -> None:
        """Ends this run and those around it."""
        run: Run | None = self
        while run is not None:
            run._denied = run._denied or denied
            run = run.parent

    def check(self) -> None:
        """Raises HardDenied after a hard denial anywhere in the tree, RunEnded after an interrupt here or around."""
        run: Run | None = self
        while run is not None:
            if run._denied is not None:
                raise HardDenied(run._denied.decision)
            if run._is_interrupted():
                raise RunEnded("the agent was interrupted")
            run = run.parent
