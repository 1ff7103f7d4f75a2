"""N1 to N14, on the stand-in and on `assent dev`: at the end of each, bodies have run as often as the ledger allows."""

from __future__ import annotations

import threading
import time
from typing import Any

import bodies
import pytest
from assent.errors import AssentError, Denied, HardDenied
from assent.smolagents import CannotGovern, SafeAgent, govern
from fixtures import deleting, dev, kind, serving, turn_of  # noqa: F401  fixtures
from PIL import Image
from rules import (
    ALLOWS,
    DENIES_CALLABLES,
    DENIES_DELETE,
    DENIES_FAILING,
    DENIES_FAILING_HARD,
    DENIES_MODEL,
    DENIES_SERVED,
    HOLDS_DELETE,
    ONE_GENERATION,
)
from scripted import DeleteFile, Failing, Scripted, StreamingScripted, code
from smolagents import CodeAgent, Tool, ToolCallingAgent, tool
from smolagents.local_python_executor import LocalPythonExecutor
from smolagents.utils import AgentError


def last_seen(agent: Any) -> str:
    return str(agent.model.seen[-1])


class TestN1Time:
    def agent(self, client: Any, seconds: float, *turns: str, **options: Any) -> tuple[Any, DeleteFile]:
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

    def test_hold_parks_the_run(self, serving: Any) -> None:
        """Held for longer than the executor's limit: granted, it runs once, and the step is no failure."""
        client = serving(HOLDS_DELETE)
        agent, deleted = self.agent(client, 1.0)
        threading.Timer(1.5, lambda: client.answers.update(delete_file="grant")).start()
        assert agent.run("go") == "done"
        assert deleted.ran == ["/x"] and client.allows()["delete_file"] == 1
        assert agent.memory.steps[1].error is None

    def test_rejected_hold_runs_nothing(self, serving: Any, deleting: Any) -> None:
        client = serving(HOLDS_DELETE)
        client.answers["delete_file"] = "reject"
        agent, deleted = deleting(client)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and "A human has refused it" in last_seen(agent)

    def test_hold_that_nobody_answers_is_abandoned(self, serving: Any, deleting: Any) -> None:
        client = serving(HOLDS_DELETE)
        agent, deleted = deleting(client, hold_seconds=0.2)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.abandoned() == [("delete_file", "no decision in time")]

    def test_hold_that_cannot_be_waited_for_is_abandoned(self, serving: Any, deleting: Any) -> None:  # noqa: F811
        client = serving(HOLDS_DELETE)
        agent, deleted = deleting(client)
        decide = client.decide

        def failing(tool: str, args: Any, **options: Any) -> Any:
            if options["on_hold"] == "wait":
                raise AssentError("GATEWAY_UNREACHABLE", "the gateway is away")
            return decide(tool, args, **options)

        client.decide = failing  # type: ignore[method-assign]
        assert agent.run("go") == "done"
        assert deleted.ran == [] and [tool for tool, _ in client.abandoned()] == ["delete_file"]

    def test_call_allowed_too_late_does_not_run(self, serving: Any) -> None:
        client = serving()
        client.before = lambda asked: time.sleep(0.8) if asked.tool == "delete_file" else None
        agent, deleted = self.agent(client, 0.5)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.allows()["delete_file"] == 0
        assert client.verdicts("delete_file") == ["allow"] and [tool for tool, _ in client.abandoned()] == ["delete_file"]
        assert "it did not run" in last_seen(agent)

    def test_remaining_time_is_the_deadline(self, serving: Any) -> None:
        client = serving()
        agent, _ = self.agent(client, 5.0)
        agent.run("go")
        (asked,) = client.of("delete_file")
        assert asked.deadline is not None and 0 < asked.deadline <= 5.0

    def test_no_call_begins_after_the_time(self, serving: Any) -> None:
        client = serving()
        text = "import time\ntime.sleep(0.8)\ntry:\n    delete_file('/x')\nexcept Exception:\n    pass\nfinal_answer('got away')"
        agent, deleted = self.agent(client, 0.5, code(text), code('final_answer("done")'))
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.of("delete_file") == []

    def test_slow_tool_ends_and_its_result_counts(self, serving: Any) -> None:
        """A tool that began in time is not said to have failed: the model would do it again."""

        class Slow(DeleteFile):
            def forward(self, path: str) -> str:
                time.sleep(1.3)
                return super().forward(path)

        client, slow = serving(), Slow()
        agent = SafeAgent(
            [slow],
            Scripted(code('print(delete_file("/x"))'), code('final_answer("done")')),
            client=client,
            executor_kwargs={"timeout_seconds": 1.0},
            verbosity_level=0,
        )
        assert agent.run("go") == "done"
        assert slow.ran == ["/x"] and "deleted /x" in last_seen(agent)


class TestN2Threads:
    def test_ids_reach_tools_in_other_threads(self, serving: Any) -> None:
        client = serving()
        together = threading.Barrier(4)
        client.before = lambda asked: together.wait(10) if asked.tool == "delete_file" else None
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
        assert len({each.thread for each in client.of("delete_file")}) == 4

    def test_ids_reach_tools_that_code_calls(self, serving: Any) -> None:
        client = serving()
        text = "def each(n):\n    return delete_file(f'/{n}')\nfinal_answer(list(map(each, range(4))))"
        agent = SafeAgent([DeleteFile()], Scripted(code(text)), client=client, verbosity_level=0)
        agent.run("go")
        (action,) = client.of("python_interpreter")
        inside = [*client.of("delete_file"), *client.of("final_answer")]
        assert len({each.id for each in inside}) == 5 and all(each.id.startswith(f"{action.id}.") for each in inside)


class TestN3N4Ids:
    def test_one_id_twice_in_a_message_runs_nothing(self, serving: Any) -> None:
        client = serving()
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

    def test_ids_of_the_model_repeat_and_ours_do_not(self, serving: Any, kind: str) -> None:
        client = serving()
        deleted = DeleteFile()
        once: Any = [("delete_file", {"path": "/a"}, "call_1")]
        answer: Any = [("final_answer", {"answer": "done"}, "call_1")]
        turns = [code('delete_file("/a")'), code('final_answer("done")')] if kind == "code" else [once, answer]
        agent = SafeAgent([deleted], Scripted(*turns), kind=kind, client=client, verbosity_level=0)  # type: ignore[arg-type]
        agent.run("go")
        agent.model._model.calls = 0
        agent.run("go")
        assert deleted.ran == ["/a", "/a"] and client.allows()["delete_file"] == 2
        assert len({each.id for each in client.asked}) == len(client.asked)


class TestN5Callables:
    @pytest.mark.parametrize(("rules", "expected"), [(DENIES_CALLABLES, []), (ALLOWS, ["a"])], ids=["denied", "allowed"])
    @pytest.mark.parametrize("where", ["additional_args", "data", "state", "additional_functions", "result"])
    def test_callable_is_governed_wherever_it_comes_from(self, serving: Any, where: str, rules: Any, expected: Any) -> None:
        ran: list[str] = []
        client = serving(rules)
        name, text = {"data": ("box.wipe", 'box["wipe"]("a")'), "result": ("load.result", 'load()("a")')}.get(
            where, ("wipe", 'wipe("a")')
        )

        def wipe(disk: str) -> None:
            bodies.count(name)
            ran.append(disk)

        class Loader(Tool):
            name = "load"
            description = "Loads a tool."
            inputs: dict[str, Any] = {}
            output_type = "any"

            def forward(self) -> Any:
                bodies.count("load")
                return wipe

        options: dict[str, Any] = {}
        if where == "additional_functions":
            options["executor_kwargs"] = {"additional_functions": {"wipe": wipe}}
        model = Scripted(code(text), code('final_answer("x")'))
        agent = SafeAgent([Loader()] if where == "result" else [], model, client=client, verbosity_level=0, **options)
        if where == "state":
            agent.state["wipe"] = wipe
        given = {"additional_args": {"wipe": wipe}, "data": {"box": {"wipe": wipe, "size": 3}}}.get(where)
        agent.run("go", additional_args=given)
        assert ran == expected and client.of(name)[0].args == {"disk": "a"}

    def test_builtin_functions_are_governed(self, serving: Any) -> None:
        ran: list[str] = []
        client = serving(DENIES_CALLABLES)
        model = Scripted(code('wipe("a")'), code('final_answer("x")'))
        SafeAgent([], model, client=client, verbosity_level=0).run("go", additional_args={"wipe": ran.append})
        assert ran == [] and client.verdicts("wipe") == ["deny"]

    def test_agents_in_additional_args_are_refused(self, serving: Any, deleting: Any) -> None:
        agent, _ = deleting(serving())
        other = ToolCallingAgent([], Scripted("x"), verbosity_level=0)
        with pytest.raises(CannotGovern):
            agent.run("go", additional_args={"other": other})

    def test_tool_calling_agents_have_no_use_for_callables(self, serving: Any) -> None:
        agent = SafeAgent([], Scripted("x"), kind="tool_calling", client=serving(), verbosity_level=0)
        with pytest.raises(CannotGovern, match="`tools`"):
            agent.run("go", additional_args={"wipe": print})


class TestN6Frozen:
    def test_what_was_judged_is_what_runs(self, serving: Any) -> None:
        """A sibling stores an image under the very name that the other call's text has, while that is decided."""
        got: list[Any] = []

        class Painter(Tool):
            name = "paint"
            description = "Paints."
            inputs: dict[str, Any] = {}
            output_type = "image"

            def forward(self) -> Any:
                bodies.count("paint")
                return Image.new("RGB", (1, 1))

        class Sender(Tool):
            name = "send"
            description = "Sends."
            inputs = {"what": {"type": "any", "description": "What."}}
            output_type = "string"

            def forward(self, what: Any) -> str:
                bodies.count("send")
                got.append(what)
                return "sent"

        client = serving()
        agents: list[Any] = []

        def wait(asked: Any) -> None:
            until = time.monotonic() + 10
            while asked.tool == "send" and "image.png" not in agents[0].state and time.monotonic() < until:
                time.sleep(0.01)

        client.before = wait
        agent = SafeAgent(
            [Painter(), Sender()],
            Scripted([("send", {"what": "image.png"}), ("paint", {})], [("final_answer", {"answer": "x"})]),
            kind="tool_calling",
            client=client,
            verbosity_level=0,
        )
        agents.append(agent)
        agent.run("go")
        assert "image.png" in agent.state
        assert client.of("send")[0].args == {"what": "image.png"} and got == ["image.png"]

    def test_image_is_described_and_a_copy_runs(self, serving: Any) -> None:
        got: list[Any] = []

        class Sender(Tool):
            name = "send"
            description = "Sends."
            inputs = {"what": {"type": "any", "description": "What."}}
            output_type = "string"

            def forward(self, what: Any) -> str:
                bodies.count("send")
                got.append(what)
                return "sent"

        picture = Image.new("RGB", (2, 2))
        client = serving()

        def change(asked: Any) -> None:
            if asked.tool == "send":
                picture.putpixel((0, 0), (255, 0, 0))

        client.before = change
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

    def test_list_that_code_changes_while_it_is_decided(self, serving: Any) -> None:
        got: list[Any] = []
        shared = ["/a"]

        class Deleter(Tool):
            name = "delete_all"
            description = "Deletes."
            inputs = {"paths": {"type": "array", "description": "Files."}}
            output_type = "string"

            def forward(self, paths: list[str]) -> str:
                bodies.count("delete_all")
                got.append(paths)
                return "ok"

        client = serving()

        def change(asked: Any) -> None:
            if asked.tool == "delete_all":
                shared.append("/b")

        client.before = change
        agent = SafeAgent(
            [Deleter()],
            Scripted(code("delete_all(paths)"), code('final_answer("x")')),
            client=client,
            verbosity_level=0,
        )
        agent.run("go", additional_args={"paths": shared})
        assert shared == ["/a", "/b"] and client.of("delete_all")[0].args == {"paths": ["/a"]} and got == [["/a"]]


class TestN7Siblings:
    def test_hard_denial_stops_siblings_that_have_not_begun(self, serving: Any) -> None:
        client = serving(DENIES_FAILING_HARD)
        is_denied = threading.Event()

        def wait(asked: Any) -> None:
            if asked.tool == "delete_file":
                assert is_denied.wait(10)
                time.sleep(0.2)

        client.before = wait
        client.after = lambda asked: is_denied.set() if asked.tool == "failing" else None
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
        assert deleted.ran == [] and client.allows()["delete_file"] == 0
        assert client.abandoned() == [("delete_file", "the run ended before the call began")]
        assert sorted(call.name for call in agent.memory.steps[-1].tool_calls) == ["delete_file", "failing"]


class TestN8Saving:
    def test_refused(self, serving: Any, deleting: Any, tmp_path: Any) -> None:
        agent, _ = deleting(serving())
        for save in (agent.to_dict, lambda: agent.save(str(tmp_path)), lambda: agent.push_to_hub("a/b")):
            with pytest.raises(CannotGovern, match="cannot be saved"):
                save()
        assert list(tmp_path.iterdir()) == []


class TestN9LaterTools:
    def test_tool_added_later_is_governed(self, serving: Any, deleting: Any, kind: str) -> None:
        client = serving(DENIES_FAILING)
        turn: Any = code("failing()") if kind == "code" else [("failing", {})]
        answer: Any = code('final_answer("x")') if kind == "code" else [("final_answer", {"answer": "x"})]
        agent, _ = deleting(client, model=Scripted(turn, answer))
        failing = Failing()
        agent.tools["failing"] = failing
        agent.run("go")
        assert failing.ran == 0 and client.verdicts("failing") == ["deny"]

    def test_parts_that_were_replaced_are_refused(self, serving: Any, deleting: Any) -> None:
        agent, _ = deleting(serving())
        agent.model = Scripted("x")
        with pytest.raises(CannotGovern, match="model"):
            agent.run("go")

    def test_replaced_executor_is_refused(self, serving: Any) -> None:
        agent = SafeAgent([], Scripted("x"), client=serving(), verbosity_level=0)
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
            bodies.count("served")
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
    def test_called_from_code(self, serving: Any, text: str, args: Any, ran: Any) -> None:
        for client, runs in ((serving(ALLOWS), [ran]), (serving(DENIES_SERVED), [])):
            served = self.Served()
            agent = SafeAgent([served], Scripted(code(text), code('final_answer("x")')), client=client, verbosity_level=0)
            agent.run("go")
            assert client.of("served")[0].args == args
            assert served.ran == runs

    def test_called_by_name(self, serving: Any) -> None:
        client, served = serving(), self.Served()
        model = Scripted([("served", {"path": "/x"})], [("final_answer", {"answer": "x"})])
        SafeAgent([served], model, kind="tool_calling", client=client, verbosity_level=0).run("go")
        assert client.of("served")[0].args == {"path": "/x"} and served.ran == [((), {"path": "/x"})]


class TestN10State:
    def test_agent_that_ran_is_refused(self, serving: Any, kind: str) -> None:
        turn: Any = code('kept = final_answer\nfinal_answer("x")') if kind == "code" else [("final_answer", {"answer": "x"})]
        kinds: dict[str, Any] = {"code": CodeAgent, "tool_calling": ToolCallingAgent}
        agent = kinds[kind](tools=[], model=Scripted(turn), verbosity_level=0)
        agent.run("go")
        # Nobody was asked for that.
        bodies.forget()
        with pytest.raises(CannotGovern, match="has run already"):
            govern(agent, client=serving())

    def test_executor_with_variables_is_refused(self, serving: Any) -> None:
        agent = CodeAgent([], Scripted("x"), verbosity_level=0)
        agent.python_executor.send_variables({"kept": print})
        with pytest.raises(CannotGovern, match="variables"):
            govern(agent, client=serving())

    def test_variables_do_not_survive_a_new_run(self, serving: Any) -> None:
        agent = SafeAgent(
            [],
            Scripted(code("kept = 1\nfinal_answer(kept)"), code("final_answer(kept)"), code('final_answer("gone")')),
            client=serving(),
            verbosity_level=0,
        )
        assert agent.run("go") == 1
        assert agent.run("again") == "gone"

    def test_variables_survive_where_the_memory_does(self, serving: Any) -> None:
        client = serving(DENIES_DELETE)
        deleted = DeleteFile()
        model = Scripted(code("f = delete_file\nfinal_answer(1)"), code('f("/x")'), code('final_answer("x")'))
        agent = SafeAgent([deleted], model, client=client, verbosity_level=0)
        agent.run("go")
        agent.run("again", reset=False)
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]
        assert len({each.session for each in client.asked}) == 1


class TestN11EveryGeneration:
    def test_planning_and_the_last_answer_are_decided_and_settled(self, serving: Any, kind: str) -> None:
        client = serving()
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
        settled = client.outcomes("model.generate")
        assert model.calls == 3 and settled == [("ok", 15)] * 3

    def test_refused_last_answer_says_why(self, serving: Any, kind: str) -> None:
        client = serving(ONE_GENERATION)
        turn: Any = code("1") if kind == "code" else [("failing", {})]
        agent = SafeAgent([Failing()], Scripted(turn), kind=kind, client=client, max_steps=1, verbosity_level=0)  # type: ignore[arg-type]
        answer = agent.run("go")
        assert "`model.generate` was denied" in str(answer) and agent.model.calls == 1

    def test_streams_are_decided_and_settled(self, serving: Any, kind: str) -> None:
        client = serving()
        turns = (
            [code('delete_file("/x")'), code('final_answer("done")')]
            if kind == "code"
            else [[("delete_file", {"path": "/x"})], [("final_answer", {"answer": "done"})]]
        )
        deleted, model = DeleteFile(), StreamingScripted(*turns)
        agent = SafeAgent([deleted], model, kind=kind, client=client, stream_outputs=True, verbosity_level=0)  # type: ignore[arg-type]
        assert agent.run("go") == "done"
        settled = client.outcomes("model.generate")
        assert settled == [("ok", 15)] * 2 and deleted.ran == ["/x"]

    def test_refused_stream_is_not_begun(self, serving: Any) -> None:
        model = StreamingScripted(code("1"))
        agent = SafeAgent([], model, client=serving(DENIES_MODEL), stream_outputs=True, verbosity_level=0)
        with pytest.raises(Denied):
            agent.run("go")
        assert model.calls == 0

    def test_stream_that_nobody_reads_to_its_end_is_unknown(self, serving: Any) -> None:
        client = serving()
        agent = SafeAgent([], StreamingScripted(code("1")), client=client, stream_outputs=True, verbosity_level=0)
        steps = agent.run("go", stream=True)
        next(steps)
        steps.close()
        assert client.outcomes("model.generate") == [("unknown", None)]
        assert agent.run("again", max_steps=1) is not None


class TestN12Stream:
    def test_seeing_a_call_is_not_running_it(self, serving: Any, deleting: Any) -> None:
        client = serving(DENIES_DELETE)
        agent, deleted = deleting(client)
        steps = list(agent.run("go", stream=True))
        assert any(getattr(step, "name", "") in ("delete_file", "python_interpreter") for step in steps)
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]


class TestN13FinalAnswer:
    def test_call_within_the_answer_is_decided(self, serving: Any) -> None:
        client = serving(DENIES_DELETE)
        deleted = DeleteFile()
        model = Scripted(code('final_answer(delete_file("/x"))'), code('final_answer("done")'))
        agent = SafeAgent([deleted], model, client=client, verbosity_level=0, final_answer_checks=[lambda *a, **k: True])
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]

    def test_call_beside_the_answer_is_decided(self, serving: Any) -> None:
        client = serving(DENIES_DELETE)
        deleted = DeleteFile()
        model = Scripted([("delete_file", {"path": "/x"})], [("final_answer", {"answer": "done"})])
        checks = [lambda *a, **k: True]
        agent = SafeAgent([deleted], model, kind="tool_calling", client=client, verbosity_level=0, final_answer_checks=checks)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]


class TestN14Interrupt:
    def test_the_rest_of_a_code_action_does_not_run(self, serving: Any) -> None:
        client = serving()
        agents: list[Any] = []

        @tool
        def stop() -> str:
            """Stops the agent."""
            bodies.count("stop")
            agents[0].interrupt()
            return "stopped"

        deleted = DeleteFile()
        text = 'stop()\ntry:\n    delete_file("/x")\nexcept Exception:\n    pass\nfinal_answer("got away")'
        agent = SafeAgent([stop, deleted], Scripted(code(text)), client=client, verbosity_level=0)
        agents.append(agent)
        with pytest.raises(AgentError, match="interrupted"):
            agent.run("go")
        assert deleted.ran == [] and client.of("delete_file") == []

    def test_managers_interrupt_stops_a_managed_agent(self, serving: Any, kind: str) -> None:
        client = serving()
        agents: list[Any] = []

        @tool
        def stop() -> str:
            """Stops the manager."""
            bodies.count("stop")
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

    def test_interrupt_ends_the_waiting_for_a_person(self, serving: Any, deleting: Any) -> None:
        client = serving(HOLDS_DELETE)
        agent, deleted = deleting(client)

        def interrupt(event: dict[str, Any]) -> None:
            if event["verdict"] == "hold":
                threading.Timer(0.3, agent.interrupt).start()

        agent.on("policy_check", interrupt)
        with pytest.raises(AgentError, match="interrupted"):
            agent.run("go")
        assert deleted.ran == []
        assert client.abandoned() == [("delete_file", "the run does not wait for a person any more")]
