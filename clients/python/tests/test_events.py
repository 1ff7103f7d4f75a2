"""Events: read as they come, resumed where the stream breaks."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from assent import AssentError, AsyncClient, Client, Event
from assent.events import EventParser
from fake_gateway import KEY, FakeGateway, problem


def opened(gateway: FakeGateway, streams: int = 1) -> None:
    with gateway.changed:
        assert gateway.changed.wait_for(lambda: len(gateway.stream_ids) >= streams, 10)


def test_events_are_read_as_they_come_and_a_broken_stream_is_resumed(client: Client, gateway: FakeGateway) -> None:
    gateway.cut_after = 2
    events = client.events(["policy_check", "tool_call_blocked"])
    seen: list[Event] = []
    reader = threading.Thread(target=lambda: seen.extend(next(events) for _ in range(4)))
    reader.start()
    opened(gateway)
    for number in range(4):
        gateway.emit("policy_check", {"n": number})
        gateway.emit("checkpoint_created", {"n": number})
    reader.join(10)
    assert [(each.type, each.data["n"]) for each in seen] == [("policy_check", n) for n in range(4)]
    assert [each.id for each in seen] == ["1", "3", "5", "7"]
    assert gateway.stream_ids == [None, "3"]
    (_, _, query, _), *_ = gateway.requests
    assert query == {"type": "policy_check,tool_call_blocked"}
    events.close()  # type: ignore[attr-defined]


def test_a_stream_begins_behind_the_event_that_is_named(client: Client, gateway: FakeGateway) -> None:
    for number in range(3):
        gateway.emit("policy_check", {"n": number})
    events = client.events(last_event_id="2")
    assert next(events).data == {"n": 2}
    events.close()  # type: ignore[attr-defined]


def test_a_listener_hears_what_comes_after_it_was_added_until_it_is_removed(
    client: Client, gateway: FakeGateway
) -> None:
    heard: list[int] = []
    changed = threading.Condition()

    def listen(event: Event) -> None:
        with changed:
            heard.append(event.data["n"])
            changed.notify_all()
        if event.data["n"] == 1:
            raise ValueError("a listener's own fault ends nothing")

    gateway.emit("policy_violation", {"n": 0})
    unsubscribe = client.on("policy_violation", listen)
    for number in (1, 2):
        gateway.emit("policy_violation", {"n": number})
    with changed:
        assert changed.wait_for(lambda: len(heard) == 2, 10)
    unsubscribe()
    gateway.emit("policy_violation", {"n": 3})
    assert heard == [1, 2]
    assert not [each for each in threading.enumerate() if each.name == "assent-events"]


def test_closing_the_client_ends_its_listeners(gateway: FakeGateway) -> None:
    with Client(gateway.url, KEY) as client:
        client.on("policy_check", lambda event: None)
    assert not [each for each in threading.enumerate() if each.name == "assent-events"]


def test_a_listener_that_may_not_listen_hears_so_at_once(gateway: FakeGateway) -> None:
    with Client(gateway.url, "ak_wrong") as client, pytest.raises(AssentError, match="GATEWAY_UNAUTHENTICATED"):
        client.on("policy_check", lambda event: None)
    with Client(gateway.url, KEY) as client, pytest.raises(AssentError, match="there are no events `policy`"):
        client.on("policy", lambda event: None)
    with Client("http://127.0.0.1:1", KEY, timeout=0.3) as client, pytest.raises(AssentError, match="UNREACHABLE"):
        client.on("policy_check", lambda event: None)


def test_a_busy_gateway_is_asked_again(client: Client, gateway: FakeGateway) -> None:
    answers = [problem(503, "GATEWAY_DRAINING")]
    gateway.before = lambda method, path: answers.pop() if answers else None
    unsubscribe = client.on("policy_check", lambda event: None)
    assert len(gateway.requests) == 2
    unsubscribe()


def test_events_of_the_asynchronous_client(gateway: FakeGateway) -> None:
    gateway.cut_after = 1

    async def main() -> None:
        heard: list[Any] = []
        async with AsyncClient(gateway.url, KEY, timeout=2.0) as client:
            unsubscribe = await client.on("policy_check", lambda event: heard.append(event.data))
            for number in range(3):
                gateway.emit("policy_check", {"n": number})
            while len(heard) < 3:
                await asyncio.sleep(0.01)
            unsubscribe()
            events = client.events(last_event_id="1")
            assert (await events.__anext__()).data == {"n": 1}
            await events.aclose()  # type: ignore[attr-defined]
        assert heard == [{"n": number} for number in range(3)]
        async with AsyncClient(gateway.url, "ak_wrong") as client:
            with pytest.raises(AssentError, match="GATEWAY_UNAUTHENTICATED"):
                await client.on("policy_check", heard.append)

    asyncio.run(main())


def test_lines_become_events_as_the_standard_says() -> None:
    parser = EventParser(None)
    lines = [": comment", "id: 7", "event: a", 'data: {"x":', "data:1}", "", "data: nonsense", "", "", 'data: {"y": 2}', ""]
    events = [event for event in map(parser.take, lines) if event is not None]
    assert events == [Event("a", {"x": 1}, "7"), Event("message", {"y": 2}, "7")]


def test_the_end_of_a_stream_is_no_event() -> None:
    parser = EventParser("6")
    lines = ["event: stream_ended", 'data: {"reason":"slow"}', "", "event: a", "data: {}", ""]
    assert [event for event in map(parser.take, lines) if event is not None] == [Event("a", {}, "6")]
