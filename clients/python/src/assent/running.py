"""Calls that have begun and not ended: what is left of them when the program ends is reported as unknown."""

from __future__ import annotations

import atexit
import os
import threading
import time
from typing import Callable

from .errors import AssentError


class Run:
    def __init__(self, on_exit: Callable[[], None], deadline_ms: int) -> None:
        self.on_exit = on_exit
        self._began = time.monotonic()
        self._ends = self._began + deadline_ms / 1000
        #: A fork's child has the call's frames too; it is the parent's call all the same.
        self._process = os.getpid()

    def duration_ms(self) -> int:
        return max(0, round((time.monotonic() - self._began) * 1000))

    def seconds_left(self) -> float:
        return self._ends - time.monotonic()

    def end(self) -> bool:
        """Is it this process's to report? Once."""
        return self._process == os.getpid() and running.remove(self)


class Running:
    def __init__(self) -> None:
        self.forget()
        atexit.register(self._exit)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._runs: set[Run] = set()

    def begin(self, on_exit: Callable[[], None], deadline_ms: int) -> Run:
        run = Run(on_exit, deadline_ms)
        with self._lock:
            self._runs.add(run)
        return run

    def remove(self, run: Run) -> bool:
        with self._lock:
            if run not in self._runs:
                return False
            self._runs.remove(run)
            return True

    def _exit(self) -> None:
        while self._runs:
            with self._lock:
                run = next(iter(self._runs), None)
            try:
                if run is not None and run.end():
                    run.on_exit()
            except AssentError:
                # The others would wait as long for the same gateway.
                return


running = Running()
