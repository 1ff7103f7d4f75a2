"""The asynchronous client and its guard."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
from typing import Any, AsyncIterator

import pytest
from assent import AssentError, AsyncClient, Denied, TimedOut, default, guard
from fake_gateway import KEY, FakeGateway, problem


def run(gateway: FakeGateway, work: Any, **options: Any) -> None:
    async def main() -> None:
        async with AsyncClient(gateway.url, KEY, **{"timeout": 2.0, **options}) as client:
            await work(client)

    asyncio.run(main())


def test_it_decides_reports_and_abandons_as_the_blocking_client(gateway: FakeGateway) -> None:
    async def work(client: AsyncClient) -> None:
        decision = await client.decide("read", {"path": "a"})
        assert decision.may_run and decision.args == {"path": "a"}
        await client.report(decision, tokens=1)
        await client.abandon("other", "why")
        assert not (await client.decide("deny.x", {})).may_run
        assert (await client.decision(decision.id))["tool"] == "read"

    run(gateway, work)
    assert gateway.outcomes[0]["usage"] == {"tokens": 1}
    assert gateway.abandoned[0]["id"] == "other"


def test_a_thousand_calls_at_a_time_get_their_own_answers(gateway: FakeGateway) -> None:
    async def work(client: AsyncClient) -> None:
        async def ask(number: int) -> bool:
            decision = await client.decide("read", {"n": number}, id=f"id-{number}")
            return decision.id == f"id-{number}" and decision.args == {"n": number}

        for begin in range(0, 300, 100):
            assert all(await asyncio.gather(*(ask(begin + number) for number in range(100))))

    run(gateway, work, timeout=30.0)


def test_busy_gateways_and_closed_connections_are_tried_again(gateway: FakeGateway) -> None:
    answers = [problem(503, "GATEWAY_DRAINING"), problem(429, "GATEWAY_RATE")]
    gateway.before = lambda method, path: answers.pop() if answers else None
    answer = gateway.answer

    def closing(handler: Any) -> None:
        answer(handler)
        handler.close_connection = True

    gateway.answer = closing  # type: ignore[method-assign]

    async def work(client: AsyncClient) -> None:
        for _ in range(3):
            assert (await client.decide("read", {})).may_run
            await asyncio.sleep(0.01)

    run(gateway, work)
    assert len(gateway.intents()) == 5


def test_no_decision_in_time_is_a_denial(gateway: FakeGateway) -> None:
    def silence(method: str, path: str) -> None:
        if path == "/v1/intents":
            gateway.changed.wait(1.5)

    gateway.before = silence

    async def work(client: AsyncClient) -> None:
        assert (await client.decide("read", {}, wait=0.1)).source == "timeout"

    run(gateway, work)
    assert len(gateway.abandoned) == 1


def test_what_is_no_http_and_what_is_no_gateway_are_errors(gateway: FakeGateway) -> None:
    async def serve(content: bytes) -> asyncio.Server:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(content)
            writer.close()

        return await asyncio.start_server(talk, "127.0.0.1", 0)

    async def main() -> None:
        for content, code in (
            (b"nonsense\r\n\r\n", "GATEWAY_UNREACHABLE"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "GATEWAY_UNREACHABLE"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", "GATEWAY_UNREACHABLE"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n", "GATEWAY_ANSWER"),
            (b"HTTP/1.1 404 Not Found\r\n\r\nlost", "GATEWAY_ANSWER"),
        ):
            server = await serve(content)
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with AsyncClient(url, KEY, timeout=0.2) as client:
                with pytest.raises(AssentError) as caught:
                    await client.decide("read", {})
            assert caught.value.code == code
            server.close()

    asyncio.run(main())


def test_a_call_that_is_cancelled_while_it_waits_is_abandoned(gateway: FakeGateway) -> None:
    async def work(client: AsyncClient) -> None:
        task = asyncio.ensure_future(client.decide("hold.pay", {}, id="held"))
        while not gateway.intents():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(gateway, work)
    assert [(each["id"], each["reason"]) for each in gateway.abandoned] == [("held", "cancelled")]


def test_a_guarded_function_is_decided_run_and_reported(gateway: FakeGateway) -> None:
    async def work(client: AsyncClient) -> None:
        @client.guard(usage_of=lambda result: {"tokens": len(result)})
        async def fetch(url: str) -> str:
            await asyncio.sleep(0)
            return url * 2

        @client.guard("deny.fetch")
        async def denied() -> None:
            pytest.fail("it ran")

        @client.guard
        async def failing() -> None:
            raise ValueError

        assert inspect.iscoroutinefunction(fetch)
        assert await fetch("ab") == "abab"
        with pytest.raises(Denied):
            await denied()
        with pytest.raises(ValueError):
            await failing()
        with pytest.raises(AssentError, match="not asynchronous"):
            client.guard(lambda: None)

    run(gateway, work)
    assert [(each["status"], each["usage"].get("tokens")) for each in gateway.outcomes] == [("ok", 4), ("error", None)]


def test_a_tool_that_is_cancelled_has_an_unknown_end(gateway: FakeGateway) -> None:
    async def work(client: AsyncClient) -> None:
        began = asyncio.Event()

        @client.guard
        async def endless() -> None:
            began.set()
            await asyncio.sleep(60)

        task = asyncio.ensure_future(endless())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(gateway, work)
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_tool_that_still_runs_when_the_loop_ends_has_an_unknown_end(gateway: FakeGateway) -> None:
    async def main() -> None:
        client = AsyncClient(gateway.url, KEY)
        began = asyncio.Event()

        @client.guard
        async def endless() -> None:
            began.set()
            await asyncio.sleep(60)

        kept.append(asyncio.ensure_future(endless()))
        await began.wait()

    kept: list[asyncio.Future[None]] = []
    asyncio.run(main())
    kept.clear()
    gc.collect()
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]


def test_an_asynchronous_generator_is_reported_when_it_has_ended(gateway: FakeGateway) -> None:
    async def work(client: AsyncClient) -> None:
        @client.guard
        async def count(to: int) -> AsyncIterator[int]:
            for number in range(to):
                yield number

        @client.guard
        async def failing() -> AsyncIterator[int]:
            yield 1
            raise ValueError

        @client.guard
        async def echo() -> Any:
            yield (yield 1)

        assert [number async for number in count(3)] == [0, 1, 2]
        with pytest.raises(ValueError):
            [number async for number in failing()]
        left = count(3)
        assert await left.__anext__() == 0
        await left.aclose()  # type: ignore[attr-defined]
        generator = echo()
        assert await generator.asend(None) == 1
        assert await generator.asend(2) == 2
        await generator.aclose()

    run(gateway, work)
    assert [each["status"] for each in gateway.outcomes] == ["ok", "error", "unknown", "unknown"]


def test_the_guard_of_the_module_takes_asynchronous_functions(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.default._client", None)
    monkeypatch.setattr("assent.default._async_client", None)
    monkeypatch.setenv("ASSENT_URL", gateway.url)
    monkeypatch.setenv("ASSENT_KEY", KEY)

    @guard
    async def later(n: int) -> int:
        return n

    @guard
    def now(n: int) -> int:
        return n

    async def main() -> None:
        assert await later(1) == 1
        assert await later(2) == 2
        await default._asynchronous().close()

    asyncio.run(main())
    assert now(3) == 3
    default._blocking().close()
    assert len({each["session"] for each in gateway.intents()}) == 1


def test_an_asynchronous_tool_is_cancelled_at_its_deadline(
    gateway: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.deadline_ms = 50
    seen: list[str] = []

    async def work(client: AsyncClient) -> None:
        @client.guard
        async def slow() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                seen.append("stopped")

        @client.guard
        async def stubborn() -> str:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0.01)
            return "result"

        @client.guard
        async def quick() -> str:
            return "result"

        @client.guard
        async def items() -> AsyncIterator[int]:
            yield 1
            await asyncio.sleep(60)
            yield 2

        @client.guard
        async def endless() -> AsyncIterator[int]:
            while True:
                yield 1

        with pytest.raises(TimedOut, match="did not end within 50 ms"):
            await slow()
        # What it has done after all is not hidden.
        assert await stubborn() == "result"
        assert await quick() == "result"
        task = asyncio.current_task()
        assert task is not None and (sys.version_info < (3, 11) or task.cancelling() == 0)
        with pytest.raises(TimedOut):
            async for each in items():
                seen.append(str(each))
        # Its reader's time counts, but the reader is not cancelled.
        with pytest.raises(TimedOut):
            async for each in endless():
                await asyncio.sleep(0.06)
                seen.append("read")

    run(gateway, work)
    assert seen == ["stopped", "1", "read"]
    assert [each["status"] for each in gateway.outcomes] == ["unknown", "ok", "ok", "unknown", "unknown"]
    assert caplog.text.count("policy allows it 50") == 1


def test_a_cancellation_is_none_of_the_deadline(gateway: FakeGateway) -> None:
    gateway.deadline_ms = 5_000

    async def work(client: AsyncClient) -> None:
        @client.guard
        async def slow() -> None:
            await asyncio.sleep(60)

        with pytest.raises((TimeoutError, asyncio.TimeoutError)):
            await asyncio.wait_for(slow(), 0.05)

    run(gateway, work)
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]


def test_a_generator_that_is_open_when_the_loop_ends_is_reported_once(gateway: FakeGateway) -> None:
    kept: list[Any] = []

    async def work(client: AsyncClient) -> None:
        @client.guard
        async def endless() -> AsyncIterator[int]:
            while True:
                yield 1

        kept.append(endless())
        assert await kept[0].__anext__() == 1

    run(gateway, work)
    assert [each["status"] for each in gateway.outcomes] == ["unknown"]
