"""The blocking client against a scripted gateway."""

from __future__ import annotations

import asyncio
import io
import socket
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from assent import AssentError, AsyncClient, Client, Denied, HardDenied
from fake_gateway import KEY, FakeGateway, problem


def test_an_allow_may_run_with_the_decided_arguments(client: Client, gateway: FakeGateway) -> None:
    decision = client.decide("mail.send", {"to": "bo", "n": 1})
    assert decision.may_run
    assert decision.args == {"n": 1, "to": "bo"}
    (intent,) = gateway.intents()
    assert intent["session"] == client.session
    assert intent["id"] == decision.id
    assert intent["executor"] == decision.executor
    assert "agent" not in intent


def test_nobody_changes_the_decided_arguments(client: Client) -> None:
    given = {"paths": ["a"]}
    decision = client.decide("read", given)
    given["paths"].append("b")
    first = decision.args
    assert first is not None
    first["paths"].append("c")
    assert decision.args == {"paths": ["a"]}


def test_a_denial_is_an_answer_with_a_message_for_the_model(client: Client) -> None:
    decision = client.decide("deny.rm", {})
    assert (decision.verdict, decision.may_run, decision.args) == ("deny", False, None)
    assert decision.reasons[0].code == "tool.denied"
    assert str(Denied(decision)) == (
        "The call to `deny.rm` was denied: it is forbidden. Do not repeat it, and do not try to reach the same end in "
        "another way: stop, or ask the user. Waiting does not help."
    )
    assert not issubclass(HardDenied, Exception)


def test_asking_again_under_an_id_is_a_resend_only_with_its_executor(client: Client) -> None:
    first = client.decide("read", {}, id="once")
    assert client.decide("read", {}, id="once", executor=first.executor).may_run
    other = client.decide("read", {}, id="once")
    assert (other.verdict, other.status, other.may_run) == ("allow", "taken", False)


def test_a_gateway_that_is_busy_is_asked_again_with_the_same_id_and_executor(
    client: Client, gateway: FakeGateway
) -> None:
    answers = [problem(503, "GATEWAY_DRAINING"), problem(429, "GATEWAY_RATE", retry_after="0"), problem(502, "X")]
    gateway.before = lambda method, path: answers.pop() if answers else None
    assert client.decide("read", {}).may_run
    intents = gateway.intents()
    assert len(intents) == 4
    assert len({(each["id"], each["executor"]) for each in intents}) == 1


def test_a_gateway_that_stays_busy_is_an_error_when_the_time_is_up(client: Client, gateway: FakeGateway) -> None:
    gateway.before = lambda method, path: problem(503, "GATEWAY_DRAINING")
    with pytest.raises(AssentError) as caught:
        client.decide("read", {}, wait=0.3)
    assert (caught.value.code, caught.value.status, caught.value.help) == ("GATEWAY_DRAINING", 503, "h")


def test_a_retry_that_the_gateway_puts_off_beyond_the_time_is_not_waited_for(
    client: Client, gateway: FakeGateway
) -> None:
    gateway.before = lambda method, path: problem(429, "GATEWAY_RATE", retry_after="30")
    with pytest.raises(AssentError, match="GATEWAY_RATE"):
        client.decide("read", {})
    assert len(gateway.intents()) == 1


def test_a_refusal_is_an_error_at_once(gateway: FakeGateway) -> None:
    with Client(gateway.url, "ak_wrong") as client, pytest.raises(AssentError) as caught:
        client.decide("read", {})
    assert caught.value.code == "GATEWAY_UNAUTHENTICATED"
    assert len(gateway.intents()) == 1


def test_no_gateway_is_an_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with Client(url, KEY, timeout=0.2) as client, pytest.raises(AssentError) as caught:
            client.decide("read", {})
    assert caught.value.code == "GATEWAY_UNREACHABLE"


def test_what_is_no_gateway_is_not_believed(client: Client, gateway: FakeGateway) -> None:
    for answer in ((200, {}, b"<html>"), (302, {"location": gateway.url}, b""), (200, {}, b"[1]")):
        gateway.before = lambda method, path: answer
        with pytest.raises(AssentError, match="GATEWAY_ANSWER"):
            client.decide("read", {})


def test_an_answer_about_another_call_is_not_believed(client: Client, gateway: FakeGateway) -> None:
    _, _, allow = gateway.decide({"id": "other", "tool": "read", "args": {}, "executor": "e"}, {})
    gateway.before = lambda method, path: (200, {}, allow)
    with pytest.raises(AssentError, match="another call"):
        client.decide("read", {})
    with pytest.raises(AssentError, match="another call"):
        client.decide("read", {}, id="other")


def test_an_answer_that_no_reader_gets_to_the_end_of_is_not_believed(client: Client, gateway: FakeGateway) -> None:
    gateway.before = lambda method, path: (200, {}, b"[" * 300_000)
    with pytest.raises(AssentError, match="GATEWAY_ANSWER"):
        client.decide("read", {})


def test_arguments_that_were_not_asked_for_do_not_run(client: Client, gateway: FakeGateway) -> None:
    def answer(args: dict[str, Any], redact: list[str]) -> None:
        body = {"id": "i", "tool": "shell", "args": args, "executor": "e"}
        _, _, allow = gateway.decide(body, {})
        allow["obligations"]["redact"] = redact
        gateway.before = lambda method, path: (200, {}, allow)

    asked: dict[str, Any] = {"command": "ls", "env": {"TOKEN": "t", "N": 1.0}, "files": ["a", "b"]}
    answer({"command": "rm -rf /", "env": {"TOKEN": "t", "N": 1}, "files": ["a", "b"]}, [])
    with pytest.raises(AssentError, match="other arguments"):
        client.decide("shell", asked, id="i", executor="e")
    seen: dict[str, Any] = {"command": "ls", "env": {"TOKEN": "[redacted]", "N": 1}, "files": ["a", "[redacted]"]}
    answer(seen, [])
    with pytest.raises(AssentError, match="other arguments"):
        client.decide("shell", asked, id="i", executor="e")
    answer(seen, ["/env/TOKEN", "/files/1", "/no/such"])
    assert client.decide("shell", asked, id="i", executor="e").args == seen


def test_no_decision_in_time_is_a_denial_and_the_call_is_abandoned(client: Client, gateway: FakeGateway) -> None:
    def silence(method: str, path: str) -> None:
        if path == "/v1/intents":
            gateway.changed.wait(1.5)

    gateway.before = silence
    decision = client.decide("read", {}, wait=0.1)
    assert (decision.verdict, decision.source, decision.may_run) == ("deny", "timeout", False)
    assert "no decision came in time" in decision.message
    assert [each["id"] for each in gateway.abandoned] == [decision.id]


def test_a_hold_is_waited_for_until_a_person_has_decided(client: Client, gateway: FakeGateway) -> None:
    threading.Timer(0.5, lambda: gateway.say("h1", "allow")).start()
    decision = client.decide("hold.pay", {}, id="h1", wait=0.1)
    assert decision.may_run
    assert len({each["executor"] for each in gateway.intents()}) == 1


def test_a_hold_is_handed_out_where_it_is_asked_for(client: Client) -> None:
    decision = client.decide("hold.pay", {}, on_hold="return")
    assert (decision.verdict, decision.status, decision.may_run) == ("hold", "held", False)
    assert "waiting for human approval" in decision.message


def test_a_hold_is_waited_for_no_longer_than_the_call_may_run(client: Client, gateway: FakeGateway) -> None:
    decision = client.decide("hold.pay", {}, wait=0.1, deadline=0.3)
    assert (decision.verdict, decision.source) == ("deny", "timeout")
    assert [each["id"] for each in gateway.abandoned] == [decision.id]
    assert all(0 < each["deadlineMs"] <= 300 for each in gateway.intents())


def test_an_allow_that_comes_after_the_deadline_runs_nothing(client: Client, gateway: FakeGateway) -> None:
    def slow(method: str, path: str) -> None:
        if path == "/v1/intents":
            gateway.changed.wait(0.3)

    gateway.before = slow
    decision = client.decide("read", {}, deadline=0.1)
    assert not decision.may_run
    assert len(gateway.abandoned) == 1


def test_connections_are_kept(client: Client, gateway: FakeGateway) -> None:
    ports: set[int] = set()
    answer = gateway.answer

    def noting(handler: object) -> None:
        ports.add(handler.client_address[1])  # type: ignore[attr-defined]
        answer(handler)

    gateway.answer = noting  # type: ignore[method-assign]
    for _ in range(5):
        client.decide("read", {})
    assert len(ports) == 1


def test_a_connection_that_the_gateway_closed_meanwhile_is_replaced(client: Client, gateway: FakeGateway) -> None:
    answer = gateway.answer

    def closing(handler: object) -> None:
        answer(handler)
        handler.close_connection = True  # type: ignore[attr-defined]

    gateway.answer = closing  # type: ignore[method-assign]
    for _ in range(5):
        assert client.decide("read", {}).may_run
        time.sleep(0.01)
    assert len(gateway.intents()) == 5


@pytest.mark.parametrize("is_asynchronous", [False, True])
@pytest.mark.parametrize("end", ["lost", "proxy"])
def test_what_changes_something_is_not_sent_again_where_it_may_have_arrived(
    gateway: FakeGateway, end: str, is_asynchronous: bool
) -> None:
    answer = gateway.answer

    def losing(handler: Any) -> None:
        if handler.command == "POST":
            # It was read, and nobody learns what came of it.
            handler.send = lambda *_: None
            handler.wfile = io.BytesIO()
            handler.close_connection = True
        answer(handler)

    if end == "lost":
        gateway.answer = losing  # type: ignore[method-assign]
    else:
        gateway.before = lambda method, path: (504, {}, b"gateway timeout")

    async def ask() -> None:
        async with AsyncClient(gateway.url, KEY, timeout=2.0) as client:
            await client.consume("token", "read", {})

    def ask_blocking() -> None:
        with Client(gateway.url, KEY, timeout=2.0) as client:
            client.consume("token", "read", {})

    with pytest.raises(AssentError) as caught:
        asyncio.run(ask()) if is_asynchronous else ask_blocking()
    assert caught.value.code == {"lost": "GATEWAY_UNREACHABLE", "proxy": "GATEWAY_ANSWER"}[end]
    assert len(gateway.requests) == 1


def test_what_changes_something_is_sent_again_where_the_gateway_puts_it_off(
    client: Client, gateway: FakeGateway
) -> None:
    answers = [problem(503, "GATEWAY_DRAINING"), problem(429, "GATEWAY_RATE"), (200, {}, {"intent": "i"})]
    gateway.before = lambda method, path: answers.pop(0)
    assert client.consume("token", "read", {}) == {"intent": "i"}


def test_one_client_serves_many_threads(client: Client, gateway: FakeGateway) -> None:
    seen: list[bool] = []

    def ask(number: int) -> None:
        decision = client.decide("read", {"n": number})
        seen.append(decision.args == {"n": number})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 50
    assert len({each["id"] for each in gateway.intents()}) == 50


def test_outcomes_go_where_the_call_was_decided(client: Client, gateway: FakeGateway) -> None:
    decision = client.decide("read", {}, session="s", agent="a")
    client.report(decision, tokens=3, cost=0.5, duration_ms=7)
    client.report("by-id", "unknown")
    assert gateway.outcomes == [
        {
            "id": decision.id,
            "session": "s",
            "agent": "a",
            "status": "ok",
            "usage": {"tokens": 3, "cost": 0.5, "durationMs": 7},
        },
        {"id": "by-id", "session": client.session, "status": "unknown"},
    ]


def test_an_abandoned_call_names_its_executor_and_gives_its_token_back(client: Client, gateway: FakeGateway) -> None:
    decision = client.decide("read", {})
    client.abandon(replace(decision, token="a.b.c"), "not needed")
    (abandoned,) = gateway.abandoned
    assert abandoned["executor"] == decision.executor
    assert abandoned["token"] == "a.b.c"
    assert abandoned["reason"] == "not needed"


def test_an_unknown_decision_is_not_found(client: Client) -> None:
    with pytest.raises(AssentError, match="GATEWAY_NOT_FOUND"):
        client.decision("nobody/asked")
    asked = client.decide("read", {}, id="x1")
    assert client.decision(asked.id)["tool"] == "read"


def test_a_closed_client_decides_nothing(gateway: FakeGateway) -> None:
    client = Client(gateway.url, KEY)
    client.close()
    client.close()
    with pytest.raises(AssentError, match="closed"):
        client.decide("read", {})


@pytest.mark.parametrize(
    "request_",
    [
        {"tool": ""},
        {"args": [1]},
        {"wait": 0},
        {"wait": 61},
        {"deadline": -1},
        {"on_hold": "never"},
        {"actor": "planner"},
        {"args": {"when": object()}},
    ],
)
def test_a_request_that_is_none_is_refused_before_anything_is_sent(
    client: Client, gateway: FakeGateway, request_: dict[str, object]
) -> None:
    with pytest.raises(AssentError):
        client.decide(**{"tool": "read", "args": {}, **request_})  # type: ignore[arg-type]
    assert gateway.requests == []
