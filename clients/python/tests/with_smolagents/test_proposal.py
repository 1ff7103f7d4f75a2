"""The code of https://github.com/huggingface/smolagents/issues/1989 as it was proposed: only its import is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

import pytest
from assent import Client
from bodies import count_those_of_smolagents, counted
from real_dev import ROOT, Dev, rows_of
from scenario_client import allows_of
from scripted import DeleteFile, Scripted, code

PROPOSED = """
from smolagents import CodeAgent, tool
from smolagents_safety import GovernancePolicy, SafeAgent

policy = GovernancePolicy.load("policy.yaml")
agent = SafeAgent(
    tools=[my_tool],
    model=model,
    policy=policy,
)
agent.on("policy_violation", lambda e: log_alert(e))
result = agent.run("Do the task")
# All tool calls are policy-checked; dangerous patterns blocked
"""
#: Of Agent-OS: 5 tool calls, `/etc/` and `rm -rf` are blocked.
POLICY = ROOT / "examples" / "smolagents" / "policy.yaml"
ALLOWS_ALL = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: all }\ntools: { allow: all }\n"

TURNS = (
    code("folder = '/etc' + '/'\ndelete_file(folder + 'passwd')"),
    code("import os\nos.system('rm  -rf /')"),
    code("for n in range(7):\n    try:\n        delete_file(f'/tmp/{n}')\n    except Exception:\n        pass"),
    code("final_answer('done')"),
)


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    """Its folder is where the program runs, and finds it."""
    dev = Dev(tmp_path, [ALLOWS_ALL])
    yield dev
    dev.close()


def test_blocks_what_its_policy_blocks(dev: Dev, monkeypatch: pytest.MonkeyPatch) -> None:
    (dev.folder / "policy.yaml").write_text(POLICY.read_text("utf-8"), "utf-8")
    alerts: list[dict[str, Any]] = []
    tool = DeleteFile()
    given: dict[str, Any] = {"my_tool": tool, "model": Scripted(*TURNS), "log_alert": alerts.append}
    count_those_of_smolagents(monkeypatch)
    exec(PROPOSED.replace("from smolagents_safety import", "from assent.smolagents import"), given)
    assert given["result"] == "done" and tool.ran == [f"/tmp/{n}" for n in range(5)]
    with Client() as client:
        client.decide("last_call", {}, id="last", agent="default")
    rows = [row for row in rows_of(dev.ledger.of("default", "last")) if row.id != "last"]
    assert counted() == allows_of(rows)
    denied = [row for row in rows if row.verdict == "deny"]
    assert [row.tool for row in denied] == ["delete_file", "python_interpreter", "delete_file", "delete_file"]
    assert [(alert["tool"], alert["id"]) for alert in alerts] == [(row.tool, row.id) for row in denied]
