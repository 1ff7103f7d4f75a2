"""The guard around plain functions and generators: its promises are numbered in guard.py."""

from __future__ import annotations

import enum
import functools
import multiprocessing
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any, Iterator

import pytest
from assent import AssentError, Client, Denied, HardDenied, TimedOut, default, guard, sketch_of
from fake_gateway import KEY, FakeGateway, problem


def test_a_guarded_function_runs_once_it_is_allowed_and_its_outcome_is_reported(
    client: Client, gateway: FakeGateway
) -> None:
    @client.guard
    def read_file(path: str, limit: int = 10) -> str:
        """Reads."""
        return f"{path}:{limit}"

    assert read_file("a", limit=2) == "a:2"
    assert (read_file.__name__, read_file.__doc__) == ("read_file", "Reads.")
    (intent,) = gateway.intents()
    assert (intent["tool"], intent["args"]) == ("read_file", {"path": "a", "limit": 2})
    (outcome,) = gateway.outcomes
    assert (outcome["id"], outcome["status"]) == (intent["id"], "ok")
    assert outcome["usage"].keys() == {"durationMs"}


def test_a_denied_function_does_not_run(client: Client, gateway: FakeGateway) -> None:
    ran: list[str] = []

    @client.guard("deny.delete")
    def delete(path: str) -> None:
        ran.append(path)

    @client.guard("deny.delete", hard=True)
    def delete_hard(path: str) -> None:
        ran.append(path)

    with pytest.raises(Denied) as caught:
        delete("/")
    assert caught.value.decision.reasons[0].rule == "r"
    with pytest.raises(HardDenied):
        try:
            delete_hard("/")
        except Exception:
            pytest.fail("swallowed")
    assert (ran, gateway.outcomes) == ([], [])


def test_a_function_does_not_run_where_the_gateway_does_not_answer(client: Client, gateway: FakeGateway) -> None:
    ran: list[int] = []
    gateway.before = lambda method, path: problem(500, "ASSENT_INTERNAL")
    with pytest.raises(AssentError, match="ASSENT_INTERNAL"):
        client.guard(lambda: ran.append(1))()
    assert ran == []


def test_what_runs_is_what_was_decided_whatever_becomes_of_the_callers_object(
    client: Client, gateway: FakeGateway
) -> None:
    paths = ["safe"]
    seen: list[list[str]] = []

    def meanwhile(method: str, path: str) -> None:
        if path == "/v1/intents":
            paths.append("/etc/shadow")

    gateway.before = meanwhile

    @client.guard
    def remove(paths: list[str]) -> None:
        seen.append(paths)

    remove(paths)
    assert paths == ["safe", "/etc/shadow"]
    assert seen == [["safe"]] == [gateway.intents()[0]["args"]["paths"]]


def test_arguments_that_the_policy_redacts_are_run_redacted(client: Client, gateway: FakeGateway) -> None:
    decide = gateway.decide

    def redacting(body: dict[str, Any], query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        status, headers, answer = decide(body, query)
        obligations = {**answer["obligations"], "redact": ["/secret"]}
        args = {**answer["args"], "secret": "[redacted]"}
        return status, headers, {**answer, "args": args, "obligations": obligations}

    gateway.decide = redacting  # type: ignore[method-assign]

    @client.guard
    def show(name: str, secret: str) -> str:
        return f"{name} {secret}"

    assert show("a", secret="s3cret") == "a [redacted]"


def test_arguments_are_bound_to_their_names_in_every_form(client: Client, gateway: FakeGateway) -> None:
    @client.guard
    def tool(a: int, /, b: int, *rest: int, c: int = 3, **more: Any) -> Any:
        return a, b, rest, c, more

    assert tool(1, 2) == (1, 2, (), 3, {})
    assert tool(1, 2, 4, 5, c=6, d={"e": [7.0]}) == (1, 2, (4, 5), 6, {"d": {"e": [7.0]}})
    assert gateway.intents()[-1]["args"] == {"a": 1, "b": 2, "rest": [4, 5], "c": 6, "d": {"e": [7]}}
    with pytest.raises(AssentError, match="given `a` twice"):
        tool(1, 2, a=3)
    with pytest.raises(TypeError):
        tool(1)  # type: ignore[call-arg]


def test_a_float_stays_a_float(client: Client) -> None:
    @client.guard
    def kinds(whole: float, part: float, count: int, many: list[float]) -> list[type]:
        return [type(whole), type(part), type(count), *map(type, many)]

    assert kinds(1.0, 1.5, 1, [2.0, 2]) == [float, float, int, float, int]


def test_subclasses_of_plain_types_are_what_they_are_underneath(client: Client, gateway: FakeGateway) -> None:
    class Colour(str, enum.Enum):
        RED = "red"

        def __str__(self) -> str:
            return "blue"

    class Level(enum.IntEnum):
        HIGH = 3

    @client.guard
    def paint(colour: str, level: int) -> str:
        return f"{colour} {level}"

    assert paint(Colour.RED, Level.HIGH) == "red 3"
    assert gateway.intents()[0]["args"] == {"colour": "red", "level": 3}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        (object(), "RECORD_JSON", "argument `value` of `tool` cannot be JSON: it is of type object"),
        ({"a": [b""]}, "RECORD_JSON", "at `/a/0` it is of type bytes"),
        ({1: 2}, "RECORD_JSON", "a key that is of type int"),
        (float("nan"), "RECORD_JSON", "it is nan"),
        (2**53 + 1, "RECORD_JSON", "too large to be exact"),
        ("\ud800", "RECORD_JSON", "a lone surrogate"),
        (nested(65), "RECORD_DEPTH", "nested deeper than 64 levels"),
    ],
)
def test_an_argument_that_cannot_be_json_is_refused_and_named(
    client: Client, gateway: FakeGateway, value: Any, code: str, words: str
) -> None:
    @client.guard
    def tool(value: Any) -> None:
        pytest.fail("it ran")

    with pytest.raises(AssentError) as caught:
        tool(value)
    assert caught.value.code == code
    assert words in caught.value.message
    assert gateway.requests == []


def test_a_default_that_nobody_chose_may_be_anything(client: Client, gateway: FakeGateway) -> None:
    marker = object()

    @client.guard
    def tool(a: Any = marker, b: int = 1) -> Any:
        return a, b

    assert tool() == (marker, 1)
    assert gateway.intents()[0]["args"] == {"b": 1}


def test_a_method_is_handed_its_object_and_asks_without_it(client: Client, gateway: FakeGateway) -> None:
    class Files:
        def __init__(self) -> None:
            self.removed: list[str] = []

        @client.guard("files.remove")
        def remove(self, path: str) -> None:
            self.removed.append(path)

    files = Files()
    files.remove("a")
    assert files.removed == ["a"]
    assert gateway.intents()[0]["args"] == {"path": "a"}


def test_usage_comes_from_the_result(client: Client, gateway: FakeGateway) -> None:
    @client.guard(usage_of=lambda result: {"tokens": len(result), "cost": 0.25})
    def complete(prompt: str) -> str:
        return prompt * 2

    @client.guard(usage_of=lambda result: {"tokens": result["usage"]})
    def broken() -> str:
        return "result"

    assert complete("ab") == "abab"
    assert broken() == "result"
    used = [{k: v for k, v in each["usage"].items() if k != "durationMs"} for each in gateway.outcomes]
    assert used == [{"tokens": 4, "cost": 0.25}, {}]


def test_a_tool_that_raises_has_failed(client: Client, gateway: FakeGateway) -> None:
    @client.guard
    def fail() -> None:
        raise ValueError("its own")

    with pytest.raises(ValueError, match="its own"):
        fail()
    assert [each["status"] for each in gateway.outcomes] == ["error"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_nobody_knows_what_an_interrupted_tool_did(
    client: Client, gateway: FakeGateway, interruption: type[BaseException]
) -> None:
    @client.guard
    def interrupted() -> None:
        raise interruption

    with pytest.raises(interruption):
        interrupted()
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]


def test_a_report_that_fails_does_not_hide_the_result(
    client: Client, gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.before = lambda method, path: problem(400, "GATEWAY_REQUEST") if path == "/v1/outcomes" else None
    assert client.guard(lambda: "result")() == "result"
    assert "is not reported: GATEWAY_REQUEST" in caplog.text


def test_a_generator_is_decided_when_it_is_read_and_reported_when_it_has_ended(
    client: Client, gateway: FakeGateway
) -> None:
    @client.guard(usage_of=lambda total: {"tokens": total})
    def count(to: list[int]) -> Iterator[int]:
        yield from to
        return len(to)  # type: ignore[return-value]

    given = [1, 2]
    items = count(given)
    given.append(3)
    assert gateway.requests == []
    assert next(iter(items)) == 1
    assert (len(gateway.intents()), gateway.outcomes) == (1, [])
    assert list(items) == [2]
    (outcome,) = gateway.outcomes
    assert (outcome["status"], outcome["usage"]["tokens"]) == ("ok", 2)


def test_a_generator_that_is_left_has_an_unknown_end(client: Client, gateway: FakeGateway) -> None:
    closed: list[bool] = []

    @client.guard
    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append(True)

    items = endless()
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert closed == [True]
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]


def test_a_generator_that_raises_has_failed_and_one_that_is_never_read_asks_nothing(
    client: Client, gateway: FakeGateway
) -> None:
    @client.guard
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError

    failing()
    assert gateway.requests == []
    with pytest.raises(ValueError):
        list(failing())
    assert [each["status"] for each in gateway.outcomes] == ["error"]


def test_a_generator_is_sent_to_as_without_a_guard(client: Client) -> None:
    @client.guard
    def echo() -> Any:
        got = yield "first"
        yield got

    generator = echo()
    assert next(generator) == "first"
    assert generator.send("second") == "second"
    generator.close()


def test_what_goes_on_after_the_return_is_refused(client: Client, gateway: FakeGateway) -> None:
    async def later() -> None:
        pytest.fail("it ran")

    for unfinished in (lambda: later(), lambda: iter_of(2)):
        with pytest.raises(AssentError, match="nobody would know when it has ended"):
            client.guard("tool")(unfinished)()
    assert [each["status"] for each in gateway.outcomes] == ["unknown", "unknown"]


def iter_of(count: int) -> Iterator[int]:
    yield from range(count)


def test_an_asynchronous_function_needs_the_asynchronous_client(client: Client) -> None:
    class Tool:
        async def __call__(self) -> None:
            pass

    for asynchronous in (Tool().__call__, Tool(), functools.partial(Tool().__call__)):
        with pytest.raises(AssentError, match="AsyncClient"):
            client.guard("tool")(asynchronous)


def test_options_that_there_are_not_are_refused(client: Client) -> None:
    with pytest.raises(AssentError, match="`ussage_of` is no option"):
        client.guard(ussage_of=len)  # type: ignore[call-overload]
    with pytest.raises(AssentError, match="of type int"):
        client.guard(3)  # type: ignore[call-overload]


def test_the_guard_of_the_module_makes_its_client_at_the_first_call(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.default._client", None)

    @guard
    def tool(n: int) -> int:
        return n

    with pytest.raises(AssentError, match="there is no gateway to ask"):
        tool(1)
    monkeypatch.setenv("ASSENT_URL", gateway.url)
    monkeypatch.setenv("ASSENT_KEY", KEY)
    assert tool(1) == 1
    assert tool(2) == 2
    default._blocking().close()
    assert len({each["session"] for each in gateway.intents()}) == 1


def test_many_threads_share_a_guard(client: Client, gateway: FakeGateway) -> None:
    @client.guard
    def double(n: int) -> int:
        return 2 * n

    results: dict[int, int] = {}
    threads = [threading.Thread(target=lambda n=n: results.update({n: double(n)})) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: 2 * n for n in range(30)}
    assert len(gateway.outcomes) == 30


def forked(work: Any) -> None:
    """Runs `work` in a child of a fork, which unwinds no frame of the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = multiprocessing.get_context("fork").Process(target=work)
        child.start()
    child.join(20)
    assert child.exitcode == 0


def test_the_child_of_a_fork_has_connections_of_its_own(client: Client, gateway: FakeGateway) -> None:
    ports: list[int] = []
    answer = gateway.answer

    def noting(handler: Any) -> None:
        ports.append(handler.client_address[1])
        answer(handler)

    gateway.answer = noting  # type: ignore[method-assign]
    client.decide("read", {})
    forked(lambda: None if client.decide("read", {}).may_run else sys.exit(1))
    client.decide("read", {})
    assert len({*ports}) == 2 and ports[0] == ports[2]


def test_the_child_of_a_fork_reports_no_outcome_of_its_parents_call(client: Client, gateway: FakeGateway) -> None:
    @client.guard
    def fork_and_leave() -> bool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return os.fork() == 0

    if fork_and_leave():
        os._exit(0)
    os.wait()
    assert [each["status"] for each in gateway.outcomes] == ["ok"]


def test_a_call_that_is_open_when_the_program_ends_is_reported_as_unknown(gateway: FakeGateway, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        """
import threading
from assent import Client

client = Client()

@client.guard
def endless():
    while True:
        yield 1

@client.guard
def waiting():
    began.set()
    threading.Event().wait()

began = threading.Event()
items = endless()
next(items)
threading.Thread(target=waiting, daemon=True).start()
began.wait()
"""
    )
    environment = {**os.environ, "ASSENT_URL": gateway.url, "ASSENT_KEY": KEY}
    subprocess.run([sys.executable, str(program)], env=environment, check=True, timeout=20)
    assert [each["status"] for each in gateway.outcomes] == ["unknown", "unknown"]
    assert {each["id"] for each in gateway.outcomes} == {each["id"] for each in gateway.intents()}


def test_a_function_that_ends_after_its_deadline_hands_out_its_result_and_is_told_of_as_late(
    client: Client, gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.deadline_ms = 20

    @client.guard
    def slow(fails: bool) -> str:
        time.sleep(0.05)
        if fails:
            raise ValueError
        return "result"

    assert slow(False) == "result"
    with pytest.raises(ValueError):
        slow(True)
    assert [each["status"] for each in gateway.outcomes] == ["ok", "error"]
    assert all(each["usage"]["durationMs"] > 20 for each in gateway.outcomes)
    assert caplog.text.count("policy allows it 20") == 2


def test_a_generator_is_read_no_further_than_its_deadline(client: Client, gateway: FakeGateway) -> None:
    gateway.deadline_ms = 50
    made: list[str] = []

    @client.guard
    def endless() -> Iterator[int]:
        try:
            while True:
                made.append("item")
                yield len(made)
        finally:
            made.append("closed")

    items = endless()
    assert next(iter(items)) == 1
    time.sleep(0.06)
    with pytest.raises(TimedOut) as caught:
        next(iter(items))
    assert "did not end within 50 ms" in str(caught.value)
    assert caught.value.decision.id == gateway.intents()[0]["id"]
    assert made == ["item", "closed"]
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]


def test_a_sketch_of_the_output_is_reported_where_it_is_asked_for(client: Client, gateway: FakeGateway) -> None:
    def echo(result: Any) -> Any:
        return result

    def broken(result: Any) -> str:
        raise ValueError

    for output_of in (str.upper, lambda result: {"no": "text"}, broken, None):
        assert client.guard("echo", output_of=output_of)(echo)("a result") == "a result"  # type: ignore[arg-type]
    assert [each.get("sketch") for each in gateway.outcomes] == [sketch_of("A RESULT"), None, None, None]
