"""What the client and a gateway owe each other: the same tests on the fake one and on `assent dev`."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator, Protocol

import pytest
from assent import AssentError, AsyncClient, Client, Decision, Denied
from assent.requests import OutcomeStatus
from dev_gateway import DevGateway
from fake_gateway import FakeGateway


class Gateway(Protocol):
    url: str

    @property
    def key(self) -> str: ...

    def say(self, id: str, verdict: str) -> None: ...


@pytest.fixture(scope="module", params=["fake", "dev"])
def gateway(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    if request.param == "fake":
        fake = FakeGateway()
        yield fake
        fake.close()
        return
    dev = DevGateway(tmp_path_factory.mktemp("dev"))
    yield dev
    dev.close()


@pytest.fixture
def client(gateway: Gateway) -> Iterator[Client]:
    """An agent of its own for each test: budgets are the agent's."""
    with Client(gateway.url, gateway.key, agent=f"agent-{uuid.uuid4()}", timeout=20.0) as client:
        yield client


def test_an_allow(client: Client) -> None:
    decision = client.decide("read", {"path": "a"})
    assert decision.may_run and decision.args == {"path": "a"}
    assert (decision.verdict, decision.status, decision.source) == ("allow", "open", "reply")
    assert decision.partition >= 0 and decision.seq >= 0 and decision.policy_digest
    assert decision.obligations.call_deadline_ms == 600_000


def test_a_denial_says_why(client: Client) -> None:
    decision = client.decide("deny.rm", {})
    assert (decision.verdict, decision.may_run, decision.args) == ("deny", False, None)
    (reason,) = decision.reasons
    assert (reason.code, reason.effect, reason.mode) == ("tool.denied", "deny", "enforce")
    assert "stop, or ask the user" in decision.message


ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"text": "\u20ac \U0001f600 \x7f \u2028 \\ \" /", "\ufb33": 1, "\U0001f600": 2},
    {"numbers": [0, -1, 0.1, 1e-7, 1.5e-300, 5e-324, 2**53 - 1, -(2**53) + 1]},
    {"nested": [[{"a": [None, True, False, {}]}]]},
    {"": "an empty name", "constructor": {"toString": 1}},
]


@pytest.mark.parametrize("args", ARGUMENTS, ids=range(len(ARGUMENTS)))
def test_arguments_come_back_as_they_were(client: Client, args: dict[str, Any]) -> None:
    assert client.decide("read", args).args == args


def test_a_resend_is_the_same_executors(client: Client) -> None:
    first = client.decide("read", {"n": 1}, id="once")
    again = client.decide("read", {"n": 1}, id="once", executor=first.executor)
    assert again.may_run and again.args == {"n": 1}
    other = client.decide("read", {"n": 1}, id="once")
    assert (other.verdict, other.status, other.may_run) == ("allow", "taken", False)


def test_a_hold_that_is_handed_out(client: Client) -> None:
    decision = client.decide("hold.pay", {}, on_hold="return")
    assert (decision.verdict, decision.status, decision.may_run) == ("hold", "held", False)
    assert decision.expires_at > time.time() * 1000


@pytest.mark.parametrize(("verdict", "may_run"), [("allow", True), ("deny", False)])
def test_a_hold_is_waited_for(client: Client, gateway: Gateway, verdict: str, may_run: bool) -> None:
    id = str(uuid.uuid4())

    def person() -> None:
        time.sleep(0.5)
        gateway.say(id, verdict)

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(person)
        decision = client.decide("hold.pay", {"amount": 3}, id=id)
        answer.result()
    assert decision.may_run is may_run
    assert decision.args == ({"amount": 3} if may_run else None)
    if not may_run:
        assert "human has refused it" in decision.message


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, once it finds something: outcomes are on the log when they are accepted, and on the ledger soon after."""
    for _ in range(200):
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it does not come")


def outcomes(client: Client, id: str) -> list[str]:
    found: list[str] = eventually(lambda: [each["status"] for each in client.decision(id)["outcomes"]])
    return found


def test_outcomes_are_recorded(client: Client) -> None:
    statuses: list[OutcomeStatus] = ["ok", "error", "unknown"]
    for status in statuses:
        decision = client.decide("read", {})
        client.report(decision, status, tokens=3, cost=0.25, duration_ms=7)
        assert outcomes(client, decision.id) == [status]


def test_a_guarded_function_runs_as_often_as_it_is_allowed(client: Client) -> None:
    ran: list[int] = []

    @client.guard("scarce")
    def scarce(number: int) -> None:
        ran.append(number)

    def attempt(number: int) -> str:
        try:
            scarce(number)
            return "ran"
        except Denied as denied:
            return denied.decision.reasons[0].code

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(attempt, range(32)))
    assert len(ran) == 1
    assert sorted(set(results)) == ["budget.exhausted", "ran"]
    assert results.count("ran") == 1


def test_a_generator_that_is_left_has_an_unknown_end(client: Client) -> None:
    asked: list[Decision] = []
    decide = client.decide
    client.decide = lambda *args, **options: asked.append(decide(*args, **options)) or asked[-1]  # type: ignore

    @client.guard
    def endless() -> Iterator[int]:
        while True:
            yield 1

    items = endless()
    next(items)
    items.close()  # type: ignore[attr-defined]
    assert outcomes(client, asked[0].id) == ["unknown"]


def test_an_abandoned_call_is_over(client: Client) -> None:
    decision = client.decide("read", {})
    client.abandon(decision, "not needed")

    def asked_again() -> Decision | None:
        again = client.decide("read", {}, id=decision.id, executor=decision.executor)
        return None if again.may_run else again

    again = eventually(asked_again)
    assert again.reasons[0].code == "intent.abandoned"


def test_what_is_not_there_is_not_found(client: Client) -> None:
    with pytest.raises(AssentError) as caught:
        client.decision("nobody-asked")
    assert (caught.value.code, caught.value.status) == ("GATEWAY_NOT_FOUND", 404)


def test_a_wrong_key_is_refused(gateway: Gateway) -> None:
    with Client(gateway.url, "ak_0123456789_" + "x" * 43) as client, pytest.raises(AssentError) as caught:
        client.decide("read", {})
    assert (caught.value.code, caught.value.status) == ("GATEWAY_UNAUTHENTICATED", 401)


def test_tasks_get_their_own_answers(gateway: Gateway) -> None:
    async def main() -> None:
        async with AsyncClient(gateway.url, gateway.key, agent=f"agent-{uuid.uuid4()}", timeout=30.0) as client:

            async def ask(number: int) -> tuple[str, dict[str, Any] | None]:
                decision = await client.decide("read", {"n": number}, id=f"id-{number}")
                return decision.id, decision.args

            answers = await asyncio.gather(*(ask(number) for number in range(200)))
            assert answers == [(f"id-{number}", {"n": number}) for number in range(200)]

            @client.guard("deny.rm")
            async def denied() -> None:
                pytest.fail("it ran")

            with pytest.raises(Denied):
                await denied()

    asyncio.run(main())


def test_a_cancelled_task_abandons_its_call(gateway: Gateway) -> None:
    agent, id = f"agent-{uuid.uuid4()}", str(uuid.uuid4())

    async def main() -> None:
        async with AsyncClient(gateway.url, gateway.key, agent=agent, session=id, timeout=20.0) as client:
            hold = await client.decide("hold.pay", {}, id=id, executor="e", on_hold="return")
            assert hold.verdict == "hold"
            task = asyncio.ensure_future(client.decide("hold.pay", {}, id=id, executor="e"))
            await asyncio.sleep(0.5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    with Client(gateway.url, gateway.key, agent=agent, session=id, timeout=20.0) as client:
        again = eventually(
            lambda: [
                each
                for each in [client.decide("hold.pay", {}, id=id, executor="e", on_hold="return")]
                if each.verdict == "deny"
            ]
        )
    assert again[0].reasons[0].code == "intent.abandoned"


def test_threads_of_one_client_get_their_own_answers(client: Client) -> None:
    barrier = threading.Barrier(20)

    def ask(number: int) -> bool:
        barrier.wait()
        decision = client.decide("read", {"n": number}, id=f"thread-{number}")
        return decision.id == f"thread-{number}" and decision.args == {"n": number}

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(ask, range(20)))
