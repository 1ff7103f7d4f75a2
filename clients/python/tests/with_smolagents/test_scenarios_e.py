"""E1 to E9, on the stand-in and on `assent dev`: at the end of each, bodies have run as often as the ledger allows."""

from __future__ import annotations

import re
import textwrap
import threading
from typing import Any

import pytest
from assent.errors import Denied, HardDenied
from assent.smolagents import CannotGovern, SafeAgent, govern
from bodies import count
from fixtures import deleting, dev, kind, serving, turn_of, turns_of  # noqa: F401  fixtures
from real_dev import ROOT
from rules import (
    ALLOWS,
    DENIES_DELETE,
    DENIES_DELETE_HARD,
    DENIES_MODEL,
    DENIES_SECRETS,
    ONE_DELETE,
    TOKENS_220,
)
from scripted import DeleteFile, Failing, Scripted, code
from smolagents import CodeAgent, ToolCallingAgent
from smolagents.local_python_executor import CodeOutput, LocalPythonExecutor
from smolagents.remote_executors import RemotePythonExecutor

KINDS: dict[str, Any] = {"code": CodeAgent, "tool_calling": ToolCallingAgent}


def last_seen(agent: Any) -> str:
    return str(agent.model.seen[-1])


class TestE1WrapsSomething:
    def test_denied_body_never_runs(self, serving: Any, deleting: Any) -> None:
        client = serving(DENIES_DELETE)
        agent, deleted = deleting(client)
        assert agent.run("go") == "done"
        assert deleted.ran == []
        assert client.verdicts("delete_file") == ["deny"]
        assert "The call to `delete_file` was denied" in last_seen(agent)

    def test_allowed_body_runs_once(self, serving: Any, deleting: Any) -> None:
        client = serving()
        agent, deleted = deleting(client)
        assert agent.run("go") == "done"
        assert deleted.ran == ["/x"]
        assert client.allows()["delete_file"] == 1

    def test_agent_that_is_none_is_refused(self, serving: Any) -> None:
        with pytest.raises(CannotGovern, match="nothing was wrapped"):
            govern(object(), client=serving())

    def test_other_class_of_agent_is_refused(self, serving: Any) -> None:
        class Own(CodeAgent):
            pass

        agent = Own(tools=[DeleteFile()], model=Scripted("x"))
        with pytest.raises(CannotGovern, match="Own"):
            govern(agent, client=serving())

    def test_agent_with_own_method_is_refused(self, serving: Any) -> None:
        agent = ToolCallingAgent(tools=[DeleteFile()], model=Scripted("x"))
        agent.execute_tool_call = lambda *args: None
        with pytest.raises(CannotGovern, match="execute_tool_call"):
            govern(agent, client=serving())

    def test_governed_twice_is_refused(self, serving: Any, deleting: Any) -> None:
        agent, _ = deleting(serving())
        with pytest.raises(CannotGovern, match="already"):
            govern(agent, client=serving())


class TestE2DecisionBeforeEffect:
    def test_decided_then_ran_then_reported(self, serving: Any, kind: str) -> None:
        order: list[str] = []
        client = serving()
        client.after = lambda asked: order.append(f"decided {asked.tool}")

        class Noting(DeleteFile):
            def forward(self, path: str) -> str:
                order.append("ran")
                return super().forward(path)

        agent = SafeAgent(
            tools=[Noting()],
            model=Scripted(*turns_of(kind, "/x")),
            kind=kind,  # type: ignore[arg-type]
            client=client,
            verbosity_level=0,
            step_callbacks=[lambda step, agent: order.append("callback")],
        )
        agent.run("go")
        seen = [each for each in order if each in ("decided delete_file", "ran", "callback")]
        assert seen == ["decided delete_file", "ran", "callback", "callback"]

    def test_callback_that_raises_comes_after_the_decision(self, serving: Any, deleting: Any) -> None:
        client = serving(DENIES_DELETE)

        def raising(step: Any, agent: Any) -> None:
            raise PermissionError("no")

        agent, deleted = deleting(client, step_callbacks=[raising])
        with pytest.raises(PermissionError):
            agent.run("go")
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]

    def test_sibling_that_fails_hides_nothing(self, serving: Any, kind: str) -> None:
        client = serving()
        deleted, failing = DeleteFile(), Failing()
        both: Any = [("delete_file", {"path": "/a"}), ("failing", {})]
        turn = code('delete_file("/a")\nfailing()') if kind == "code" else both
        model = Scripted(turn, turn_of(kind, "final_answer", answer="done"))
        agent = SafeAgent([deleted, failing], model, kind=kind, client=client, verbosity_level=0)  # type: ignore[arg-type]
        assert agent.run("go") == "done"
        assert deleted.ran == ["/a"] and failing.ran == 1
        assert [status for status, _ in client.outcomes("delete_file")] == ["ok"]
        assert [status for status, _ in client.outcomes("failing")] == ["error"]
        names = [call.name for call in agent.memory.steps[1].tool_calls]
        assert sorted(names) == (["python_interpreter"] if kind == "code" else ["delete_file", "failing"])


class TestE3Swallowing:
    LOOP = """
for path in ["/a", "/b", "/c"]:
    try:
        delete_file(path)
    except Exception:
        pass
final_answer("done")
"""

    def test_soft_denials_are_all_recorded(self, serving: Any) -> None:
        client = serving(DENIES_DELETE)
        deleted = DeleteFile()
        agent = SafeAgent([deleted], Scripted(code(self.LOOP)), client=client, verbosity_level=0)
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"] * 3

    def test_denials_of_one_message_are_all_recorded(self, serving: Any, deleting: Any) -> None:
        client = serving(DENIES_DELETE)
        agent, deleted = deleting(client, "/a", "/b", "/c")
        assert agent.run("go") == "done"
        # Code that does not catch the first denial ends with it.
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"] * (1 if isinstance(agent, CodeAgent) else 3)

    def test_swallowed_denial_is_told_to_the_model(self, serving: Any) -> None:
        client = serving(DENIES_DELETE)
        swallowing = code(self.LOOP.replace('final_answer("done")', "print('all deleted')"))
        model = Scripted(swallowing, code('final_answer("done")'))
        agent = SafeAgent([DeleteFile()], model, client=client, verbosity_level=0)
        agent.run("go")
        assert "`delete_file` was denied" in model.seen[-1]

    def test_hard_denial_ends_the_run(self, serving: Any) -> None:
        client = serving(DENIES_DELETE_HARD)
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
    def test_no_way_around(self, serving: Any, attempt: str) -> None:
        client = serving(DENIES_DELETE)
        deleted = DeleteFile()
        agent = SafeAgent(
            [deleted], Scripted(code(attempt), code('final_answer("done")')), client=client, verbosity_level=0
        )
        assert agent.run("go") == "done"
        assert deleted.ran == [] and client.allows()["delete_file"] == 0
        assert client.of("python_interpreter")[0].args["code"] == attempt

    @pytest.mark.parametrize("attempt", ['delete_file("/x")', 'list(map(delete_file, ["/x"]))', 'delete_file({"path": "/x"})'])
    def test_same_ways_are_counted_where_allowed(self, serving: Any, attempt: str) -> None:
        client = serving()
        deleted = DeleteFile()
        agent = SafeAgent(
            [deleted], Scripted(code(attempt), code('final_answer("done")')), client=client, verbosity_level=0
        )
        agent.run("go")
        assert deleted.ran == ["/x"] and client.allows()["delete_file"] == 1


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

    def manager(self, client: Any, attempt: str) -> tuple[Any, DeleteFile, Any]:
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
    def test_nothing_of_a_managed_agent_is_reachable(self, serving: Any, attempt: str) -> None:
        client = serving()
        agent, deleted, sub = self.manager(client, attempt)
        assert agent.run("go") == "done"
        assert deleted.ran == []
        assert sub.max_steps == 20
        assert client.of("sub") == []

    def test_calls_of_managed_agents_have_the_parents_ids(self, serving: Any) -> None:
        client = serving()
        agent, deleted, _ = self.manager(client, 'print(sub("delete it"))')
        assert agent.run("go") == "done"
        assert deleted.ran == ["/SUB"] and client.allows()["delete_file"] == 1
        parent, call = client.of("sub")[0], client.of("delete_file")[0]
        assert parent.actor == () and call.actor == ("sub",)
        assert call.id.startswith(f"{parent.id}.")
        assert call.session == parent.session

    @pytest.mark.parametrize(("rules", "runs"), [(ALLOWS, ["/SUB"]), (DENIES_DELETE, [])], ids=lambda each: "")
    def test_agents_at_any_depth_are_governed(self, serving: Any, kind: str, rules: Any, runs: list[str]) -> None:
        client = serving(rules)
        deleted = DeleteFile()
        make = KINDS[kind]

        def manager(of: str, name: str, **options: Any) -> Any:
            turns = turn_of(kind, of, task="go"), turn_of(kind, "final_answer", answer=name)
            return make([], Scripted(*turns), name=name, description="Manages.", verbosity_level=0, **options)

        inner = Scripted(turn_of(kind, "delete_file", path="/SUB"), turn_of(kind, "final_answer", answer="sub"))
        sub = make([deleted], inner, name="sub", description="Deletes.", verbosity_level=0)
        top = manager("middle", "top", managed_agents=[manager("sub", "middle", managed_agents=[sub])])
        assert govern(top, client=client).run("go") == "top"
        assert deleted.ran == runs
        assert [each.actor for each in client.of("delete_file")] == [("top", "middle", "sub")]
        assert client.of("delete_file")[0].id.startswith(f"{client.of('sub')[0].id}.")

    def test_hard_denial_below_ends_the_manager(self, serving: Any) -> None:
        client = serving(DENIES_DELETE_HARD)
        agent, deleted, _ = self.manager(client, 'try:\n    sub("go")\nexcept Exception:\n    pass\nfinal_answer("x")')
        with pytest.raises(HardDenied):
            agent.run("go")
        assert deleted.ran == [] and client.of("final_answer") == []

    def test_managed_agent_alone_is_governed_as_well(self, serving: Any) -> None:
        client = serving(DENIES_DELETE)
        _, deleted, sub = self.manager(client, "1")
        assert sub.run("go") == "sub is done"
        assert deleted.ran == [] and client.verdicts("delete_file") == ["deny"]

    def test_ungoverned_agent_added_later_is_refused(self, serving: Any, deleting: Any) -> None:
        agent, _ = deleting(serving())
        agent.managed_agents["late"] = ToolCallingAgent([], Scripted("x"), name="late", description="x", verbosity_level=0)
        with pytest.raises(CannotGovern, match="late"):
            agent.run("go")


#: As docs/smolagents.md has it.
PAGE = (ROOT / "docs" / "smolagents.md").read_text("utf-8")
(RUN_PYTHON,) = re.findall(r"```python\n(  from smolagents import Tool\n.*?)  ```", PAGE, re.DOTALL)
REMOTE = [each for each in RemotePythonExecutor.__subclasses__() if each.__module__.startswith("smolagents.")]


class Sandbox(RemotePythonExecutor):  # type: ignore[misc]
    """One that notes what is sent to it."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run_code_raise_errors(self, code: str) -> CodeOutput:
        self.ran.append(code)
        return CodeOutput(output=None, logs="ran", is_final_answer=False)


class TestE6Remote:
    @pytest.mark.parametrize("executor", REMOTE, ids=lambda each: each.__name__)
    def test_executor_elsewhere_is_refused(self, serving: Any, executor: Any) -> None:
        """None of them is begun: what they need is not here, and it is the class that is refused."""
        agent = CodeAgent([DeleteFile()], Scripted("x"), executor=executor.__new__(executor))
        with pytest.raises(CannotGovern, match=f"{executor.__name__}: .* undecided") as refusal:
            govern(agent, client=serving())
        assert "inside of the sandbox" in refusal.value.help
        assert type(agent) is CodeAgent

    @pytest.mark.parametrize("kind_of_sandbox", ["e2b", "modal", "docker", "blaxel", "wasm"])
    def test_no_sandbox_is_begun_for_an_agent_that_is_refused(self, serving: Any, kind_of_sandbox: str) -> None:
        with pytest.raises(CannotGovern, match=f"'{kind_of_sandbox}': .* undecided"):
            SafeAgent([DeleteFile()], Scripted("x"), executor_type=kind_of_sandbox, client=serving())

    @pytest.mark.parametrize("rules", [ALLOWS, DENIES_SECRETS], ids=["allowed", "denied"])
    def test_tool_that_runs_code_in_a_sandbox_is_governed(self, serving: Any, kind: str, rules: Any) -> None:
        """The way out: nothing of what is denied reaches the sandbox, and no tool is there."""
        client = serving(rules)
        sandbox = Sandbox()
        page: dict[str, Any] = {}
        exec(textwrap.dedent(RUN_PYTHON), page)
        RunPython: Any = page["RunPython"]

        class Counting(RunPython):
            def forward(self, code: str) -> str:
                count(self.name)
                return str(super().forward(code))

        text = "print('secret')"
        built = "word = 'sec' + 'ret'\nprint(run_python(f\"print('{word}')\"))"
        turn: Any = code(built) if kind == "code" else [("run_python", {"code": text})]
        turns = turn, turn_of(kind, "final_answer", answer="x")
        agent = SafeAgent([Counting(sandbox)], Scripted(*turns), kind=kind, client=client, verbosity_level=0)  # type: ignore[arg-type]
        agent.run("go")
        assert sandbox.ran == ([text] if rules is ALLOWS else [])

    def test_executor_that_is_made_from_the_local_one_is_refused(self, serving: Any) -> None:
        class Own(LocalPythonExecutor):
            pass

        with pytest.raises(CannotGovern, match="Own"):
            SafeAgent([DeleteFile()], Scripted("x"), executor=Own([]), client=serving())


class TestE7Tokens:
    USED = {"a": (10, 5), "b": (20, 10), "c": (1, 0)}

    def test_each_generation_settles_its_tokens(self, serving: Any, deleting: Any) -> None:
        client = serving()
        agent, _ = deleting(client)
        agent.run("go")
        settled = client.outcomes("model.generate")
        assert settled == [("ok", 15)] * 2 and agent.model.calls == 2

    def test_generation_without_usage_is_unknown(self, serving: Any, deleting: Any) -> None:
        client = serving()
        agent, _ = deleting(client)
        real = agent.model._model
        generate = real.generate

        def without_usage(*args: Any, **options: Any) -> Any:
            message = generate(*args, **options)
            message.token_usage = None
            return message

        real.generate = without_usage
        agent.run("go")
        assert client.outcomes("model.generate") == [("ok", None)] * 2

    def test_refused_generation_is_not_made(self, serving: Any, deleting: Any) -> None:
        client = serving(DENIES_MODEL)
        agent, deleted = deleting(client)
        with pytest.raises(Denied, match="model.generate"):
            agent.run("go")
        assert agent.model.calls == 0 and deleted.ran == []

    def test_budget_over_managed_agents_is_never_overspent(self, serving: Any, kind: str) -> None:
        client = serving(TOKENS_220)
        idle: Any = code("1") if kind == "code" else [("failing", {})]
        sub_model = Scripted(idle, idle, turn_of(kind, "final_answer", answer="sub"))
        top_model = Scripted(turn_of(kind, "sub", task="again"))
        sub = KINDS[kind]([Failing()], sub_model, name="sub", description="Works.", verbosity_level=0)
        agent = SafeAgent(
            [],
            top_model,
            kind=kind,  # type: ignore[arg-type]
            managed_agents=[sub],
            client=client,
            verbosity_level=0,
            estimate_tokens=lambda messages, options: 15,
            max_steps=50,
        )
        with pytest.raises(Denied, match="model.generate"):
            agent.run("go")
        by_hand = sub_model.calls + top_model.calls
        assert client.outcomes("model.generate") == [("ok", 15)] * by_hand
        # One more would have been 225.
        assert by_hand * 15 == 210 and client.verdicts("model.generate").count("deny") >= 1

    def test_budget_over_managed_agents_at_once_is_never_overspent(self, serving: Any) -> None:
        """Three of them work at the same time, and use less than is reserved for them."""
        client = serving(TOKENS_220)
        models = {name: Scripted([("failing", {})], tokens=tokens) for name, tokens in self.USED.items()}
        subs = [
            ToolCallingAgent([Failing()], model, name=name, description="Works.", max_steps=4, verbosity_level=0)
            for name, model in models.items()
        ]
        top_model = Scripted([(name, {"task": "go"}) for name in models])
        agent = SafeAgent(
            [],
            top_model,
            kind="tool_calling",
            managed_agents=subs,
            client=client,
            verbosity_level=0,
            estimate_tokens=lambda messages, options: 30,
            max_steps=50,
        )
        with pytest.raises(Denied, match="model.generate"):
            agent.run("go")
        by_hand = [15] * top_model.calls
        for name, model in models.items():
            by_hand += [sum(self.USED[name])] * model.calls
        settled = [tokens for _, tokens in client.outcomes("model.generate")]
        assert sorted(settled) == sorted(by_hand) and 190 < sum(settled) <= 220


class TestE8Parallel:
    def test_budget_of_one_runs_one(self, serving: Any) -> None:
        client = serving(ONE_DELETE)
        together = threading.Barrier(4)
        client.before = lambda asked: together.wait(10) if asked.tool == "delete_file" else None
        deleted = DeleteFile()
        calls = [("delete_file", {"path": f"/{number}"}) for number in range(8)]
        model = Scripted(calls, [("final_answer", {"answer": "done"})])
        agent = SafeAgent([deleted], model, kind="tool_calling", client=client, verbosity_level=0)
        assert agent.run("go") == "done"
        assert len(deleted.ran) == 1 == client.allows()["delete_file"]
        assert sorted(client.verdicts("delete_file")) == ["allow"] + ["deny"] * 7
        assert len({each.id for each in client.of("delete_file")}) == 8

    def test_budget_of_one_runs_one_in_code(self, serving: Any) -> None:
        client = serving(ONE_DELETE)
        deleted = DeleteFile()
        text = "for number in range(8):\n    try:\n        delete_file(f'/{number}')\n    except Exception:\n        pass"
        SafeAgent([deleted], Scripted(code(text), code('final_answer("x")')), client=client, verbosity_level=0).run("go")
        assert deleted.ran == ["/0"] and client.verdicts("delete_file") == ["allow"] + ["deny"] * 7


class TestE9SoftAndHard:
    def test_soft_denial_is_read_by_the_model(self, serving: Any, deleting: Any) -> None:
        client = serving(DENIES_DELETE)
        agent, _ = deleting(client)
        agent.run("go")
        text = last_seen(agent)
        assert "do not try to reach the same end in another way" in text
        assert "try again or use another tool" not in text and "completely different approach" not in text

    @pytest.mark.parametrize("option", ["severity", "glob"])
    def test_hard_denial_leaves_run(self, serving: Any, deleting: Any, option: str) -> None:
        client = serving(DENIES_DELETE_HARD if option == "severity" else DENIES_DELETE)
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
    def test_code_cannot_swallow_a_hard_denial(self, serving: Any, text: str) -> None:
        client = serving(DENIES_DELETE_HARD)
        deleted = DeleteFile()
        agent = SafeAgent([deleted], Scripted(code(text), code('final_answer("x")')), client=client, verbosity_level=0)
        with pytest.raises(HardDenied):
            agent.run("go")
        assert deleted.ran == [] and agent.model.calls == 1

    def test_denied_final_answer_is_no_answer(self, serving: Any, kind: str) -> None:
        client = serving(DENIES_SECRETS)
        # The code is not forbidden, what it answers is.
        secret = code('final_answer("sec" + "ret")') if kind == "code" else [("final_answer", {"answer": "secret"})]
        turn, other = secret, turn_of(kind, "final_answer", answer="fine")
        agent = SafeAgent([], Scripted(turn, other), kind=kind, client=client, verbosity_level=0)  # type: ignore[arg-type]
        assert agent.run("go") == "fine"
        assert [each.args["answer"] for each in client.of("final_answer")] == ["secret", "fine"]
