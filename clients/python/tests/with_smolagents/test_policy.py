"""A program's policy: without one as strict in force, nothing runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assent.errors import AssentError
from assent.smolagents import GovernancePolicy
from fixtures import deleting, kind  # noqa: F401  fixtures
from stand_in import StandIn

POLICY = GovernancePolicy((("policy.yaml", "allowed_tools: [search]\n"),))


def test_loads_a_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("b", "utf-8")
    (tmp_path / "a.yml").write_text("a", "utf-8")
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    assert GovernancePolicy.load(tmp_path / "b.yaml").sources == (("b.yaml", "b"),)
    assert GovernancePolicy.load(str(tmp_path)).sources == (("a.yml", "a"), ("b.yaml", "b"))
    with pytest.raises(FileNotFoundError):
        GovernancePolicy.load(tmp_path / "none.yaml")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no policy"):
        GovernancePolicy.load(tmp_path / "empty")


def test_looser_policies_refuse_the_agent(deleting: Any) -> None:  # noqa: F811
    client = StandIn()
    client.is_as_strict = False
    with pytest.raises(AssentError, match=r"desk/tools.deny\[x\]") as refused:
        deleting(client, policy=POLICY)
    assert refused.value.code == "POLICY_LOOSER"
    assert [path for path, _ in client.requested] == ["/v1/policies/compare"]
    assert client.requested[0][1]["besides"] == ["model.generate", "python_interpreter", "final_answer"]


def test_policies_that_were_loosened_refuse_the_next_run(deleting: Any) -> None:  # noqa: F811
    client = StandIn()
    agent, deleted = deleting(client, policy=POLICY)
    client.is_as_strict = False
    with pytest.raises(AssentError, match="not as strict"):
        agent.run("go")
    assert deleted.ran == [] and client.asked == []
    client.is_as_strict = True
    assert agent.run("go") == "done"


def test_activates_where_it_is_told_to(deleting: Any) -> None:  # noqa: F811
    client = StandIn()
    client.is_as_strict = False
    agent, _ = deleting(client, policy=POLICY, activate=True)
    assert agent.run("go") == "done"
    assert [path for path, _ in client.requested][:2] == ["/v1/policies/additions", "/v1/policies/compare"]


def test_activates_nothing_unasked(deleting: Any) -> None:  # noqa: F811
    client = StandIn()
    deleting(client, policy=POLICY)
    deleting(client, policy=POLICY, activate=False)
    assert "/v1/policies/additions" not in [path for path, _ in client.requested]
