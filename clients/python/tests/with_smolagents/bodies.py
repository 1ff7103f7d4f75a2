"""Counts how often bodies run: of the tests' own tools, and of what smolagents itself runs for a call."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from smolagents import MultiStepAgent
from smolagents.default_tools import FinalAnswerTool
from smolagents.local_python_executor import LocalPythonExecutor

_lock = threading.Lock()
_ran: Counter[str] = Counter()


def count(tool: str) -> None:
    """Called first thing in each body."""
    with _lock:
        _ran[tool] += 1


def counted() -> Counter[str]:
    with _lock:
        return Counter(_ran)


def forget() -> None:
    with _lock:
        _ran.clear()


def count_those_of_smolagents(monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing on. Code actions, final answers and managed agents are bodies as well."""
    forget()
    execute, call_agent = LocalPythonExecutor.__call__, MultiStepAgent.__call__

    def executed(self: Any, code_action: str) -> Any:
        count("python_interpreter")
        return execute(self, code_action)

    def answered(self: Any, answer: Any) -> Any:
        count("final_answer")
        return answer

    def called(self: Any, task: str, **options: Any) -> Any:
        count(self.name)
        return call_agent(self, task, **options)

    monkeypatch.setattr(LocalPythonExecutor, "__call__", executed)
    monkeypatch.setattr(FinalAnswerTool, "forward", answered)
    monkeypatch.setattr(MultiStepAgent, "__call__", called)
