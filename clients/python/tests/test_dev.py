"""Python with `assent dev` alone: what only a real ledger can show."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest
from assent import AssentError, AsyncClient, Client, Decision, Denied, Event, TimedOut
from contract_gateway import eventually, outcomes
from dev_gateway import DevGateway
from repository import NODE, ROOT


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevGateway]:
    dev = DevGateway(tmp_path_factory.mktemp("dev"))
    yield dev
    dev.close()


@pytest.fixture
def client(gateway: DevGateway) -> Iterator[Client]:
    with Client(gateway.url, gateway.key, agent=f"agent-{uuid.uuid4()}", timeout=20.0) as client:
        yield client


def test_a_client_finds_what_dev_left(gateway: DevGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    below = gateway.folder / "project" / "src"
    below.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(below)
    with Client() as client:
        assert client.url == gateway.url
        assert client.decide("read", {}).may_run


def test_a_budget_of_tokens_is_settled_by_what_is_reported(client: Client) -> None:
    decision = client.decide("model.generate", {}, estimate={"tokens": 60})
    assert client.decide("model.generate", {}, estimate={"tokens": 60}).verdict == "deny"
    client.report(decision, tokens=30)
    outcomes(client, decision.id)
    after = client.decide("model.generate", {}, estimate={"tokens": 60})
    assert after.may_run
    assert [budget.after for budget in after.budgets if budget.measure == "tokens"] == [90]


def test_unknown_members_and_bad_json_are_refused_and_named(gateway: DevGateway) -> None:
    def post(body: bytes) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(gateway.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        headers = {"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/intents", body, headers)
        response = connection.getresponse()
        content = json.loads(response.read())
        assert response.headers["content-type"].partition(";")[0] == "application/problem+json"
        connection.close()
        return response.status, content

    status, problem = post(b'{"tool": "read", "args": {}, "sesion": "s"}')
    assert (status, problem["code"]) == (400, "GATEWAY_REQUEST")
    assert "sesion" in problem["detail"] and "session" in problem["help"]
    for body in (b'{"tool": "read", "args": {"a": 1, "a": 2}}', b'{"tool": "read", "args": {"n": 9007199254740993}}'):
        status, problem = post(body)
        assert (status, problem["code"]) == (400, "RECORD_JSON")


def test_numbers_and_names_that_a_program_in_javascript_would_change_are_refused(client: Client) -> None:
    for args in ({"n": 1e21}, {"__proto__": 1}):
        with pytest.raises(AssentError) as caught:
            client.decide("read", args)
        assert caught.value.code == "RECORD_JSON"


def test_a_person_decides_over_http_on_exactly_what_was_shown(client: Client) -> None:
    def ask(args: dict[str, Any]) -> Decision:
        return client.decide("hold.pay", args, on_hold="return")

    def shown() -> dict[str, Any]:
        waiting: list[dict[str, Any]] = eventually(lambda: client.approvals.list(agent=client.agent))
        return waiting[0]

    granted = ask({"amount": 3, "to": "bo\u202e"})
    held = shown()
    assert (held["tool"], held["args"]) == ("hold.pay", {"amount": 3, "to": "bo\u202e"})
    assert client.approvals.get(held["id"])["visible"]["unseen"] == ["U+202E"]
    with pytest.raises(AssentError) as caught:
        client.approvals.grant({**held, "commitment": "0" * 64})
    assert caught.value.code == "GATEWAY_CONFLICT"
    assert client.approvals.grant(held, comment="seen")["result"] == "allow"
    assert client.decide("hold.pay", held["args"], id=granted.id, executor=granted.executor).may_run
    rejected = ask({"amount": 4})
    client.approvals.reject(shown())
    again = client.decide("hold.pay", {"amount": 4}, id=rejected.id, executor=rejected.executor)
    assert [reason.code for reason in again.reasons] == ["approval.rejected"]


def test_a_person_decides_with_the_asynchronous_client(gateway: DevGateway) -> None:
    async def work() -> None:
        async with AsyncClient(gateway.url, gateway.key, agent=f"agent-{uuid.uuid4()}", timeout=20.0) as client:

            @client.guard("hold.pay")
            async def pay(amount: int) -> int:
                return amount

            async def shown() -> dict[str, Any]:
                while not (waiting := await client.approvals.list(agent=client.agent)):
                    await asyncio.sleep(0.05)
                return await client.approvals.get(waiting[0]["id"])

            granted = asyncio.ensure_future(pay(3))
            held = await shown()
            assert (held["args"], held["visible"]["unseen"]) == ({"amount": 3}, [])
            assert (await client.approvals.grant(held, comment="seen"))["result"] == "allow"
            assert await granted == 3
            rejected = asyncio.ensure_future(pay(4))
            assert (await client.approvals.reject(await shown()))["result"] == "deny"
            with pytest.raises(Denied):
                await rejected
            with pytest.raises(AssentError) as caught:
                await client.approvals.grant(held)
            assert caught.value.code == "GATEWAY_CONFLICT"

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_vote_needs_the_call_that_was_shown(client: Client) -> None:
    for what in ("an-id", {"id": "an-id"}, None):
        with pytest.raises(AssentError, match="no held call"):
            client.approvals.grant(what)  # type: ignore[arg-type]


def test_a_tool_that_is_cancelled_at_its_deadline_is_among_the_unknown(gateway: DevGateway) -> None:
    async def work() -> str:
        async with AsyncClient(gateway.url, gateway.key, agent=f"agent-{uuid.uuid4()}", timeout=20.0) as client:

            @client.guard
            async def brief() -> None:
                await asyncio.sleep(60)

            with pytest.raises(TimedOut, match="did not end within 200 ms") as caught:
                await brief()
            return caught.value.decision.id

    id = asyncio.run(asyncio.wait_for(work(), 60))
    with Client(gateway.url, gateway.key) as client:
        eventually(lambda: id in json.dumps(client.request("GET", "/v1/calls/unknown")))


def test_a_plain_tool_that_ends_late_is_no_longer_unknown(client: Client) -> None:
    def is_unknown() -> bool:
        return str(client.agent) in json.dumps(client.request("GET", "/v1/calls/unknown"))

    @client.guard
    def brief() -> str:
        eventually(is_unknown)
        return "result"

    assert brief() == "result"
    eventually(lambda: not is_unknown())


def test_the_sketch_of_an_output_tells_of_drift(client: Client) -> None:
    drifts: list[Event] = []
    stop = client.on("drift_detected", drifts.append)

    @client.guard(output_of=str)
    def speak(text: str) -> str:
        return text

    speak("the quick brown fox jumps over the lazy dog, and again over the dog")
    speak("0123456789 9876543210 1234567890 0987654321")
    (drift,) = eventually(lambda: list(drifts))
    stop()
    assert drift.data["tool"] == "speak"


def test_events_come_as_they_happen(client: Client) -> None:
    heard: dict[str, list[Event]] = {"policy_check": [], "tool_call_blocked": []}
    stops = [client.on(type, heard[type].append) for type in heard]
    allowed, denied = client.decide("read", {}), client.decide("deny.rm", {})
    eventually(lambda: len(heard["policy_check"]) >= 2 and heard["tool_call_blocked"])
    for stop in stops:
        stop()
    assert {allowed.id, denied.id} <= {event.data["intent"] for event in heard["policy_check"]}
    assert denied.id in {event.data["intent"] for event in heard["tool_call_blocked"]}
    last = heard["policy_check"][0].id
    events = client.events(["policy_check"], last_event_id=last)
    assert next(events).data == heard["policy_check"][1].data
    events.close()  # type: ignore[attr-defined]


CALLERS = {"typescript": 34, "http": 33, "python": 33}

#: Prints `ready`, and once a line comes calls its tool at once and prints how often its body ran, and how many were denied.
TYPESCRIPT = """
import { once } from "node:events";
const [index, log, agent, count] = process.argv.slice(2);
const { connect } = await import(index);
const assent = await connect({ log, principal: { agent } });
await assent.decide({ tool: "read", args: {} });
console.log("ready");
await once(process.stdin, "data");
let ran = 0;
const scarce = assent.guard("scarce", () => (ran += 1), { request: { deadlineMs: 60_000 } });
const calls = await Promise.allSettled(Array.from({ length: Number(count) }, () => scarce({})));
console.log(ran, calls.filter(({ reason }) => reason?.name === "ToolCallDenied").length);
await assent.close();
process.exit(0);
"""


def test_one_budget_of_one_is_had_once_by_callers_of_every_kind(gateway: DevGateway) -> None:
    agent = f"agent-{uuid.uuid4()}"
    log = f"file:{gateway.folder / '.assent' / 'log.db'}"
    program = gateway.folder / "callers.mjs"
    program.write_text(TYPESCRIPT)
    index = (ROOT / "dist" / "index.js").as_uri()
    command = [str(NODE), str(program), index, log, agent, str(CALLERS["typescript"])]
    pipe = subprocess.PIPE
    parts = urlsplit(gateway.url)
    began = threading.Barrier(CALLERS["http"] + CALLERS["python"] + 1)
    ran: list[str] = []

    def by_http(_: int) -> bool:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        headers = {"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json"}
        began.wait(60)
        body = json.dumps({"agent": agent, "tool": "scarce", "args": {}})
        connection.request("POST", "/v1/intents?wait=60s", body, headers)
        response = connection.getresponse()
        decision = json.loads(response.read())
        connection.close()
        assert response.status == 200, decision
        if decision["mayRun"]:
            ran.append("http")
        return bool(decision["verdict"] == "deny")

    with (
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as typescript,
        Client(gateway.url, gateway.key, agent=agent, timeout=60.0) as client,
        ThreadPoolExecutor(CALLERS["http"] + CALLERS["python"]) as threads,
    ):

        @client.guard
        def scarce() -> None:
            ran.append("python")

        def by_python(_: int) -> bool:
            began.wait(60)
            try:
                scarce()
            except Denied:
                return True
            return False

        assert typescript.stdin is not None and typescript.stdout is not None
        assert typescript.stdout.readline() == "ready\n"
        answers = [threads.submit(by_http, number) for number in range(CALLERS["http"])]
        answers += [threads.submit(by_python, number) for number in range(CALLERS["python"])]
        typescript.stdin.write("go\n")
        typescript.stdin.flush()
        began.wait(60)
        denied = [answer.result() for answer in answers]
        ran_there, denied_there = map(int, typescript.stdout.readline().split())
    assert len(ran) + ran_there == 1
    assert sum(denied) + denied_there == 99
    decided = [
        entry["verdict"]
        for entry in of_kind(gateway.folder, "decision.made")
        if (entry["call"]["agent"], entry["call"]["tool"]) == (agent, "scarce")
    ]
    assert (decided.count("allow"), decided.count("deny")) == (1, 99)


class Noting(Client):
    """Remembers which call it was last allowed, on each thread."""

    def __init__(self, gateway: DevGateway) -> None:
        super().__init__(gateway.url, gateway.key, timeout=30.0)
        self.asked = threading.local()

    def decide(self, *args: Any, **options: Any) -> Decision:
        self.asked.decision = super().decide(*args, **options)
        decision: Decision = self.asked.decision
        return decision


def test_each_run_has_its_allow_in_the_ledger_and_its_outcome_though_the_gateway_is_killed(tmp_path: Path) -> None:
    gateway = DevGateway(tmp_path)
    ran: list[str] = []
    over = threading.Event()
    try:
        with closing(Noting(gateway)) as client, ThreadPoolExecutor(4) as threads:

            @client.guard
            def work(number: int) -> None:
                ran.append(client.asked.decision.id)

            def agent() -> None:
                number = 0
                while not over.is_set():
                    work(number)
                    number += 1

            agents = [threads.submit(agent) for _ in range(4)]
            for _ in range(3):
                time.sleep(0.5)
                gateway.kill()
            time.sleep(0.5)
            over.set()
            for each in agents:
                each.result()
            # What was reported last is on the ledger soon.
            eventually(lambda: len(of_kind(tmp_path, "usage.settled")) == len(ran))
        made = of_kind(tmp_path, "decision.made")
        allowed = [entry["call"]["id"] for entry in made if entry["verdict"] == "allow"]
        assert len(ran) == len(set(ran)) > 20
        assert set(ran) == set(allowed)
        settled = [entry["call"]["id"] for entry in of_kind(tmp_path, "usage.settled")]
        assert sorted(settled) == sorted(ran)
    finally:
        gateway.close()


def of_kind(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The ledger's entries that count."""
    command = [str(NODE), str(ROOT / "dist" / "cli" / "main.js"), "tail", "decisions", "--from", "start", "--jsonl"]
    tailed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert tailed.returncode == 0, tailed.stderr
    records = [json.loads(line) for line in tailed.stdout.splitlines()]
    return [each["value"] for each in records if each["valid"] and each["value"].get("kind") == kind]


SECRET = "ann-larsson-1974"


def test_arguments_are_sealed_by_the_gateway_and_erased_without_python_knowing(tmp_path: Path) -> None:
    gateway = DevGateway(tmp_path, config="privacy: { mode: sealed }\n")
    try:
        with Client(gateway.url, gateway.key, agent="desk", timeout=20.0) as client:
            made = client.decide("look_up", {"person": SECRET}, id="c-1")
            assert made.may_run
            client.report(made)
            assert client.decide("look_up", {"person": SECRET}, id="c-1").verdict == "allow"
            assert client.decide("deny.it", {"person": SECRET}).verdict == "deny"
            stored = b"".join(file.read_bytes() for file in (tmp_path / ".assent").iterdir() if file.is_file())
            assert SECRET.encode() not in stored
            assert SECRET in gateway.run("tail", "intents", "--jsonl").stdout

            erased = gateway.run("audit", "erase", "--intent", "c-1", "--yes", "--by", "kim")
            assert erased.returncode == 0, erased.stderr
            with pytest.raises(AssentError) as refused:
                client.decide("look_up", {"person": SECRET}, id="c-1")
            assert "erased" in str(refused.value)
            assert client.decide("look_up", {"person": SECRET}, id="c-2").may_run
        tailed = [json.loads(line) for line in gateway.run("tail", "intents", "--jsonl").stdout.splitlines()]
        of_first = [json.dumps(each["value"]) for each in tailed if '"c-1"' in json.dumps(each["value"])]
        assert of_first and all(SECRET not in text for text in of_first)
    finally:
        gateway.close()
