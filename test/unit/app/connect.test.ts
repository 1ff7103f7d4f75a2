/** `connect` beside others on one log file: one secret for all, so that one id is one call, and nobody decides in another's place. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type ConnectOptions, connect } from "../../../src/app/connect.ts";
import { type DevNode, startDev } from "../../../src/app/dev.ts";
import { openLog } from "../../../src/app/open-log.ts";
import { loadPolicies } from "../../../src/app/policies.ts";
import { ToolCallDenied } from "../../../src/client/call-errors.ts";
import type { AssentClient } from "../../../src/client/client.ts";
import { callsNamed, type NamedCall } from "../../../src/operations/holds.ts";
import { sendVote } from "../../../src/operations/operators.ts";
import type { Log } from "../../../src/ports/log/log.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { isReady } from "../../../src/processor/status.ts";
import { assent, jsonLines, scratchFolder } from "../../support/cli.ts";
import { TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const PRINCIPAL = { tenant: "acme", agent: "coder", session: "run-1" };
const closing: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

/** Somebody who decides on a log file, as `assent dev` does. */
async function deciding(): Promise<{ log: Log; node: DevNode; url: string; policy: string }> {
	const folder = scratchFolder();
	const policy = join(folder, "p.yaml");
	writeFileSync(policy, TEST_POLICY);
	const policies = await loadPolicies([policy], TEST_LAYOUT.budgetRoot);
	if (!policies.ok) throw new Error("the policy does not load");
	const url = `file:${join(folder, "log.db")}`;
	const log = await openLog(url, { create: true });
	closing.push(() => log.close());
	const node = await startDev({
		log,
		layout: TEST_LAYOUT,
		policies: policies.value,
		snapshotEvery: 100_000,
		telemetry: silentTelemetry,
	});
	closing.push(() => node.stop());
	await until(() => isReady(node.processor.status()));
	return { log, node, url, policy };
}

async function client(options: ConnectOptions): Promise<AssentClient> {
	const made = await connect({ principal: PRINCIPAL, telemetry: "silent", ...options });
	closing.push(() => made.close());
	return made;
}

const deniedBy = async (asked: Promise<unknown>): Promise<ToolCallDenied> => {
	const thrown: unknown = await asked.then(
		() => "it ran",
		(why: unknown) => why,
	);
	if (thrown instanceof ToolCallDenied) return thrown;
	throw new Error(`not denied: ${String(thrown)}`);
};

describe("clients of one log file", () => {
	it("that ask under one id ask for one call: it is run once, and the others are told so", async () => {
		const { url } = await deciding();
		const clients = await Promise.all(Array.from({ length: 4 }, () => client({ log: url })));
		let runs = 0;
		const asked = clients.map((each) => each.guard("shell.run", async () => ++runs)({ x: 1 }, { id: "id-1" }));
		const settled = await Promise.allSettled(asked);
		expect(runs).toBe(1);
		expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		for (const one of settled) {
			if (one.status === "rejected") expect(one.reason).toMatchObject({ decision: { verdict: "allow", args: null } });
		}
	});

	it("are known again after a restart: a call that was granted meanwhile is fetched, and run once", async () => {
		const { log, url } = await deciding();
		const first = await client({ log: url });
		const request = { onHold: "return" } as const;
		const held = await deniedBy(first.guard("pay.send", () => 1, { request })({ amount: 5 }, { id: "p" }));
		expect(held.decision.verdict).toBe("hold");
		await first.close();
		const call = { tenant: "acme", agent: "coder", id: "p" };
		const [named] = await callsNamed(log, TEST_LAYOUT, { name: "p", now: Date.now() });
		const { commitment } = named as NamedCall;
		const vote = {
			by: "alice",
			now: Date.now(),
			call,
			session: "run-1",
			commitment,
			vote: "granted",
			comment: "",
		} as const;
		await sendVote(log, TEST_LAYOUT, vote);
		const second = await client({ log: url });
		expect(await second.guard("pay.send", () => "paid")({ amount: 5 }, { id: "p" })).toBe("paid");
	});

	it("share their secret with `assent submit`, and not with one that was given its own", async () => {
		const { url } = await deciding();
		const one = await client({ log: url });
		await one.guard("shell.run", () => 1)({ x: 1 }, { id: "id-1" });
		const line = JSON.stringify({ id: "id-1", ...PRINCIPAL, tool: "shell.run", args: { x: 1 } });
		const [again] = jsonLines((await assent(["submit", "--log", url], `${line}\n`)).stdout);
		expect(again).toMatchObject({ id: "id-1", verdict: "allow" });
		const stranger = await client({ log: url, secret: new Uint8Array(32) });
		const denied = await deniedBy(stranger.guard("shell.run", () => 1)({ x: 1 }, { id: "id-1" }));
		expect(denied.decision.reasons).toMatchObject([{ code: "intent.id_reused" }]);
		expect(denied.message).toContain("find out what it did");
	});
});

describe("connect with `privacy`", () => {
	it("seals what it publishes, for itself in memory and for all who share the file beside a log", async () => {
		const { log, url, policy } = await deciding();
		const privacy = { mode: "sealed" } as const;
		for (const options of [
			{ log: url, privacy },
			{ log: url, privacy, secret: new Uint8Array(32) },
		]) {
			const one = await client(options);
			expect(await one.decide({ tool: "shell.run", args: { x: "of-ann" }, id: "id-1" })).toMatchObject({
				verdict: "allow",
			});
		}
		const stored = await Promise.all(
			Array.from({ length: TEST_LAYOUT.partitions }, (_, partition) => log.read({ topic: "intents", partition }, 0)),
		);
		const intents = stored.flat();
		expect(intents).toHaveLength(2);
		for (const { value } of intents) expect(Buffer.from(value).includes("of-ann")).toBe(false);
		const own = await client({ log: "memory:", policies: policy, privacy });
		expect(await own.guard("shell.run", () => "ran")({ x: 1 })).toBe("ran");
	});

	it("refuses a mode that there is not, and what else is no path", async () => {
		for (const privacy of [{ mode: "hidden" }, {}, { mode: "sealed", keys: "" }, { mode: "sealed", key: "x" }]) {
			await expect(connect({ privacy: privacy as never })).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		}
	});
});

describe("connect with policies", () => {
	it("and no log has one in memory, and leaves the default file alone", async () => {
		const { policy } = await deciding();
		const cwd = process.cwd();
		const folder = scratchFolder();
		process.chdir(folder);
		try {
			await expect(connect({})).rejects.toMatchObject({ code: "ASSENT_FILE_MISSING" });
			const own = await client({ policies: policy });
			expect(await own.guard("shell.run", () => "ran")({ x: 1 })).toBe("ran");
			// Nothing was made on disk.
			await expect(connect({})).rejects.toMatchObject({ code: "ASSENT_FILE_MISSING" });
		} finally {
			process.chdir(cwd);
		}
	});

	it("on a log file on which another decides is refused, and that one goes on", async () => {
		const { node, url, policy } = await deciding();
		await expect(connect({ log: url, policies: policy })).rejects.toMatchObject({
			code: "ASSENT_USAGE",
			message: expect.stringContaining("another process decides on"),
		});
		const other = await client({ log: url });
		expect(await other.guard("shell.run", () => "ran")({ x: 1 })).toBe("ran");
		await other.close();
		await node.stop();
		const own = await client({ log: url, policies: policy });
		expect(await own.guard("shell.run", () => "ran")({ x: 1 })).toBe("ran");
	});
});
