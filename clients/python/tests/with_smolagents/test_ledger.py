"""On `assent dev`: bodies that ran, against the allows that its ledger holds."""

from __future__ import annotations

import threading
import time
from typing import Any, Iterator

import pytest
from assent.errors import AssentError, Denied, HardDenied
from assent.smolagents import GovernancePolicy, SafeAgent
from fixtures import kind, turns_of  # noqa: F401  fixtures
from real_dev import Dev, Told
from scripted import DeleteFile, Failing, Scripted, code
from smolagents import CodeAgent, ToolCallingAgent

POLICY = """
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: desk }
tools:
  allow: all
  deny: [forbidden]
  hold: [asked_about]
patterns:
  - { name: no-etc, in: [args], substring: /etc/ }
  - { name: no-boot, in: [args], tools: [delete_file], substring: /boot/, severity: critical }
  - { name: no-shell, in: [args.facts.calls], tools: [python_interpreter], substring: os.system }
approvals:
  default: { approvers: ['*'] }
limits:
  - { name: once, measure: tool_calls, scope: session, max: 1, tools: [scarce] }
---
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: thrift }
appliesTo: { agents: [thrifty] }
tools: { allow: all }
limits:
  - { name: tokens, measure: tokens, scope: agent, max: 100 }
"""


class Named(DeleteFile):
    """The tool under another name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    dev = Dev(tmp_path_factory.mktemp("dev"), POLICY)
    yield dev
    dev.close()


class World:
    def __init__(self, dev: Dev, kind: str) -> None:  # noqa: F811
        self.dev = dev
        self.kind = kind
        self.session = f"s{time.monotonic_ns()}"
        self.client = dev.client()

    def agent(self, tools: list[Any], model: Any, **options: Any) -> Any:
        return SafeAgent(
            tools,
            model,
            kind=options.pop("kind", self.kind),
            client=self.client,
            session=self.session,
            verbosity_level=0,
            **options,
        )

    def calling(self, tool: Any, path: str, **options: Any) -> Any:
        """An agent that calls the tool once, and answers."""
        turns = turns_of(self.kind, path)
        if self.kind == "code":
            turns[0] = turns[0].replace("delete_file", tool.name)
        else:
            turns[0] = [(tool.name, args) for _, args in turns[0]]
        return self.agent([tool], Scripted(*turns), **options)

    def told(self) -> Told:
        return Told(self.dev, self.session)


@pytest.fixture
def world(dev: Dev, kind: str) -> Iterator[World]:  # noqa: F811
    world = World(dev, kind)
    yield world
    world.client.close()


@pytest.fixture
def code_world(dev: Dev) -> Iterator[World]:
    world = World(dev, "code")
    yield world
    world.client.close()


@pytest.mark.parametrize(
    ("name", "path", "verdict"),
    [("delete_file", "/tmp/x", "allow"), ("delete_file", "/etc/x", "deny"), ("forbidden", "/tmp/x", "deny")],
)
def test_runs_are_as_many_as_allows(world: World, name: str, path: str, verdict: str) -> None:
    tool = Named(name)
    if world.kind == "code" and "/etc/" in path:
        # The pattern finds it in the code already: the call itself never comes to be asked for.
        assert world.calling(tool, path).run("go") == "done"
        assert world.told().verdicts("python_interpreter") == ["deny", "allow"] and tool.ran == []
        return
    assert world.calling(tool, path).run("go") == "done"
    told = world.told()
    assert told.verdicts(name) == [verdict]
    assert len(tool.ran) == told.allowed(name) == (1 if verdict == "allow" else 0)
    assert told.allowed("model.generate") == 2 and told.tokens() == 30
    assert told.status_of(name) == (["ok"] if verdict == "allow" else [])


def test_rules_of_severity_critical_end_the_run(world: World) -> None:
    tool = DeleteFile()
    path = "/boot/x"
    with pytest.raises(HardDenied):
        world.calling(tool, path).run("go")
    told = world.told()
    assert tool.ran == [] and told.verdicts("delete_file") == ["deny"] and told.calls("final_answer") == []


def test_facts_of_code_are_fields_of_policies(code_world: World) -> None:
    world = code_world
    model = Scripted(code("import os as o\no.system('ls')"), code('final_answer("done")'))
    assert world.agent([], model, additional_authorized_imports=["os"]).run("go") == "done"
    assert world.told().verdicts("python_interpreter") == ["deny", "allow"]


def test_hold_parks_the_run_until_a_person_answers(world: World) -> None:
    for word, runs in (("grant", 1), ("reject", 0)):
        world.session = f"s{time.monotonic_ns()}"
        tool = Named("asked_about")
        options: dict[str, Any] = {"executor_kwargs": {"timeout_seconds": 1.0}} if world.kind == "code" else {}
        agent = world.calling(tool, "/tmp/x", **options)
        held: list[dict[str, Any]] = []
        agent.on("policy_check", lambda each: held.append(each) if each["verdict"] == "hold" else None)

        def answer() -> None:
            while not held:
                time.sleep(0.05)
            # Longer than the executor's own limit.
            time.sleep(1.2)
            world.dev.assent("approvals", word, held[0]["id"], "--by", "ann@example.com")

        person = threading.Thread(target=answer)
        person.start()
        assert agent.run("go") == "done"
        person.join(30)
        told = world.told()
        assert len(tool.ran) == runs == told.allowed("asked_about") and told.verdicts("asked_about") == ["hold"]


def test_interrupted_hold_is_abandoned(world: World) -> None:
    tool = Named("asked_about")
    agent = world.calling(tool, "/tmp/x")
    agent.on("policy_check", lambda each: agent.interrupt() if each["verdict"] == "hold" else None)
    with pytest.raises(Exception, match="interrupted"):
        agent.run("go")
    assert tool.ran == [] and world.told().allowed("asked_about") == 0


def test_budget_of_one_and_eight_at_once(code_world: World) -> None:
    world = code_world
    tool = Named("scarce")
    calls = [("scarce", {"path": f"/tmp/{number}"}) for number in range(8)]
    model = Scripted(calls, [("final_answer", {"answer": "done"})])
    assert world.agent([tool], model, kind="tool_calling").run("go") == "done"
    told = world.told()
    assert len(tool.ran) == 1 == told.allowed("scarce")
    assert sorted(told.verdicts("scarce")) == ["allow"] + ["deny"] * 7


def test_managed_agents_at_any_depth(world: World) -> None:
    deleted, failing = DeleteFile(), Failing()
    is_code = world.kind == "code"
    inner = [
        code('delete_file("/tmp/x")\nfailing()') if is_code else [("delete_file", {"path": "/tmp/x"}), ("failing", {})],
        code('final_answer("sub")') if is_code else [("final_answer", {"answer": "sub"})],
    ]
    kinds: dict[str, Any] = {"code": CodeAgent, "tool_calling": ToolCallingAgent}
    make = kinds[world.kind]
    sub = make(tools=[deleted, failing], model=Scripted(*inner), name="sub", description="x", verbosity_level=0)
    call: Any = code('sub("go")') if is_code else [("sub", {"task": "go"})]
    end: Any = code('final_answer("middle")') if is_code else [("final_answer", {"answer": "middle"})]
    middle = make(
        tools=[], model=Scripted(call, end), managed_agents=[sub], name="middle", description="x", verbosity_level=0
    )
    call = code('middle("go")') if is_code else [("middle", {"task": "go"})]
    end = code('final_answer("top")') if is_code else [("final_answer", {"answer": "top"})]
    assert world.agent([], Scripted(call, end), managed_agents=[middle]).run("go") == "top"
    told = world.told()
    (parent,), (called,) = told.calls("sub"), told.calls("delete_file")
    assert called["actor"] == ["middle", "sub"] and called["id"].startswith(f"{parent['id']}.")
    assert deleted.ran == ["/tmp/x"] and told.allowed("delete_file") == 1
    assert failing.ran == 1 == told.allowed("failing") and told.status_of("failing") == ["error"]
    assert told.allowed("model.generate") == 6 and told.tokens() == 90


def test_tokens_over_managed_agents_are_never_overspent(code_world: World) -> None:
    world = code_world
    inner, outer = Scripted(code("1"), code('final_answer("sub")')), Scripted(code('print(sub("again"))'))
    sub = CodeAgent([], inner, name="sub", description="x", verbosity_level=0)
    agent = world.agent(
        [],
        outer,
        managed_agents=[sub],
        agent_name="thrifty",
        estimate_tokens=lambda messages, options: 15,
        max_steps=50,
    )
    with pytest.raises(Denied, match="model.generate"):
        agent.run("go")
    told = world.told()
    assert told.tokens() == 15 * (inner.calls + outer.calls) == 90


def test_halted_agent_is_stopped_at_its_next_call(world: World) -> None:
    name = f"halted-{world.kind}"
    agents: list[Any] = []

    class Halting(DeleteFile):
        def forward(self, path: str) -> str:
            world.dev.assent("halt", "set", "--tenant", "default", "--agent", name, "--reason", "enough", "--by", "ann@example.com")
            return super().forward(path)

    tool = Halting()
    agents.append(world.calling(tool, "/tmp/x", agent_name=name))
    with pytest.raises(HardDenied):
        agents[0].run("go")
    told = world.told()
    assert len(tool.ran) == 1 == told.allowed("delete_file") and told.calls("final_answer") == []


def test_drift_is_told_by_the_gateway(world: World) -> None:
    class Reading(DeleteFile):
        """What it gives changes from one call to the next."""

        def forward(self, path: str) -> str:
            super().forward(path)
            return "the weather is fine today, and the tide is low" if len(self.ran) == 1 else "0123456789" * 9

    tool = Reading()
    tool.name = f"read_{world.kind}"
    agent = world.calling(tool, "/tmp/x")
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
    assert drift["tool"] == tool.name and drift["session"] == world.session and drift["score"] > drift["threshold"]
    # The call whose output drifted, by the id under which the ledger has it.
    assert drift["intent"] == world.told().calls(tool.name)[1]["id"] and len(tool.ran) == 2


def test_policy_of_a_program(tmp_path: Any) -> None:
    """Refused while it is not in force, put into force where that was asked for, and then it decides."""
    file = tmp_path / "governance.yaml"
    file.write_text("allowed_tools: [search]\nmax_tool_calls: 3\nmax_tokens: 100000\ntimeout_seconds: 60\n", "utf-8")
    policy = GovernancePolicy.load(file)
    own = Dev(tmp_path, POLICY)
    try:
        world = World(own, "code")
        tool = DeleteFile()
        with pytest.raises(AssentError, match="POLICY_LOOSER"):
            world.calling(tool, "/tmp/x", policy=policy)
        agent = world.calling(tool, "/tmp/x", policy=policy, activate=True)
        assert agent.run("go") == "done"
        told = world.told()
        assert tool.ran == [] and told.verdicts("delete_file") == ["deny"] and told.allowed("model.generate") == 2
        # In force now, it needs nobody's key any more.
        assert world.calling(tool, "/tmp/x", policy=policy).run("go") == "done"
        world.client.close()
    finally:
        own.close()
