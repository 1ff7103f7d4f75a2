"""E1–E9 and N1–N14: what a wrapper of smolagents has to show. Bodies count their runs; the count must be that of the allows."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from assent.errors import AssentError, Denied, HardDenied
from assent.smolagents import CannotGovern, SafeAgent, govern
from fixtures import deleting, kind  # noqa: F401  fixtures
from PIL import Image
from scripted import DeleteFile, Failing, Scripted, StreamingScripted, code
from smolagents import CodeAgent, Tool, ToolCallingAgent, tool
from smolagents.local_python_executor import LocalPythonExecutor
from smolagents.utils import AgentError
from stand_in import StandIn


def denies(*tools: str) -> Any:
    return lambda asked: "deny" if asked.tool in tools else "allow"


def denies_hard(*tools: str) -> Any:
    return lambda asked: ("deny", "critical") if asked.tool in tools else "allow"


def last_seen(agent: Any) -> str:
    return str(agent.model.seen[-1])


class TestE1WrapsSomething:
    def test_denied_body_never_runs(self, deleting: Any) -> None:
        client = StandIn(denies("delete_file"))
        agent, deleted = deleting(client)
        assert agent.run("go") == "done"
        assert deleted.ran == []
        assert client.verdicts("delete_file") == ["deny"]
        assert "The call to `delete_file` was denied" in last_seen(agent)

    def test_allowed_body_runs_once(self, deleting: Any) -> None:
        client = StandIn()
        agent, deleted = deleting(client)
        assert agent.run("go") == "done"
        assert deleted.ran == ["/x"]
        assert client.ran("delete_file") == 1

    def test_agent_that_is_none_is_refused(self) -> None:
        with pytest.raises(CannotGovern, match="nothing was wrapped"):
            govern(object(), client=StandIn())

    def test_other_class_of_agent_is_refused(self) -> None:
        class Own(CodeAgent):
            pass

        agent = Own(tools=[DeleteFile()], model=Scripted("x"))
        with pytest.raises(CannotGovern, match="Own"):
            govern(agent, client=StandIn())

    def test_agent_with_own_method_is_refused(self) -> None:
        agent = ToolCallingAgent(tools=[DeleteFile()], model=Scripted("x"))
        agent.execute_tool_call = lambda *args: None
        with pytest.raises(CannotGovern, match="execute_tool_call"):
            govern(agent, client=StandIn())

    def test_governed_twice_is_refused(self, deleting: Any) -> None:
        agent, _ = deleting(StandIn())
        with pytest.raises(CannotGovern, match="already"):
            govern(agent, client=StandIn())


class TestE2DecisionBeforeEffect:
    def test_decided_then_ran_then_reported(self, kind: str) -> None:
        order: list[str] = []

        def noting(asked: Any) -> str:
            order.append(f"decided {asked.tool}")
            return "allow"

        client = StandIn(noting)

        class Noting(DeleteFile):
            def forward(self, path: str) -> str:
                order.append("ran")
                return path

        turns = (
            [code('delete_file("/x")'), code('final_answer("done")')]
            if kind == "code"
            else [[("delete_file", {"path": "/x"})], [("final_answer", {"answer": "done"})]]
        )
        agent = SafeAgent(
            tools=[Noting()],
            model=Scripted(*turns),
            kind=kind,  # type: ignore[arg-type]
            client=client,
            verbosity_level=0,
            step_callbacks=[lambda step, agent: order.append("callback")],
        )
        agent.run("go")
        seen = [each for each in order if each in ("decided delete_file", "ran", "callback")]
        assert seen == ["decided delete_file", "ran", "callback", "callback"]

    def test_sibling_that_fails_hides_nothing(self) -> None:
        client = StandIn()
        deleted, failing = DeleteFile(), Failing()
        model = Scripted([("delete_file", {"path": "/a"}), ("failing", {})], [("final_answer", {"answer": "done"})])
        agent = SafeAgent([deleted, failing], model, kind="tool_calling", client=client, verbosity_level=0)
        assert agent.run("go") == "done"
        assert deleted.ran == ["/a"] and failing.ran == 1
        statuses = {client.decisions[id].tool: status for id, status, _ in client.outcomes}
        assert statuses["delete_file"] == "ok" and statuses["failing"] == "error"
        assert sorted(call.name for call in agent.memory.steps[1].tool_calls) == ["delete_file", "failing"]


class TestE3Swallowing:
    LOOP = """
for path in ["/a", "/b", "/c"]:
    try:
        delete_file(path)
    except Exception:
        pass
final_answer("done")
"""

    def test_soft_denials_are_all_recorded(self) -> None:
        client = StandIn(denies("delete_file"))
        deleted = DeleteFile()
        agent = SafeAgent([deleted], Scripted(code(self.LOOP)), client=client, verbosity_level=0)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"] * 3

    def test_swallowed_denial_is_told_to_the_model(self) -> None:
        client = StandIn(denies("delete_file"))
        swallowing = code(self.LOOP.replace('final_answer("done")', "print('all deleted')"))
        model = Scripted(swallowing, code('final_answer("done")'))
        agent = SafeAgent([DeleteFile()], model, client=client, verbosity_level=0)
        agent.run("go")
        assert "`delete_file` was denied" in model.seen[-1]

    def test_hard_denial_ends_the_run(self) -> None:
        client = StandIn(denies_hard("delete_file"))
        deleted = DeleteFile()
        agent = SafeAgent([deleted], Scripted(code(self.LOOP)), client=client, verbosity_level=0)
        with pytest.raises(HardDenied):
            agent.run("go")
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]


ATTEMPTS = {
    "class forward": 'type(delete_file).forward(delete_file, path="/x")',
    "forward": 'delete_file.forward(path="/x")',
    "closure": "delete_file.forward.__closure__",
    "rebind": 'delete_file.forward = lambda path: "x"\ndelete_file.forward(path="/x")',
    "delete": 'del delete_file.forward\ndelete_file("/x")',
    "getattr": 'getattr(type(delete_file), "forward")(delete_file, path="/x")',
    "class": 'delete_file.__class__(path="/x")',
    "construct": 'type(delete_file)()(path="/x")',
    "inner": 'delete_file.inner(path="/x")',
    "inner forward": 'delete_file.inner.forward(path="/x")',
    "wrapped": 'delete_file.__wrapped__("/x")',
    "getattr wrapped": 'getattr(delete_file, "__wrapped__")("/x")',
    "setattr": 'setattr(delete_file, "forward", print)\ndelete_file.forward("/x")',
    "map": 'list(map(delete_file, ["/x"]))',
    "alias": 'f = delete_file\nf("/x")',
    "dict": 'delete_file({"path": "/x"})',
    "partial kept": 'tools = [delete_file]\ntools[0](path="/x")',
}


class TestE4NothingIsReachable:
    @pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
    def test_no_way_around(self, attempt: str) -> None:
        client = StandIn(denies("delete_file"))
        deleted = DeleteFile()
        agent = SafeAgent(
            [deleted], Scripted(code(attempt), code('final_answer("done")')), client=client, verbosity_level=0
        )
        assert agent.run("go") == "done"
        assert deleted.ran == []
        assert client.of("python_interpreter")[0].args["code"] == attempt

    @pytest.mark.parametrize("attempt", ['delete_file("/x")', 'list(map(delete_file, ["/x"]))', 'delete_file({"path": "/x"})'])
    def test_same_ways_are_counted_where_allowed(self, attempt: str) -> None:
        client = StandIn()
        deleted = DeleteFile()
        agent = SafeAgent(
            [deleted], Scripted(code(attempt), code('final_answer("done")')), client=client, verbosity_level=0
        )
        agent.run("go")
        assert deleted.ran == ["/x"] and client.ran("delete_file") == 1


class TestE5ManagedAgents:
    REACHING = [
        'sub.tools["delete_file"](path="/x")',
        'sub.python_executor("1+1")',
        "sub.max_steps = 9999\nprint(sub.model)",
        "print(sub.model)",
        "print(sub.interrupt_switch)",
        'sub.run("go")',
        'sub("go", max_steps=9999)',
        "print(sub.memory)",
    ]

    def manager(self, client: StandIn, attempt: str) -> tuple[Any, DeleteFile, Any]:
        deleted = DeleteFile()
        sub = CodeAgent(
            tools=[deleted],
            model=Scripted(code('delete_file("/SUB")'), code('final_answer("sub is done")')),
            name="sub",
            description="Deletes.",
            verbosity_level=0,
        )
        model = Scripted(code(attempt), code('final_answer("done")'))
        return SafeAgent([], model, managed_agents=[sub], client=client, verbosity_level=0), deleted, sub

    @pytest.mark.parametrize("attempt", REACHING)
    def test_nothing_of_a_managed_agent_is_reachable(self, attempt: str) -> None:
        client = StandIn()
        agent, deleted, sub = self.manager(client, attempt)
        assert agent.run("go") == "done"
        assert deleted.ran == []
        assert sub.max_steps == 20
        assert client.of("sub") == []

    def test_calls_of_managed_agents_have_the_parents_ids(self) -> None:
        client = StandIn()
        agent, deleted, _ = self.manager(client, 'print(sub("delete it"))')
        assert agent.run("go") == "done"
        assert deleted.ran == ["/SUB"] and client.ran("delete_file") == 1
        parent, call = client.of("sub")[0], client.of("delete_file")[0]
        assert parent.actor == () and call.actor == ("sub",)
        assert call.id.startswith(f"{parent.id}.")
        assert call.session == parent.session

    def test_tool_calling_manager_governs_its_agents(self) -> None:
        client = StandIn(denies("delete_file"))
        deleted = DeleteFile()
        inner = [[("delete_file", {"path": "/SUB"})], [("final_answer", {"answer": "sub"})]]
        sub = ToolCallingAgent([deleted], Scripted(*inner), name="sub", description="Deletes.", verbosity_level=0)
        middle = ToolCallingAgent(
            [],
            Scripted([("sub", {"task": "go"})], [("final_answer", {"answer": "middle"})]),
            managed_agents=[sub],
            name="middle",
            description="Manages.",
            verbosity_level=0,
        )
        top = ToolCallingAgent(
            [],
            Scripted([("middle", {"task": "go"})], [("final_answer", {"answer": "top"})]),
            managed_agents=[middle],
            verbosity_level=0,
        )
        assert govern(top, client=client).run("go") == "top"
        assert deleted.ran == []
        assert [each.actor for each in client.of("delete_file")] == [("middle", "sub")]
        assert client.of("delete_file")[0].id.startswith(f"{client.of('sub')[0].id}.")

    def test_hard_denial_below_ends_the_manager(self) -> None:
        client = StandIn(denies_hard("delete_file"))
        agent, deleted, _ = self.manager(client, 'try:\n    sub("go")\nexcept Exception:\n    pass\nfinal_answer("x")')
        with pytest.raises(HardDenied):
            agent.run("go")
        assert deleted.ran == [] and client.of("final_answer") == []

    def test_managed_agent_alone_is_governed_as_well(self) -> None:
        client = StandIn(denies("delete_file"))
        _, deleted, sub = self.manager(client, "1")
        assert sub.run("go") == "sub is done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]

    def test_ungoverned_agent_added_later_is_refused(self, deleting: Any) -> None:
        agent, _ = deleting(StandIn())
        agent.managed_agents["late"] = ToolCallingAgent([], Scripted("x"), name="late", description="x", verbosity_level=0)
        with pytest.raises(CannotGovern, match="late"):
            agent.run("go")


class TestE6Remote:
    def test_executor_elsewhere_is_refused(self) -> None:
        class Elsewhere(LocalPythonExecutor):
            pass

        agent = CodeAgent([DeleteFile()], Scripted("x"), executor=Elsewhere([]))
        with pytest.raises(CannotGovern, match="undecided") as refusal:
            govern(agent, client=StandIn())
        assert "inside of the sandbox" in refusal.value.help
        assert type(agent) is CodeAgent


class TestE7Tokens:
    def test_each_generation_settles_its_tokens(self, deleting: Any) -> None:
        client = StandIn()
        agent, _ = deleting(client)
        agent.run("go")
        settled = [used["tokens"] for id, _, used in client.outcomes if client.decisions[id].tool == "model.generate"]
        assert settled == [15, 15] and agent.model.calls == 2

    def test_generation_without_usage_is_unknown(self, deleting: Any) -> None:
        client = StandIn()
        agent, _ = deleting(client)
        real = agent.model._model
        generate = real.generate

        def without_usage(*args: Any, **options: Any) -> Any:
            message = generate(*args, **options)
            message.token_usage = None
            return message

        real.generate = without_usage
        agent.run("go")
        assert [used["tokens"] for _, _, used in client.outcomes if used["tokens"] is not None] == []

    def test_refused_generation_is_not_made(self, deleting: Any) -> None:
        client = StandIn(denies("model.generate"))
        agent, deleted = deleting(client)
        with pytest.raises(Denied, match="model.generate"):
            agent.run("go")
        assert agent.model.calls == 0 and deleted.ran == []

    def test_budget_over_managed_agents_is_never_overspent(self) -> None:
        sub_model = Scripted(code("1"), code("2"), code('final_answer("sub")'))
        top_model = Scripted(code('print(sub("again"))'))
        client = StandIn(max_tokens=220)
        sub = CodeAgent([], sub_model, name="sub", description="Works.", verbosity_level=0)
        agent = SafeAgent(
            [],
            top_model,
            managed_agents=[sub],
            client=client,
            verbosity_level=0,
            estimate_tokens=lambda messages, options: 15,
            max_steps=50,
        )
        with pytest.raises(Denied):
            agent.run("go")
        assert client.tokens_settled == 15 * (sub_model.calls + top_model.calls) == 210
        assert client.tokens_reserved == 0


class TestE8Parallel:
    def test_budget_of_one_runs_one(self) -> None:
        client = StandIn(max_calls={"delete_file": 1})
        deleted = DeleteFile()
        calls = [("delete_file", {"path": f"/{number}"}) for number in range(8)]
        model = Scripted(calls, [("final_answer", {"answer": "done"})])
        agent = SafeAgent([deleted], model, kind="tool_calling", client=client, verbosity_level=0)
        assert agent.run("go") == "done"
        assert len(deleted.ran) == 1 == client.ran("delete_file")
        assert sorted(client.verdicts("delete_file")) == ["allow"] + ["deny"] * 7
        assert len({each.id for each in client.of("delete_file")}) == 8


class TestE9SoftAndHard:
    def test_soft_denial_is_read_by_the_model(self, deleting: Any) -> None:
        client = StandIn(denies("delete_file"))
        agent, _ = deleting(client)
        agent.run("go")
        text = last_seen(agent)
        assert "do not try to reach the same end in another way" in text
        assert "try again or use another tool" not in text and "completely different approach" not in text

    @pytest.mark.parametrize("option", ["severity", "glob"])
    def test_hard_denial_leaves_run(self, deleting: Any, option: str) -> None:
        rule = denies_hard("delete_file") if option == "severity" else denies("delete_file")
        client = StandIn(rule)
        agent, deleted = deleting(client, hard=["delete_*"] if option == "glob" else [])
        with pytest.raises(HardDenied) as denied:
            agent.run("go")
        assert deleted.ran == [] and denied.value.decision.tool == "delete_file"
        assert client.of("final_answer") == []

    @pytest.mark.parametrize(
        "text",
        [
            'try:\n    delete_file("/x")\nexcept:\n    pass',
            'try:\n    delete_file("/x")\nexcept Exception:\n    pass',
            'def f():\n    try:\n        delete_file("/x")\n    finally:\n        return 1\nf()',
            'try:\n    delete_file("/x")\nfinally:\n    final_answer("got away")',
            'try:\n    delete_file("/x")\nfinally:\n    raise ValueError("another fault")',
        ],
    )
    def test_code_cannot_swallow_a_hard_denial(self, text: str) -> None:
        client = StandIn(denies_hard("delete_file"))
        deleted = DeleteFile()
        agent = SafeAgent([deleted], Scripted(code(text), code('final_answer("x")')), client=client, verbosity_level=0)
        with pytest.raises(HardDenied):
            agent.run("go")
        assert deleted.ran == [] and agent.model.calls == 1

    def test_denied_final_answer_is_no_answer(self, kind: str) -> None:
        said = iter(["deny", "allow"])
        client = StandIn(lambda asked: next(said) if asked.tool == "final_answer" else "allow")
        turn: Any = code('final_answer("secret")') if kind == "code" else [("final_answer", {"answer": "secret"})]
        other: Any = code('final_answer("fine")') if kind == "code" else [("final_answer", {"answer": "fine"})]
        agent = SafeAgent([], Scripted(turn, other), kind=kind, client=client, verbosity_level=0)  # type: ignore[arg-type]
        assert agent.run("go") == "fine"
        assert [each.args["answer"] for each in client.of("final_answer")] == ["secret", "fine"]


class TestN1Time:
    def agent(self, client: StandIn, seconds: float, *turns: str, **options: Any) -> tuple[Any, DeleteFile]:
        deleted = DeleteFile()
        agent = SafeAgent(
            [deleted],
            Scripted(*(turns or (code('print(delete_file("/x"))'), code('final_answer("done")')))),
            client=client,
            executor_kwargs={"timeout_seconds": seconds},
            verbosity_level=0,
            **options,
        )
        return agent, deleted

    def test_hold_parks_the_run(self) -> None:
        """Held for longer than the executor's limit: granted, it runs once, and the step is no failure."""
        client = StandIn(lambda asked: "hold" if asked.tool == "delete_file" else "allow")
        agent, deleted = self.agent(client, 0.2)
        threading.Timer(0.6, lambda: client.answers.update(delete_file="grant")).start()
        assert agent.run("go") == "done"
        assert deleted.ran == ["/x"] and client.ran("delete_file") == 1
        assert agent.memory.steps[1].error is None

    def test_rejected_hold_runs_nothing(self, deleting: Any) -> None:
        client = StandIn(lambda asked: "hold" if asked.tool == "delete_file" else "allow")
        client.answers["delete_file"] = "reject"
        agent, deleted = deleting(client)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and "A human has refused it" in last_seen(agent)

    def test_hold_that_nobody_answers_is_abandoned(self, deleting: Any) -> None:
        client = StandIn(lambda asked: "hold" if asked.tool == "delete_file" else "allow")
        agent, deleted = deleting(client, hold_seconds=0.2)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and [reason for _, reason in client.abandoned] == ["no decision in time"]

    def test_hold_that_cannot_be_waited_for_is_abandoned(self, deleting: Any) -> None:  # noqa: F811
        client = StandIn(lambda asked: "hold" if asked.tool == "delete_file" else "allow")
        agent, deleted = deleting(client)
        decide = client.decide

        def failing(tool: str, args: Any, **options: Any) -> Any:
            if options["on_hold"] == "wait":
                raise AssentError("GATEWAY_UNREACHABLE", "the gateway is away")
            return decide(tool, args, **options)

        client.decide = failing  # type: ignore[method-assign]
        assert agent.run("go") == "done"
        assert deleted.ran == [] and len(client.abandoned) == 1

    def test_call_allowed_too_late_does_not_run(self) -> None:
        client = StandIn()
        client.delay = lambda asked: 0.4 if asked.tool == "delete_file" else 0.0
        agent, deleted = self.agent(client, 0.2)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.ran("delete_file") == 0 and len(client.abandoned) == 1
        assert "it did not run" in last_seen(agent)

    def test_remaining_time_is_the_deadline(self) -> None:
        client = StandIn()
        agent, _ = self.agent(client, 5.0)
        agent.run("go")
        (asked,) = client.of("delete_file")
        assert asked.deadline is not None and 0 < asked.deadline <= 5.0

    def test_no_call_begins_after_the_time(self) -> None:
        client = StandIn()
        text = "import time\ntime.sleep(0.3)\ntry:\n    delete_file('/x')\nexcept Exception:\n    pass\nfinal_answer('got away')"
        agent, deleted = self.agent(client, 0.1, code(text), code('final_answer("done")'))
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.of("delete_file") == []

    def test_slow_tool_ends_and_its_result_counts(self) -> None:
        """A tool that began in time is not said to have failed: the model would do it again."""

        class Slow(DeleteFile):
            def forward(self, path: str) -> str:
                time.sleep(0.3)
                return super().forward(path)

        client, slow = StandIn(), Slow()
        agent = SafeAgent(
            [slow],
            Scripted(code('print(delete_file("/x"))'), code('final_answer("done")')),
            client=client,
            executor_kwargs={"timeout_seconds": 0.1},
            verbosity_level=0,
        )
        assert agent.run("go") == "done"
        assert slow.ran == ["/x"] and "deleted /x" in last_seen(agent)


class TestN2Threads:
    def test_ids_reach_tools_in_other_threads(self) -> None:
        client = StandIn()
        client.delay = lambda asked: 0.1 if asked.tool == "delete_file" else 0.0
        agent = SafeAgent(
            [DeleteFile()],
            Scripted(*[[("delete_file", {"path": f"/{n}"}) for n in range(4)], [("final_answer", {"answer": "x"})]]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        agent.run("go")
        run = client.of("final_answer")[0].id.split(".")[0]
        assert {each.id.split(".")[0] for each in client.asked} == {run}
        assert len({each.thread for each in client.of("delete_file")}) > 1


class TestN3N4Ids:
    def test_one_id_twice_in_a_message_runs_nothing(self) -> None:
        client = StandIn()
        deleted = DeleteFile()
        twice = [("delete_file", {"path": "/a"}, "call_1"), ("delete_file", {"path": "/b"}, "call_1")]
        agent = SafeAgent(
            [deleted],
            Scripted(twice, [("final_answer", {"answer": "done"})]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        blocked: list[Any] = []
        agent.on("tool_call_blocked", blocked.append)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.of("delete_file") == []
        assert "have the same id" in last_seen(agent) and len(blocked) == 2

    def test_ids_of_the_model_repeat_and_ours_do_not(self) -> None:
        client = StandIn()
        deleted = DeleteFile()
        once = [("delete_file", {"path": "/a"}, "call_1")]
        agent = SafeAgent(
            [deleted],
            Scripted(once, [("final_answer", {"answer": "done"}, "call_1")]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        agent.run("go")
        agent.model._model.calls = 0
        agent.run("go")
        assert deleted.ran == ["/a", "/a"] and client.ran("delete_file") == 2
        assert len({each.id for each in client.asked}) == len(client.asked)


class TestN5Callables:
    def test_callable_of_additional_args_is_governed(self) -> None:
        ran: list[str] = []

        def wipe(disk: str) -> None:
            ran.append(disk)

        for rule, expected in ((denies("wipe"), []), (lambda asked: "allow", ["a"])):
            client = StandIn(rule)
            agent = SafeAgent(
                [], Scripted(code('wipe("a")'), code('final_answer("x")')), client=client, verbosity_level=0
            )
            agent.run("go", additional_args={"wipe": wipe})
            assert ran == expected and client.of("wipe")[0].args == {"disk": "a"}

    def test_callable_in_the_agents_state_is_governed(self) -> None:
        ran: list[str] = []
        client = StandIn(denies("wipe"))
        agent = SafeAgent([], Scripted(code('wipe("a")'), code('final_answer("x")')), client=client, verbosity_level=0)
        agent.state["wipe"] = ran.append
        agent.run("go")
        assert ran == [] and client.verdicts("wipe") == ["deny"]

    def test_callables_within_data_are_governed(self) -> None:
        ran: list[str] = []
        client = StandIn(denies("box.wipe"))
        agent = SafeAgent(
            [], Scripted(code('box["wipe"]("a")'), code('final_answer("x")')), client=client, verbosity_level=0
        )
        agent.run("go", additional_args={"box": {"wipe": ran.append, "size": 3}})
        assert ran == [] and client.verdicts("box.wipe") == ["deny"]

    def test_additional_functions_are_governed(self) -> None:
        ran: list[str] = []
        client = StandIn(denies("wipe"))
        agent = SafeAgent(
            [],
            Scripted(code('wipe("a")'), code('final_answer("x")')),
            client=client,
            executor_kwargs={"additional_functions": {"wipe": lambda disk: ran.append(disk)}},
            verbosity_level=0,
        )
        agent.run("go")
        assert ran == [] and client.verdicts("wipe") == ["deny"]

    def test_agents_in_additional_args_are_refused(self, deleting: Any) -> None:
        agent, _ = deleting(StandIn())
        other = ToolCallingAgent([], Scripted("x"), verbosity_level=0)
        with pytest.raises(CannotGovern):
            agent.run("go", additional_args={"other": other})

    def test_tool_calling_agents_have_no_use_for_callables(self) -> None:
        agent = SafeAgent([], Scripted("x"), kind="tool_calling", client=StandIn(), verbosity_level=0)
        with pytest.raises(CannotGovern, match="`tools`"):
            agent.run("go", additional_args={"wipe": print})

    def test_callable_that_a_tool_returns_is_governed(self) -> None:
        ran: list[str] = []

        class Loader(Tool):
            name = "load"
            description = "Loads a tool."
            inputs: dict[str, Any] = {}
            output_type = "any"

            def forward(self) -> Any:
                return lambda: ran.append("x")

        client = StandIn(denies("load.result"))
        agent = SafeAgent(
            [Loader()], Scripted(code("load()()"), code('final_answer("x")')), client=client, verbosity_level=0
        )
        agent.run("go")
        assert ran == [] and client.verdicts("load.result") == ["deny"]


class TestN6Frozen:
    def test_what_was_judged_is_what_runs(self) -> None:
        """A sibling stores an image under the very name that the other call's text has, while that is decided."""
        got: list[Any] = []

        class Painter(Tool):
            name = "paint"
            description = "Paints."
            inputs: dict[str, Any] = {}
            output_type = "image"

            def forward(self) -> Any:
                return Image.new("RGB", (1, 1))

        class Sender(Tool):
            name = "send"
            description = "Sends."
            inputs = {"what": {"type": "any", "description": "What."}}
            output_type = "string"

            def forward(self, what: Any) -> str:
                got.append(what)
                return "sent"

        client = StandIn()
        client.delay = lambda asked: 0.3 if asked.tool == "send" else 0.0
        agent = SafeAgent(
            [Painter(), Sender()],
            Scripted([("send", {"what": "image.png"}), ("paint", {})], [("final_answer", {"answer": "x"})]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        agent.run("go")
        assert "image.png" in agent.state
        assert client.of("send")[0].args == {"what": "image.png"} and got == ["image.png"]

    def test_image_is_described_and_a_copy_runs(self) -> None:
        got: list[Any] = []

        class Sender(Tool):
            name = "send"
            description = "Sends."
            inputs = {"what": {"type": "any", "description": "What."}}
            output_type = "string"

            def forward(self, what: Any) -> str:
                got.append(what)
                return "sent"

        picture = Image.new("RGB", (2, 2))
        client = StandIn()

        def change(asked: Any) -> float:
            if asked.tool == "send":
                picture.putpixel((0, 0), (255, 0, 0))
            return 0.0

        client.delay = change
        agent = SafeAgent(
            [Sender()],
            Scripted([("send", {"what": "picture"})], [("final_answer", {"answer": "x"})]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        agent.run("go", additional_args={"picture": picture})
        described = client.of("send")[0].args["what"]
        assert described["$object"] == "PIL.Image.Image" and len(described["sha256"]) == 64
        assert got[0].getpixel((0, 0)) == (0, 0, 0)

    def test_list_that_code_changes_while_it_is_decided(self) -> None:
        got: list[Any] = []
        shared = ["/a"]

        class Deleter(Tool):
            name = "delete_all"
            description = "Deletes."
            inputs = {"paths": {"type": "array", "description": "Files."}}
            output_type = "string"

            def forward(self, paths: list[str]) -> str:
                got.append(paths)
                return "ok"

        client = StandIn()

        def change(asked: Any) -> float:
            if asked.tool == "delete_all":
                shared.append("/b")
            return 0.0

        client.delay = change
        agent = SafeAgent(
            [Deleter()],
            Scripted(code("delete_all(paths)"), code('final_answer("x")')),
            client=client,
            verbosity_level=0,
        )
        agent.run("go", additional_args={"paths": shared})
        assert shared == ["/a", "/b"] and client.of("delete_all")[0].args == {"paths": ["/a"]} and got == [["/a"]]


class TestN7Siblings:
    def test_hard_denial_stops_siblings_that_have_not_begun(self) -> None:
        client = StandIn(denies_hard("failing"))
        client.delay = lambda asked: 0.3 if asked.tool == "delete_file" else 0.0
        deleted = DeleteFile()
        agent = SafeAgent(
            [deleted, Failing()],
            Scripted([("delete_file", {"path": "/a"}), ("failing", {})]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        with pytest.raises(HardDenied):
            agent.run("go")
        assert deleted.ran == [] and client.ran("delete_file") == 0
        assert [reason for _, reason in client.abandoned] == ["the run ended before the call began"]
        assert sorted(call.name for call in agent.memory.steps[-1].tool_calls) == ["delete_file", "failing"]


class TestN8Saving:
    def test_refused(self, deleting: Any, tmp_path: Any) -> None:
        agent, _ = deleting(StandIn())
        for save in (agent.to_dict, lambda: agent.save(str(tmp_path)), lambda: agent.push_to_hub("a/b")):
            with pytest.raises(CannotGovern, match="cannot be saved"):
                save()
        assert list(tmp_path.iterdir()) == []


class TestN9LaterTools:
    def test_tool_added_later_is_governed(self, deleting: Any, kind: str) -> None:
        client = StandIn(denies("failing"))
        turn: Any = code("failing()") if kind == "code" else [("failing", {})]
        answer: Any = code('final_answer("x")') if kind == "code" else [("final_answer", {"answer": "x"})]
        agent, _ = deleting(client, model=Scripted(turn, answer))
        failing = Failing()
        agent.tools["failing"] = failing
        agent.run("go")
        assert failing.ran == 0 and client.verdicts("failing") == ["deny"]

    def test_parts_that_were_replaced_are_refused(self, deleting: Any) -> None:
        agent, _ = deleting(StandIn())
        agent.model = Scripted("x")
        with pytest.raises(CannotGovern, match="model"):
            agent.run("go")

    def test_replaced_executor_is_refused(self) -> None:
        agent = SafeAgent([], Scripted("x"), client=StandIn(), verbosity_level=0)
        agent.python_executor = LocalPythonExecutor([])
        with pytest.raises(CannotGovern, match="python_executor"):
            agent.run("go")


class TestToolsOfServers:
    """Tools of MCP and the Hub take whatever comes: their signature names nothing."""

    class Served(Tool):
        name = "served"
        description = "Is served."
        inputs = {"path": {"type": "string", "description": "The file."}}
        output_type = "string"
        skip_forward_signature_validation = True

        def __init__(self) -> None:
            super().__init__()
            self.ran: list[Any] = []

        def forward(self, *args: Any, **kwargs: Any) -> str:
            self.ran.append((args, kwargs))
            return "served"

    @pytest.mark.parametrize(
        ("text", "args", "ran"),
        [
            ('served(path="/x")', {"path": "/x"}, ((), {"path": "/x"})),
            ('served({"path": "/x"})', {"path": "/x"}, ((), {"path": "/x"})),
            ('served("/x")', {"args": ["/x"]}, (("/x",), {})),
        ],
    )
    def test_called_from_code(self, text: str, args: Any, ran: Any) -> None:
        for client, runs in ((StandIn(), [ran]), (StandIn(denies("served")), [])):
            served = self.Served()
            agent = SafeAgent([served], Scripted(code(text), code('final_answer("x")')), client=client, verbosity_level=0)
            agent.run("go")
            assert client.of("served")[0].args == args
            assert served.ran == runs

    def test_called_by_name(self) -> None:
        client, served = StandIn(), self.Served()
        model = Scripted([("served", {"path": "/x"})], [("final_answer", {"answer": "x"})])
        SafeAgent([served], model, kind="tool_calling", client=client, verbosity_level=0).run("go")
        assert client.of("served")[0].args == {"path": "/x"} and served.ran == [((), {"path": "/x"})]


class TestN10State:
    def test_agent_that_ran_is_refused(self, kind: str) -> None:
        turn: Any = code('kept = final_answer\nfinal_answer("x")') if kind == "code" else [("final_answer", {"answer": "x"})]
        kinds: dict[str, Any] = {"code": CodeAgent, "tool_calling": ToolCallingAgent}
        agent = kinds[kind](tools=[], model=Scripted(turn), verbosity_level=0)
        agent.run("go")
        with pytest.raises(CannotGovern, match="has run already"):
            govern(agent, client=StandIn())

    def test_executor_with_variables_is_refused(self) -> None:
        agent = CodeAgent([], Scripted("x"), verbosity_level=0)
        agent.python_executor.send_variables({"kept": print})
        with pytest.raises(CannotGovern, match="variables"):
            govern(agent, client=StandIn())

    def test_variables_do_not_survive_a_new_run(self) -> None:
        agent = SafeAgent(
            [],
            Scripted(code("kept = 1\nfinal_answer(kept)"), code("final_answer(kept)"), code('final_answer("gone")')),
            client=StandIn(),
            verbosity_level=0,
        )
        assert agent.run("go") == 1
        assert agent.run("again") == "gone"

    def test_variables_survive_where_the_memory_does(self) -> None:
        client = StandIn(denies("delete_file"))
        deleted = DeleteFile()
        model = Scripted(code("f = delete_file\nfinal_answer(1)"), code('f("/x")'), code('final_answer("x")'))
        agent = SafeAgent([deleted], model, client=client, verbosity_level=0)
        agent.run("go")
        agent.run("again", reset=False)
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]
        assert len({each.session for each in client.asked}) == 1


class TestN11EveryGeneration:
    def test_planning_and_the_last_answer_are_decided_and_settled(self, kind: str) -> None:
        client = StandIn()
        turn: Any = code("1") if kind == "code" else [("delete_file", {"path": "/x"})]
        model = Scripted("plan", turn, "the end")
        agent = SafeAgent(
            [DeleteFile()],
            model,
            kind=kind,  # type: ignore[arg-type]
            client=client,
            planning_interval=5,
            max_steps=1,
            verbosity_level=0,
        )
        assert agent.run("go") == "the end"
        settled = [used["tokens"] for id, _, used in client.outcomes if client.decisions[id].tool == "model.generate"]
        assert model.calls == 3 and settled == [15, 15, 15]

    def test_refused_last_answer_says_why(self) -> None:
        said = iter(["allow", "deny"])
        client = StandIn(lambda asked: next(said) if asked.tool == "model.generate" else "allow")
        agent = SafeAgent([], Scripted(code("1")), client=client, max_steps=1, verbosity_level=0)
        answer = agent.run("go")
        assert "`model.generate` was denied" in str(answer) and agent.model.calls == 1

    def test_streams_are_decided_and_settled(self, kind: str) -> None:
        client = StandIn()
        turns = (
            [code('delete_file("/x")'), code('final_answer("done")')]
            if kind == "code"
            else [[("delete_file", {"path": "/x"})], [("final_answer", {"answer": "done"})]]
        )
        deleted, model = DeleteFile(), StreamingScripted(*turns)
        agent = SafeAgent([deleted], model, kind=kind, client=client, stream_outputs=True, verbosity_level=0)  # type: ignore[arg-type]
        assert agent.run("go") == "done"
        settled = [used["tokens"] for id, _, used in client.outcomes if client.decisions[id].tool == "model.generate"]
        assert settled == [15, 15] and deleted.ran == ["/x"]

    def test_refused_stream_is_not_begun(self) -> None:
        model = StreamingScripted(code("1"))
        agent = SafeAgent([], model, client=StandIn(denies("model.generate")), stream_outputs=True, verbosity_level=0)
        with pytest.raises(Denied):
            agent.run("go")
        assert model.calls == 0

    def test_stream_that_nobody_reads_to_its_end_is_unknown(self) -> None:
        client = StandIn()
        agent = SafeAgent([], StreamingScripted(code("1")), client=client, stream_outputs=True, verbosity_level=0)
        steps = agent.run("go", stream=True)
        next(steps)
        steps.close()
        assert [(status, used["tokens"]) for _, status, used in client.outcomes] == [("unknown", None)]
        assert agent.run("again", max_steps=1) is not None


class TestN12Stream:
    def test_seeing_a_call_is_not_running_it(self, deleting: Any) -> None:
        client = StandIn(denies("delete_file"))
        agent, deleted = deleting(client)
        steps = list(agent.run("go", stream=True))
        assert any(getattr(step, "name", "") in ("delete_file", "python_interpreter") for step in steps)
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]


class TestN13FinalAnswer:
    def test_call_within_the_answer_is_decided(self) -> None:
        client = StandIn(denies("delete_file"))
        deleted = DeleteFile()
        model = Scripted(code('final_answer(delete_file("/x"))'), code('final_answer("done")'))
        agent = SafeAgent([deleted], model, client=client, verbosity_level=0, final_answer_checks=[lambda *a, **k: True])
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]


class TestN14Interrupt:
    def test_the_rest_of_a_code_action_does_not_run(self) -> None:
        client = StandIn()
        agents: list[Any] = []

        @tool
        def stop() -> str:
            """Stops the agent."""
            agents[0].interrupt()
            return "stopped"

        deleted = DeleteFile()
        text = 'stop()\ntry:\n    delete_file("/x")\nexcept Exception:\n    pass\nfinal_answer("got away")'
        agent = SafeAgent([stop, deleted], Scripted(code(text)), client=client, verbosity_level=0)
        agents.append(agent)
        with pytest.raises(AgentError, match="interrupted"):
            agent.run("go")
        assert deleted.ran == [] and client.of("delete_file") == []

    def test_managers_interrupt_stops_a_managed_agent(self, kind: str) -> None:
        client = StandIn()
        agents: list[Any] = []

        @tool
        def stop() -> str:
            """Stops the manager."""
            agents[0].interrupt()
            return "stopped"

        deleted = DeleteFile()
        inner = Scripted([("stop", {})], [("delete_file", {"path": "/x"})])
        sub = ToolCallingAgent([stop, deleted], inner, name="sub", description="Works.", verbosity_level=0)
        turn: Any = code('sub("go")') if kind == "code" else [("sub", {"task": "go"})]
        agent = SafeAgent([], Scripted(turn), kind=kind, managed_agents=[sub], client=client, verbosity_level=0)  # type: ignore[arg-type]
        agents.append(agent)
        with pytest.raises(AgentError, match="interrupted"):
            agent.run("go")
        assert deleted.ran == [] and inner.calls == 1

    def test_interrupt_ends_the_waiting_for_a_person(self, deleting: Any) -> None:
        client = StandIn(lambda asked: "hold" if asked.tool == "delete_file" else "allow")
        agent, deleted = deleting(client)
        threading.Timer(0.3, agent.interrupt).start()
        with pytest.raises(AgentError, match="interrupted"):
            agent.run("go")
        assert deleted.ran == [] and [reason for _, reason in client.abandoned] == [
            "the run does not wait for a person any more"
        ]
