"""What a stranger would try: interrupts, forks, odd functions, and arguments and usage that nobody expects."""

from __future__ import annotations

import functools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from assent import AssentError, Client, Denied, TimedOut, call_digest, default, guard
from fake_gateway import KEY, FakeGateway
from test_guard import forked, nested

INTERRUPTED = {
    "decide": 'client.decide("hold.x", {})',
    "guarded": 'client.guard("hold.x")(print)()',
    "asynchronous": 'asyncio.run(AsyncClient().decide("hold.x", {}))',
    "running": 'client.guard("run")(lambda: time.sleep(60))()',
    "running asynchronous": 'asyncio.run(AsyncClient().guard("run")(run)())',
}


@pytest.mark.parametrize("what", INTERRUPTED)
def test_control_c_ends_a_call_and_leaves_nothing_to_approve(gateway: FakeGateway, tmp_path: Path, what: str) -> None:
    program = f"""
import asyncio, time
from assent import AsyncClient, Client

async def run():
    await asyncio.sleep(60)

client = Client()
{INTERRUPTED[what]}
"""
    environment = {**os.environ, "ASSENT_URL": gateway.url, "ASSENT_KEY": KEY}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=pipe, text=True) as running:
        # A hold is asked for once more, and waited for.
        count = 1 if what.startswith("running") else 2
        with gateway.changed:
            assert gateway.changed.wait_for(lambda: len(gateway.intents()) >= count or running.poll(), 20)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert said.strip().endswith("KeyboardInterrupt")
    id = gateway.intents()[0]["id"]
    if what.startswith("running"):
        assert [(each["id"], each["status"]) for each in gateway.outcomes] == [(id, "unknown")]
    else:
        assert [each["id"] for each in gateway.abandoned] == [id]
        assert gateway.outcomes == []


def test_a_fork_while_the_client_of_the_module_is_made_does_not_stop_the_child(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.default._client", None)
    monkeypatch.setenv("ASSENT_URL", gateway.url)
    monkeypatch.setenv("ASSENT_KEY", KEY)
    tool: Any = guard("read")(lambda: 1)
    with default._lock:
        forked(lambda: None if tool() == 1 else sys.exit(1))
    assert [each["status"] for each in gateway.outcomes] == ["ok"]


def test_errors_travel_between_processes(client: Client) -> None:
    denied = Denied(client.decide("deny.x", {}))
    late = TimedOut(client.decide("read", {}))
    for fault in (denied, late):
        again = pickle.loads(pickle.dumps(fault))
        assert (str(again), again.decision) == (str(fault), fault.decision)
    error = pickle.loads(pickle.dumps(AssentError("CODE", "message", "help", status=400)))
    assert (str(error), error.status) == ("CODE  message\nhelp: help", 400)


def test_a_guarded_tool_does_not_run_without_a_gateway_and_says_what_to_start(gateway: FakeGateway) -> None:
    with Client("http://127.0.0.1:1", KEY, timeout=0.2) as client:

        @client.guard
        def tool() -> None:
            pytest.fail("it ran")

        with pytest.raises(AssentError, match="GATEWAY_UNREACHABLE") as caught:
            tool()
    assert "assent dev" in caught.value.help


def test_what_no_gateway_takes_is_not_sent(client: Client, gateway: FakeGateway) -> None:
    with pytest.raises(AssentError) as caught:
        client.decide("write", {"text": "x" * 20_000_000})
    assert caught.value.code == "GATEWAY_TOO_LARGE"
    with pytest.raises(AssentError, match="RECORD_DEPTH"):
        client.decide("write", {"text": nested(100_000)})
    around: list[Any] = []
    around.append(around)
    with pytest.raises(AssentError, match="RECORD_DEPTH"):
        client.decide("write", {"text": around})
    assert gateway.requests == []


def test_arguments_may_be_as_deep_as_the_limit_says(client: Client) -> None:
    args = {"value": nested(63)}
    assert client.decide("read", args).args == args
    assert client.guard("read")(lambda value: value)(args["value"]) == args["value"]
    assert len(call_digest("read", args)) == 43


def test_a_partial_has_the_name_of_its_function_and_asks_with_what_can_still_be_given(
    client: Client, gateway: FakeGateway
) -> None:
    def send(to: str, text: str, *, urgent: bool = False) -> Any:
        return to, text, urgent

    assert client.guard(functools.partial(send, "bo", urgent=True))("hi") == ("bo", "hi", True)
    (intent,) = gateway.intents()
    assert (intent["tool"], intent["args"]) == ("send", {"text": "hi", "urgent": True})


def test_methods_of_classes_are_guarded_below_their_decorators(client: Client, gateway: FakeGateway) -> None:
    class Tools:
        @staticmethod
        @client.guard
        def plain(n: int) -> int:
            return n

        @classmethod
        @client.guard
        def of_class(cls, n: int) -> tuple[str, int]:
            return cls.__name__, n

    assert (Tools.plain(1), Tools().of_class(2)) == (1, ("Tools", 2))
    assert [each["args"] for each in gateway.intents()] == [{"n": 1}, {"n": 2}]
    wrappers: tuple[Any, ...] = (staticmethod, classmethod, property)
    guards: tuple[Any, ...] = (client.guard, client.guard("tool"))
    for wrapper in wrappers:
        for guarding in guards:
            with pytest.raises(AssentError) as caught:
                guarding(wrapper(lambda: None))
            assert "below `@staticmethod`" in caught.value.help


def test_a_default_that_can_be_changed_stays_as_it_is(client: Client) -> None:
    kept: list[int] = []

    @client.guard
    def add(to: list[int] = kept) -> list[int]:
        to.append(1)
        return to

    assert (add(), add(), kept) == ([1], [1], [])


@pytest.mark.parametrize(
    ("used", "reported"),
    [
        ({"tokens": 1.5, "cost": 0.5}, {"cost": 0.5}),
        ({"tokens": -1}, {}),
        ({"tokens": True, "cost": float("nan")}, {}),
        ({"tokens": 2**60}, {}),
        ({"tokens": "12", "token": 3}, {}),
        (["tokens"], {}),
    ],
)
def test_usage_that_cannot_be_read_does_not_cost_the_report(
    client: Client, gateway: FakeGateway, caplog: pytest.LogCaptureFixture, used: Any, reported: dict[str, Any]
) -> None:
    assert client.guard("read", usage_of=lambda _: used)(lambda: 1)() == 1
    (outcome,) = gateway.outcomes
    assert (outcome["status"], {**outcome["usage"], "durationMs": 0}) == ("ok", {**reported, "durationMs": 0})
    assert "cannot be read" in caplog.text


def test_times_that_are_none_are_refused(client: Client, gateway: FakeGateway) -> None:
    times: list[Any] = [{"wait": "5"}, {"deadline": 0}, {"wait": float("nan")}]
    for options in times:
        with pytest.raises(AssentError, match="give seconds"):
            client.decide("read", {}, **options)
    with pytest.raises(AssentError, match="give seconds"):
        Client(gateway.url, KEY, timeout="5")  # type: ignore[arg-type]


def test_threads_may_close_a_client_while_others_use_it(gateway: FakeGateway) -> None:
    client = Client(gateway.url, KEY, timeout=2.0)
    ends: list[str] = []

    def use() -> None:
        try:
            while True:
                client.guard("read")(lambda: 1)()
        except AssentError as fault:
            ends.append(fault.code)

    threads = [threading.Thread(target=use) for _ in range(32)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    client.close()
    for thread in threads:
        thread.join(20)
    assert ends == ["ASSENT_LOG_CLOSED"] * 32
    assert len(gateway.outcomes) == len(gateway.intents())
