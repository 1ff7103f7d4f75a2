/** What is heard of a deployment over HTTP: who hears what, and that nothing is missed by going on elsewhere. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { revokeKey } from "../../src/app/bearer-keys.ts";
import { sketchOf } from "../../src/core/base/sketch.ts";
import { gatewayWorld } from "../support/gateway.ts";
import { readEvents } from "../support/server-sent.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, deny: [{ name: no-rm, tools: [rm], severity: high }], hold: [deploy] }
approvals: { default: { approvers: ['*'], expires: 1h } }
patterns: [{ name: watch, substring: passwd, mode: audit, severity: low }]
`;

const idOf = (secret: string): string => secret.split("_")[1] ?? "";

const named = (events: readonly { event: string; data: Readonly<Record<string, unknown>> }[]) =>
	events.map(({ event, data }) => `${event} ${String(data["intent"])}`);

describe("events", () => {
	it("tell of checks, blocked calls and violations as they come, without arguments", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const events = await readEvents(world.url, "/v1/events", key);
		await world.post("/v1/intents", key, { id: "a", tool: "read", args: { path: "/etc/passwd" } });
		await world.post("/v1/intents", key, { id: "b", tool: "rm", args: { path: "/secret" }, onBehalfOf: "ann" });
		await world.post("/v1/intents", key, { id: "c", tool: "deploy", args: {} });
		const seen = await events.take(6);
		expect(named(seen)).toEqual([
			...["policy_check a", "policy_violation a"],
			...["policy_check b", "tool_call_blocked b", "policy_violation b", "policy_check c"],
		]);
		const [check, audited, denied, blocked, violation, held] = seen.map(({ data }) => data);
		const whose = { tenant: "acme", agent: "coder", session: "default" };
		expect(check).toMatchObject({ ...whose, tool: "read", verdict: "allow" });
		expect(audited).toMatchObject({ ...whose, rule: "watch", severity: "low", mode: "audit" });
		expect(denied).toMatchObject({ ...whose, verdict: "deny", onBehalfOf: "ann", reasons: [{ rule: "no-rm" }] });
		expect(blocked).toMatchObject({ ...whose, code: "tool.denied", severity: "high" });
		expect(violation).toMatchObject({ ...whose, rule: "no-rm", severity: "high", onBehalfOf: "ann" });
		expect(held).toMatchObject({ ...whose, verdict: "hold", expiresAt: expect.any(Number) as number });
		expect(JSON.stringify(seen)).not.toMatch(/passwd|secret/);
		expect(new Set(seen.map(({ data }) => data["id"])).size).toBe(6);
	});

	it("are those that were asked for: by type, severity and agent", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key({ agents: "*" });
		const blocked = await readEvents(world.url, "/v1/events?type=tool_call_blocked,drift_detected", key);
		const severe = await readEvents(world.url, "/v1/events?severity=high", key);
		const other = await readEvents(world.url, "/v1/events?agent=writer", key);
		for (const [id, agent, tool] of [
			["a", "coder", "read"],
			["b", "coder", "rm"],
			["c", "writer", "read"],
		]) {
			await world.post("/v1/intents", key, { id, agent, tool, args: { text: "passwd" } });
		}
		expect(named(await blocked.take(1))).toEqual(["tool_call_blocked b"]);
		expect(named(await severe.take(3))).toEqual(["policy_check b", "tool_call_blocked b", "policy_violation b"]);
		expect(named(await other.take(2))).toEqual(["policy_check c", "policy_violation c"]);
	});

	it("are resumed behind an id at another gateway: what happened meanwhile comes, and what was half told comes again", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const first = await readEvents(world.url, "/v1/events", key);
		await world.post("/v1/intents", key, { id: "a", tool: "read", args: {} });
		await world.post("/v1/intents", key, { id: "b", tool: "rm", args: {} });
		const [, check, blocked] = await first.take(3);
		first.close();
		await world.gateway.stop(0);
		const second = await world.another();
		await fetch(`${second.address}/v1/intents`, {
			method: "POST",
			headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
			body: JSON.stringify({ id: "c", tool: "read", args: {} }),
		});
		// Of entry b the check and the blocked call were told, and not the violation.
		const resumed = await (await readEvents(second.address, "/v1/events", key, blocked?.id)).take(4);
		expect(named(resumed)).toEqual(["policy_check b", "tool_call_blocked b", "policy_violation b", "policy_check c"]);
		expect(resumed.slice(0, 2).map(({ data }) => data)).toEqual([check?.data, blocked?.data]);
		const behind = await readEvents(second.address, "/v1/events", key, resumed[2]?.id);
		expect(named(await behind.take(1))).toEqual(["policy_check c"]);
		const all = await readEvents(second.address, "/v1/events?from=start&type=policy_check", key);
		expect(named(await all.take(3))).toEqual(["policy_check a", "policy_check b", "policy_check c"]);
	});

	it("of others are not heard by an agent, and of other tenants by nobody", async () => {
		const world = await gatewayWorld(POLICY);
		const coder = await world.key();
		const writer = await world.key({ agents: "writer" });
		const foreign = await world.key({ tenant: "other" });
		const auditor = await world.key({ roles: ["auditor"], agents: "*" });
		const ofWriter = await readEvents(world.url, "/v1/events?type=policy_check", writer);
		const ofAuditor = await readEvents(world.url, "/v1/events?type=policy_check", auditor);
		await world.post("/v1/intents", coder, { id: "a", tool: "read", args: {} });
		await world.post("/v1/intents", foreign, { id: "b", tool: "read", args: {} });
		await world.post("/v1/intents", writer, { id: "c", tool: "read", args: {} });
		expect(named(await ofWriter.take(1))).toEqual(["policy_check c"]);
		const seen = await ofAuditor.take(2);
		expect(named(seen).sort()).toEqual(["policy_check a", "policy_check c"]);
		const asked = await world.get("/v1/events?agent=coder", writer);
		expect(asked.status).toBe(403);
	});

	it("tell of checkpoints, and of outputs that are unlike the first of their tool", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const calm = "the quick brown fox jumps over the lazy dog, again and again and again";
		const outputs = [calm, calm, "0123456789 something else entirely !!!"];
		for (const [at, text] of outputs.entries()) {
			await world.post("/v1/intents", key, { id: `o-${at}`, tool: "read", args: {} });
			await world.post("/v1/outcomes", key, { id: `o-${at}`, status: "ok", sketch: sketchOf(text) });
		}
		// Asked for from the end on: what is before is the measure.
		const drift = await readEvents(world.url, "/v1/events?type=drift_detected", key);
		const past = await readEvents(world.url, "/v1/events?type=drift_detected&from=start", key);
		await world.post("/v1/intents", key, { id: "late", tool: "read", args: {} });
		await world.post("/v1/outcomes", key, { id: "late", status: "ok", sketch: sketchOf("zzzz unlike all of it") });
		expect(named(await past.take(2))).toEqual(["drift_detected o-2", "drift_detected late"]);
		const [late] = await drift.take(1);
		expect(late?.data).toMatchObject({ tool: "read", agent: "coder", intent: "late", threshold: 0.15 });
		expect(late?.data["score"]).toBeGreaterThan(0.5);

		const checkpoints = await readEvents(world.url, "/v1/events?type=checkpoint_created&from=start", key);
		for (let at = 0; at < 70; at++) await world.post("/v1/intents", key, { id: `n-${at}`, tool: "read", args: {} });
		const [checkpoint] = await checkpoints.take(1);
		expect(checkpoint?.data).toMatchObject({ size: 64, root: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
	});

	it("are refused where the request is wrong: a type, a place of another log", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key();
		const unknown = await world.get("/v1/events?type=policy", key);
		expect([unknown.status, unknown.body["detail"]]).toEqual([400, expect.stringContaining("no events `policy`")]);
		for (const id of [
			"x",
			"d0.0",
			`d${Array.from({ length: world.layout.partitions }, () => "zzzz").join(".")}`,
			"d01",
		]) {
			const response = await fetch(`${world.url}/v1/events`, {
				headers: { authorization: `Bearer ${key}`, "last-event-id": id },
			});
			expect([id, response.status]).toEqual([id, 400]);
			expect(((await response.json()) as { detail: string }).detail).toContain("Last-Event-ID");
		}
	});

	it("end within seconds with a key that was revoked or changed, or whose file cannot be read, and with a child's", async () => {
		const world = await gatewayWorld(POLICY);
		const [revoked, changed, kept] = [await world.key(), await world.key({ agents: "cod*" }), await world.key()];
		const child = await world.post("/v1/credentials", revoked, { tools: ["read"], expiresIn: "1h" });
		const open = (key: string) => readEvents(world.url, "/v1/events?type=policy_check", key);
		const [ofRevoked, ofChild] = [await open(revoked), await open(String(child.body["token"]))];
		const [ofChanged, ofKept] = [await open(changed), await open(kept)];
		await world.post("/v1/intents", kept, { id: "a", tool: "read", args: {} });
		for (const each of [ofRevoked, ofChanged, ofKept]) {
			expect(named(await each.take(1))).toEqual(["policy_check a"]);
		}
		await revokeKey(world.keysFile, idOf(revoked), Date.now());
		const end = [{ event: "stream_ended", data: { reason: "credential" } }];
		expect(await ofRevoked.take(1)).toMatchObject(end);
		expect(await ofChild.take(1)).toMatchObject(end);
		expect((await world.get("/v1/events", revoked)).status).toBe(401);
		const keys = readFileSync(world.keysFile, "utf8");
		writeFileSync(world.keysFile, keys.replace("cod*", "writer"));
		expect(await ofChanged.take(1)).toMatchObject(end);
		// The others go on.
		await world.post("/v1/intents", kept, { id: "b", tool: "read", args: {} });
		expect(named(await ofKept.take(1))).toEqual(["policy_check b"]);
		writeFileSync(world.keysFile, "keys: [");
		expect(await ofKept.take(1)).toMatchObject(end);
	});

	it("end with the gateway, and with a credential's time", async () => {
		const world = await gatewayWorld(POLICY);
		const key = await world.key({ expiresAt: Date.now() + 1_500 });
		const short = await readEvents(world.url, "/v1/events", key);
		expect(await short.take(1)).toMatchObject([{ event: "stream_ended", data: { reason: "credential" } }]);
		await expect(short.take(1)).rejects.toThrow("has ended");
		const other = await readEvents(world.url, "/v1/events", await world.key());
		const ended = other.take(1);
		await world.gateway.stop(0);
		expect(await ended).toMatchObject([{ event: "stream_ended", data: { reason: "closing" } }]);
		await until(async () => (await fetch(`${world.url}/livez`).catch(() => null)) === null);
	});
});
