"""What only `assent dev` can show: facts as fields of policies, halts, drift, and policies that a program brings along."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator

import pytest
from assent.errors import AssentError, HardDenied
from assent.smolagents import GovernancePolicy, SafeAgent
from fixtures import kind, turn_of  # noqa: F401  fixtures
from real_dev import Dev, DevClient
from scripted import DeleteFile, Scripted, code

POLICY = """
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: desk }
tools: { allow: all }
patterns:
  - { name: no-shell, in: [args.facts.calls], tools: [python_interpreter], substring: os.system }
  - { name: no-dunders, in: [args.facts.dunderTexts], tools: [python_interpreter], substring: __ }
"""


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    dev = Dev(tmp_path_factory.mktemp("dev"), [POLICY])
    yield dev
    dev.close()


@pytest.fixture
def client(dev: Dev) -> Iterator[DevClient]:
    with closing(DevClient(dev, "desk")) as client:
        yield client


def calling(client: DevClient, kind: str, tool: Any, **options: Any) -> Any:  # noqa: F811
    """An agent that calls the tool once, and answers."""
    turns = turn_of(kind, tool.name, path="/tmp/x"), turn_of(kind, "final_answer", answer="done")
    return SafeAgent([tool], Scripted(*turns), kind=kind, client=client, verbosity_level=0, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["import os as o\no.system('ls')", 'print("{0.__globals__}".format(final_answer))'])
def test_facts_of_code_are_fields_of_policies(client: DevClient, text: str) -> None:
    model = Scripted(code(text), code('final_answer("done")'))
    agent = SafeAgent([], model, client=client, verbosity_level=0, additional_authorized_imports=["os"])
    assert agent.run("go") == "done"
    assert client.verdicts("python_interpreter") == ["deny", "allow"]


def test_halted_agent_is_stopped_at_its_next_call(client: DevClient, kind: str) -> None:  # noqa: F811
    class Halting(DeleteFile):
        def forward(self, path: str) -> str:
            command = ("halt", "set", "--tenant", "default", "--agent", str(client.agent))
            client.dev.assent(*command, "--reason", "enough", "--by", "ann@example.com")
            return super().forward(path)

    tool = Halting()
    with pytest.raises(HardDenied):
        calling(client, kind, tool).run("go")
    assert len(tool.ran) == 1 == client.allows()["delete_file"] and client.of("final_answer") == []


def test_drift_is_told_by_the_gateway(client: DevClient, kind: str) -> None:  # noqa: F811
    class Reading(DeleteFile):
        """What it gives changes from one call to the next."""

        def forward(self, path: str) -> str:
            super().forward(path)
            return "the weather is fine today, and the tide is low" if len(self.ran) == 1 else "0123456789" * 9

    tool = Reading()
    tool.name = f"read_{kind}"
    agent = calling(client, kind, tool, session=f"reading-{kind}")
    events: list[dict[str, Any]] = []
    is_told = threading.Event()

    def note(event: dict[str, Any]) -> None:
        events.append(event)
        is_told.set()

    stop = agent.on("drift_detected", note)
    agent.run("go")
    agent.model._model.calls = 0
    agent.run("again")
    assert is_told.wait(30)
    stop()
    (drift,) = events
    assert drift["tool"] == tool.name and drift["session"] == f"reading-{kind}" and drift["score"] > drift["threshold"]
    # The call whose output drifted, by the id under which the ledger has it.
    assert drift["intent"] == client.of(tool.name)[1].id and len(tool.ran) == 2


def test_policy_of_a_program(tmp_path: Path) -> None:
    """Refused while it is not in force, put into force where that was asked for, and then it decides."""
    file = tmp_path / "governance.yaml"
    file.write_text("allowed_tools: [search]\nmax_tool_calls: 3\nmax_tokens: 100000\ntimeout_seconds: 60\n", "utf-8")
    policy = GovernancePolicy.load(file)
    own = Dev(tmp_path, [POLICY])
    try:
        with closing(DevClient(own, "desk")) as client:
            tool = DeleteFile()
            with pytest.raises(AssentError, match="POLICY_LOOSER"):
                calling(client, "code", tool, policy=policy)
            agent = calling(client, "code", tool, policy=policy, activate=True)
            assert agent.run("go") == "done"
            assert tool.ran == [] and client.verdicts("delete_file") == ["deny"]
            assert client.allows()["model.generate"] == agent.model.calls == 2
            # In force now, it needs nobody's key any more.
            assert calling(client, "code", tool, policy=policy).run("go") == "done"
    finally:
        own.close()
