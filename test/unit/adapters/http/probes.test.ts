import { request } from "node:http";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Health, processorHealth, serveHealth } from "../../../../src/adapters/http/probes.ts";
import { verifierOf } from "../../../../src/adapters/keys/ed25519.ts";
import { openMetrics } from "../../../../src/adapters/prometheus/metrics.ts";
import type { AssentError } from "../../../../src/core/base/errors.ts";
import { Processor } from "../../../../src/processor/processor.ts";
import type { PartitionStatus, ProcessorStatus } from "../../../../src/processor/status.ts";
import { Heard, LogWorld, TEST_POLICY, until } from "../../../support/world.ts";

const closing: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

const deciding: PartitionStatus = {
	partition: 0,
	phase: "deciding",
	since: 1_700_000_000_000,
	consumed: { intents: 1, control: 1 },
	entries: 2,
	rows: { calls: 3, sessions: 2, accounts: 4, halts: 0, controls: 1 },
};
const well: ProcessorStatus = { partitions: [deciding], isMember: true, isDraining: false, isEnded: false };

async function served(status: () => ProcessorStatus): Promise<Health> {
	const metrics = openMetrics({ status, instance: "p1" });
	const health = await serveHealth({ host: "127.0.0.1", port: 0, metrics, status: () => processorHealth(status()) });
	closing.push(
		() => health.close(),
		() => metrics.close(),
	);
	return health;
}

interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: string;
}

const ask = (url: string, method = "GET"): Promise<Answer> =>
	new Promise((resolve, reject) => {
		const asked = request(url, { method, agent: false }, (response) => {
			let body = "";
			response.setEncoding("utf8");
			response.on("data", (part: string) => {
				body += part;
			});
			response.on("end", () =>
				resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", body }),
			);
		});
		asked.on("error", reject);
		asked.end();
	});

describe("probes", () => {
	it("say that a process which decides everything assigned to it is live and ready", async () => {
		const { address } = await served(() => well);
		expect(await ask(`${address}/livez`)).toMatchObject({ status: 200 });
		const ready = await ask(`${address}/readyz?verbose`);
		expect(ready).toMatchObject({ status: 200, type: "application/json" });
		expect(JSON.parse(ready.body)).toMatchObject({ isReady: true, partitions: [{ partition: 0, phase: "deciding" }] });
	});

	it.each<[string, Partial<ProcessorStatus>]>([
		["is no member yet", { isMember: false, partitions: [] }],
		["drains", { isDraining: true }],
		["restores", { partitions: [deciding, { ...deciding, partition: 1, phase: "restoring" }] }],
		["has a partition that failed", { partitions: [{ ...deciding, phase: "failed", why: "records are gone" }] }],
	])("say that a process which %s is live and not ready", async (_what, part) => {
		const { address } = await served(() => ({ ...well, ...part }));
		expect((await ask(`${address}/livez`)).status).toBe(200);
		const ready = await ask(`${address}/readyz`);
		expect(ready.status).toBe(503);
		expect(JSON.parse(ready.body).isReady).toBe(false);
	});

	it("say which partition is in which phase, since when and why", async () => {
		const why = "the bundle is not on the log";
		const paused: PartitionStatus = { ...deciding, partition: 3, phase: "paused", why };
		const { address } = await served(() => ({ ...well, partitions: [deciding, paused] }));
		expect(JSON.parse((await ask(`${address}/readyz`)).body)).toEqual({
			isReady: false,
			isMember: true,
			isDraining: false,
			isEnded: false,
			partitions: [
				{ partition: 0, phase: "deciding", since: "2023-11-14T22:13:20.000Z" },
				{ partition: 3, phase: "paused", since: "2023-11-14T22:13:20.000Z", why },
			],
		});
	});

	it("say where sealed intents were denied for want of their keys, which is no reason not to be ready", async () => {
		const health = await served(() => ({ ...well, partitions: [deciding, { ...deciding, withoutKey: 3 }] }));
		const { status, body } = await ask(`${health.address}/readyz`);
		expect(status).toBe(200);
		const { partitions } = JSON.parse(body) as { readonly partitions: readonly object[] };
		expect(partitions[0]).not.toHaveProperty("withoutKey");
		expect(partitions[1]).toHaveProperty("withoutKey", 3);
	});

	it("say why the group has not accepted a process, which still decides", async () => {
		const why = "ASSENT_LOG_DENIED: the broker does not allow it";
		const { address } = await served(() => ({ ...well, isMember: false, why }));
		expect((await ask(`${address}/livez`)).status).toBe(200);
		const ready = await ask(`${address}/readyz`);
		expect(ready.status).toBe(503);
		expect(JSON.parse(ready.body)).toMatchObject({ isMember: false, why, partitions: [{ phase: "deciding" }] });
	});

	it("say that a member without partitions is ready: others decide", async () => {
		const { address } = await served(() => ({ ...well, partitions: [] }));
		expect((await ask(`${address}/readyz`)).status).toBe(200);
	});

	it("say that a process whose processor has ended is not worth keeping", async () => {
		const { address } = await served(() => ({ ...well, isEnded: true }));
		expect((await ask(`${address}/livez`)).status).toBe(503);
		expect((await ask(`${address}/readyz`)).status).toBe(503);
	});

	it("answer nothing but GET and HEAD on their three paths", async () => {
		const { address } = await served(() => well);
		for (const path of ["/", "/readyz/", "/metricsx", "/__proto__", "/constructor"]) {
			expect((await ask(`${address}${path}`)).status).toBe(404);
		}
		expect((await ask(`${address}/livez`, "POST")).status).toBe(405);
		const head = await ask(`${address}/metrics`, "HEAD");
		expect(head).toMatchObject({ status: 200, body: "" });
		expect(head.type).toContain("text/plain; version=0.0.4");
	});

	it("answer 500 when the status cannot be told, and go on answering", async () => {
		let isBroken = true;
		const { address } = await served(() => {
			if (isBroken) throw new Error("no status");
			return well;
		});
		for (const path of ["/readyz", "/livez", "/metrics"]) expect((await ask(`${address}${path}`)).status).toBe(500);
		isBroken = false;
		expect((await ask(`${address}/readyz`)).status).toBe(200);
	});

	it("name the port that is taken", async () => {
		const taken = createServer();
		await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
		closing.push(() => new Promise((resolve) => taken.close(resolve)));
		const { port } = taken.address() as { port: number };
		const metrics = { contentType: "text/plain", text: async () => "" };
		const refused = await serveHealth({ host: "127.0.0.1", port, metrics, status: () => processorHealth(well) }).catch(
			(thrown: AssentError) => thrown,
		);
		expect(refused).toMatchObject({ code: "ASSENT_USAGE" });
		expect((refused as AssentError).message).toContain(`port ${port} of \`127.0.0.1\`: it is taken`);
	});

	it("let go of their port when closed, twice if need be, whatever is still connected", async () => {
		const health = await served(() => well);
		const port = Number(new URL(health.address).port);
		await ask(`${health.address}/livez`);
		await health.close();
		await health.close();
		await expect(ask(`${health.address}/livez`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
		const again = await serveHealth({
			host: "127.0.0.1",
			port,
			metrics: { contentType: "text/plain", text: async () => "" },
			status: () => processorHealth(well),
		});
		await again.close();
	});

	it("do not wait for what is still being answered when closed", async () => {
		let isAsked = false;
		const metrics = {
			contentType: "text/plain",
			text: () => {
				isAsked = true;
				return new Promise<string>(() => {});
			},
		};
		const health = await serveHealth({ host: "127.0.0.1", port: 0, metrics, status: () => processorHealth(well) });
		const asked = ask(`${health.address}/metrics`).catch((thrown: unknown) => thrown);
		await until(() => isAsked);
		await health.close();
		expect(await asked).toMatchObject({ code: "ECONNRESET" });
	});

	it("tell a real processor's figures and its end", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const status = () => processor.status();
		const metrics = openMetrics({ status, lag: () => processor.lag(), instance: "p1" });
		const processor: Processor = new Processor({
			verifierOf,
			log: world.handle(),
			instance: "p1",
			layout: world.layout,
			clock: world.clock,
			telemetry: new Heard(),
			meter: metrics,
		});
		const health = await serveHealth({ host: "127.0.0.1", port: 0, metrics, status: () => processorHealth(status()) });
		closing.push(
			() => processor.drain(),
			() => health.close(),
			() => metrics.close(),
		);
		expect((await ask(`${health.address}/readyz`)).status).toBe(503);
		await processor.start();
		await world.submit({ id: "a" });
		await world.submit({ id: "b", tool: "wipe" });
		await world.consumed();
		await until(async () => (await ask(`${health.address}/readyz`)).status === 200);
		const figures = async () => (await ask(`${health.address}/metrics`)).body;
		await until(async () => (await figures()).includes("assent_decision_latency_seconds_count 2"));
		expect(await figures()).toContain('assent_decisions_total{verdict="deny"} 1');
		expect(await figures()).toContain('assent_lag_records{topic="intents",partition="0"} 0');
		expect(await figures()).toContain('assent_partitions{phase="deciding"} 1');
		await processor.drain();
		expect((await ask(`${health.address}/livez`)).status).toBe(503);
	});
});
