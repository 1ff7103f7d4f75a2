"""Both kinds of agent on both servers, with a model that calls one tool and then answers; and the count of bodies at the end."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, Iterator

import pytest
import rules
from assent.smolagents import SafeAgent
from bodies import count_those_of_smolagents, counted
from real_dev import Dev, DevClient
from scripted import DeleteFile, Scripted, code
from stand_in import StandIn

Make = Callable[..., tuple[Any, DeleteFile]]
Serve = Callable[..., Any]


@pytest.fixture(params=["code", "tool_calling"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """`assent dev` with all the rules: one for a file of tests."""
    dev = Dev(tmp_path_factory.mktemp("dev"), [each.policy() for each in rules.ALL])
    yield dev
    dev.close()


@pytest.fixture(params=["stand-in", "dev"])
def serving(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Makes clients of the server under some rules. At the end bodies must have run as often as the ledger allows."""
    dev: Dev | None = request.getfixturevalue("dev") if request.param == "dev" else None
    clients: list[StandIn | DevClient] = []
    count_those_of_smolagents(monkeypatch)

    def serve(under: rules.Rules = rules.ALLOWS) -> StandIn | DevClient:
        clients.append(StandIn.under(under) if dev is None else DevClient(dev, under.name))
        return clients[-1]

    yield serve
    allowed: Counter[str] = sum((client.allows() for client in clients), Counter())
    for client in clients:
        client.close()
    assert counted() == allowed


def turn_of(kind: str, tool: str, **args: Any) -> Any:
    """A message that calls the tool."""
    if kind == "tool_calling":
        return [(tool, args)]
    named = ", ".join(f"{name}={value!r}" for name, value in args.items())
    return code(f"{tool}({named})" if tool == "final_answer" else f"print({tool}({named}))")


def turns_of(kind: str, *paths: str) -> list[Any]:
    """One message that deletes all the paths, and one that answers."""
    answer = turn_of(kind, "final_answer", answer="done")
    if kind == "code":
        return [code("\n".join(f"print(delete_file({path!r}))" for path in paths)), answer]
    return [[("delete_file", {"path": path}) for path in paths], answer]


@pytest.fixture
def deleting(kind: str) -> Make:
    def make(client: Any, *paths: str, **options: Any) -> tuple[Any, DeleteFile]:
        tool = DeleteFile()
        model = options.pop("model", None) or Scripted(*turns_of(kind, *(paths or ("/x",))))
        agent = SafeAgent(tools=[tool], model=model, kind=kind, client=client, verbosity_level=0, **options)  # type: ignore[arg-type]
        return agent, tool

    return make
