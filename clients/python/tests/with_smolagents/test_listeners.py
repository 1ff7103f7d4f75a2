"""What listeners are told, and that nothing depends on them."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from assent.events import Event
from assent.smolagents import SafeAgent
from assent.smolagents.events import Events
from fixtures import deleting, kind  # noqa: F401  fixtures
from scripted import DeleteFile, Scripted, code
from smolagents import CodeAgent
from stand_in import StandIn


def told(agent: Any, event: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    agent.on(event, events.append)
    return events


def test_every_decision_is_told_with_its_ids(deleting: Any) -> None:  # noqa: F811
    client = StandIn(lambda asked: "deny" if asked.tool == "delete_file" else "allow")
    agent, _ = deleting(client)
    checks, violations, blocked = (told(agent, each) for each in ("policy_check", "policy_violation", "tool_call_blocked"))
    agent.run("go")
    assert [each["id"] for each in checks] == [each.id for each in client.asked]
    (violation,) = violations
    assert blocked == [{**violation, "event": "tool_call_blocked"}]
    decision = client.decisions[violation["id"]]
    assert violation["seq"] == decision.seq and violation["partition"] == 0 and violation["policyDigest"] == "sha256:00"
    assert violation["tool"] == "delete_file" and violation["args"] == {"path": "/x"}
    assert violation["runId"] == violation["id"].split(".")[0] and violation["reasons"][0]["policy"] == "desk"
    assert "was denied" in violation["reason"]


def test_managed_agents_tell_the_managers_listeners() -> None:
    client = StandIn(lambda asked: "deny" if asked.tool == "delete_file" else "allow")
    inner = Scripted(code('delete_file("/x")'), code('final_answer("sub")'))
    sub = CodeAgent([DeleteFile()], inner, name="sub", description="x", verbosity_level=0)
    agent = SafeAgent(
        [], Scripted(code('sub("go")'), code('final_answer("x")')), managed_agents=[sub], client=client, verbosity_level=0
    )
    violations = told(agent, "policy_violation")
    agent.run("go")
    assert [each["actor"] for each in violations] == [["sub"]]


def test_a_hold_is_told_and_then_what_became_of_it(deleting: Any) -> None:  # noqa: F811
    client = StandIn(lambda asked: "hold" if asked.tool == "delete_file" else "allow")
    client.answers["delete_file"] = "reject"
    agent, _ = deleting(client)
    checks, blocked = told(agent, "policy_check"), told(agent, "tool_call_blocked")
    agent.run("go")
    assert [each["verdict"] for each in checks if each["tool"] == "delete_file"] == ["hold", "deny"]
    assert [each["verdict"] for each in blocked] == ["deny"]


def test_listener_that_raises_hides_nothing(deleting: Any, caplog: Any) -> None:  # noqa: F811
    agent, deleted = deleting(StandIn())

    def failing(event: dict[str, Any]) -> None:
        raise ValueError("no")

    agent.on("policy_check", failing)
    checks = told(agent, "policy_check")
    with caplog.at_level(logging.ERROR):
        assert agent.run("go") == "done"
    assert deleted.ran == ["/x"] and len(checks) > 3 and "a listener of policy_check raised" in caplog.text


def test_listening_ends(deleting: Any) -> None:  # noqa: F811
    agent, _ = deleting(StandIn())
    events: list[Any] = []
    stop = agent.on("policy_check", events.append)
    stop()
    stop()
    agent.run("go")
    assert events == []


def test_checkpoints_and_drift_come_from_the_gateway(deleting: Any) -> None:  # noqa: F811
    client = StandIn()
    agent, _ = deleting(client)
    agent.run("go")
    session = client.asked[0].session
    events: list[Any] = []
    stop = agent.on("drift_detected", events.append)
    (tell,) = client.listeners["drift_detected"]
    tell(Event("drift_detected", {"tool": "search", "session": session, "score": 0.4}, "7"))
    tell(Event("drift_detected", {"tool": "search", "session": "another agent's", "score": 0.4}, "8"))
    tell(Event("checkpoint_created", {"partition": 3}, "9"))
    assert [each["eventId"] for each in events] == ["7", "9"]
    assert events[0] == {"event": "drift_detected", "eventId": "7", "tool": "search", "session": session, "score": 0.4}
    stop()
    assert client.listeners["drift_detected"] == []


def test_sessions_that_are_listened_for_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent.smolagents.events.SESSIONS_MAX", 2)
    events = Events(lambda event, listener: lambda: None)
    for session in ("a", "b", "a", "c"):
        events.began(session)
    assert [events._is_own(session) for session in ("a", "b", "c")] == [True, False, True]


def test_unknown_event_is_refused(deleting: Any) -> None:  # noqa: F811
    agent, _ = deleting(StandIn())
    with pytest.raises(ValueError, match="policy_check"):
        agent.on("policy_checks", print)


def test_outcomes_carry_sketches_of_tools_alone(deleting: Any) -> None:  # noqa: F811
    client = StandIn()
    agent, _ = deleting(client)
    agent.run("go")
    sketched = {client.decisions[id].tool for id, _, used in client.reports if used["sketch"]}
    assert sketched == {"delete_file", "final_answer"}


def test_outcome_that_cannot_be_told_takes_no_result_away(deleting: Any, caplog: Any) -> None:  # noqa: F811
    client = StandIn()
    agent, deleted = deleting(client)

    def failing(*args: Any, **options: Any) -> None:
        raise OSError("the gateway is away")

    client.report = failing  # type: ignore[method-assign]
    assert agent.run("go") == "done"
    assert deleted.ran == ["/x"] and "could not be reported" in caplog.text
