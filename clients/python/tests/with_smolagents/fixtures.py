"""Both kinds of agent, with a model that calls one tool and then answers."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from assent.smolagents import SafeAgent

from scripted import DeleteFile, Scripted, code

Make = Callable[..., tuple[Any, DeleteFile]]


@pytest.fixture(params=["code", "tool_calling"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def turns_of(kind: str, *paths: str) -> list[Any]:
    """One message that deletes all the paths, and one that answers."""
    if kind == "code":
        body = "\n".join(f"print(delete_file({path!r}))" for path in paths)
        return [code(body), code('final_answer("done")')]
    calls = [("delete_file", {"path": path}) for path in paths]
    return [calls, [("final_answer", {"answer": "done"})]]


@pytest.fixture
def deleting(kind: str) -> Make:
    def make(client: Any, *paths: str, **options: Any) -> tuple[Any, DeleteFile]:
        tool = DeleteFile()
        model = options.pop("model", None) or Scripted(*turns_of(kind, *(paths or ("/x",))))
        agent = SafeAgent(tools=[tool], model=model, kind=kind, client=client, verbosity_level=0, **options)  # type: ignore[arg-type]
        return agent, tool

    return make
