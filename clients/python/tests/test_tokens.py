"""Tokens of allows, as an executor in Python uses them up at the real gateway."""

from __future__ import annotations

import asyncio
import json
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterator

import pytest
from assent import AssentError, AsyncClient, Client, Decision
from dev_gateway import MAIN, DevGateway
from repository import NODE, ROOT, node


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevGateway]:
    dev = DevGateway(tmp_path_factory.mktemp("tokens"))
    yield dev
    dev.close()


@pytest.fixture
def client(gateway: DevGateway) -> Iterator[Client]:
    with Client(gateway.url, gateway.key, agent=f"agent-{uuid.uuid4()}", timeout=20.0) as client:
        yield client


ARGS = {"path": "a", "depth": 1.5}


def allowed(client: Client) -> Decision:
    decision = client.decide("read", ARGS)
    assert decision.may_run and decision.token != ""
    return decision


def refused(client: Client, token: str, tool: str = "read", args: dict[str, Any] = ARGS, **more: str) -> str:
    with pytest.raises(AssentError) as caught:
        client.consume(token, tool, args, **more)
    return caught.value.code


def test_a_token_is_used_up_once_for_the_call_that_was_decided(client: Client) -> None:
    decision = allowed(client)
    for tool, args in (("write", ARGS), ("read", {**ARGS, "path": "b"}), ("read", {})):
        assert refused(client, decision.token, tool, args) == "TOKEN_CALL"
    assert refused(client, decision.token[:-4] + "AAAA") == "TOKEN_SIGNATURE"
    assert refused(client, "") == "TOKEN_MISSING"
    used = client.consume(decision.token, "read", ARGS)
    assert (used["intent"], used["agent"], used["executor"]) == (decision.id, client.agent, decision.executor)
    assert used["jti"] == f"{decision.partition}-{decision.seq}"
    assert refused(client, decision.token) == "TOKEN_USED"


def test_a_token_is_for_one_executor(client: Client) -> None:
    decision = allowed(client)
    assert refused(client, decision.token, executor="another") == "TOKEN_AUDIENCE"
    assert client.consume(decision.token, "read", ARGS, executor=decision.executor)["intent"] == decision.id


def test_a_token_is_for_its_tenant_and_agent(client: Client, gateway: DevGateway) -> None:
    decision = allowed(client)
    for tenant, agent in (("globex", "*"), ("default", "mailer")):
        with Client(gateway.url, key_of(gateway, tenant, agent)) as other:
            assert refused(other, decision.token) == "TOKEN_SUBJECT"
    with Client(gateway.url, key_of(gateway, "default", "agent-*")) as executor:
        assert executor.consume(decision.token, "read", ARGS)["intent"] == decision.id


def test_of_many_that_use_a_token_at_once_one_runs(client: Client, gateway: DevGateway) -> None:
    token = allowed(client).token

    def use(_: int) -> str:
        try:
            client.consume(token, "read", ARGS)
            return "runs"
        except AssentError as fault:
            return fault.code

    async def use_them() -> list[Any]:
        async with AsyncClient(gateway.url, gateway.key, timeout=20.0) as other:
            uses = (other.consume(token, "read", ARGS) for _ in range(10))
            return list(await asyncio.gather(*uses, return_exceptions=True))

    with ThreadPoolExecutor(17) as threads:
        tasks = threads.submit(asyncio.run, use_them())
        ends = list(threads.map(use, range(16)))
    ends += [each.code if isinstance(each, AssentError) else "runs" for each in tasks.result()]
    assert sorted(ends) == ["TOKEN_USED"] * 25 + ["runs"]


def test_a_token_that_has_expired_is_refused(client: Client, gateway: DevGateway) -> None:
    decision = allowed(client)
    made_again, expired = node(RESIGN, {"token": decision.token, "key": str(gateway.folder / ".assent" / "token.key")})
    # The same key signs: nothing but its time is another.
    assert made_again == decision.token != expired
    assert refused(client, expired) == "TOKEN_EXPIRED"


def test_a_used_token_stays_used_after_the_gateway_was_killed(client: Client, gateway: DevGateway) -> None:
    used, unused = allowed(client), allowed(client)
    client.consume(used.token, "read", ARGS)
    gateway.kill()
    assert refused(client, used.token) == "TOKEN_USED"
    assert client.consume(unused.token, "read", ARGS)["intent"] == unused.id


#: A token's claims signed again by the processor's key: as they are, and a day earlier.
RESIGN = f"""
import {{ readFileSync }} from "node:fs";
import {{ readSigner }} from "{ROOT}/dist/app/signing-keys.js";
import {{ readClaims }} from "{ROOT}/dist/core/token/claims.js";
import {{ compactToken, headerPart, kidOf }} from "{ROOT}/dist/core/token/compact.js";
const {{ token, key }} = JSON.parse(readFileSync(0, "utf8"));
const signer = await readSigner(key);
const claims = readClaims(Buffer.from(token.split(".")[1], "base64url").toString());
const signed = (seconds) => compactToken(
    headerPart(kidOf(signer.key)),
    {{ ...claims, iat: claims.iat + seconds, exp: claims.exp + seconds }},
    signer.sign,
);
console.log(JSON.stringify([signed(0), signed(-86_400)]));
"""


def key_of(gateway: DevGateway, tenant: str, agent: str) -> str:
    command = [str(NODE), str(MAIN), "keys", "issue", "--role", "agent", "--tenant", tenant, "--agent", agent, "--json"]
    ran = subprocess.run(command, cwd=gateway.folder, capture_output=True, text=True, timeout=60, check=True)
    return str(json.loads(ran.stdout)["secret"])
