/** Webhooks as they leave (N1–N3 of app/notify.ts): to receivers that take them, refuse them, or never answer. */
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openNotifyMetrics } from "../../../src/adapters/prometheus/notify-metrics.ts";
import { type NotifyCounts, type NotifyOptions, notify } from "../../../src/app/notify.ts";
import type { NotifyTarget } from "../../../src/app/notify-target.ts";
import { type Receiver, startReceiver } from "../../support/receiver.ts";
import { Heard, LogWorld, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const SECRET = Buffer.alloc(32, 7);

let folder: string;
let world: LogWorld;
let drain: () => Promise<void>;
let stops: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-notify-"));
	world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world);
	drain = () => processor.drain();
	await world.consumed();
});

afterEach(async () => {
	await Promise.all(stops.map((stop) => stop()));
	stops = [];
	await drain();
	await rm(folder, { recursive: true, force: true });
});

const target = (receiver: Receiver, part: Partial<NotifyTarget> = {}): NotifyTarget => ({
	...{ name: "ops", url: `${receiver.url}/hook`, body: "assent", secret: SECRET },
	types: new Set(["hold", "policy_violation"]),
	...{ severity: "low", tenants: ["*"], agents: ["*"], timeoutMs: 2_000 },
	...part,
});

interface Running {
	readonly heard: Heard;
	readonly ended: Promise<NotifyCounts>;
	/** Ends it, and says what was counted. */
	stop(): Promise<NotifyCounts>;
}

function running(targets: readonly NotifyTarget[], part: Partial<NotifyOptions> = {}): Running {
	const end = new AbortController();
	const heard = new Heard();
	const counts = notify({
		...{ log: world.handle(), layout: world.layout, targets, from: "start", telemetry: heard, signal: end.signal },
		placesFile: join(folder, "deep", "places.json"),
		deadLettersFile: join(folder, "deep", "dead.jsonl"),
		...part,
	});
	// Who stops it hears what went wrong.
	counts.catch(() => {});
	const stop = (): Promise<NotifyCounts> => {
		end.abort();
		return counts;
	};
	stops.push(() => stop().catch(() => {}));
	return { heard, ended: counts, stop };
}

const ids = ({ received }: Receiver): string[] => received.map(({ id }) => id);

describe("webhooks", () => {
	it("tell of holds and violations, signed, and of nothing else; arguments are not in them", async () => {
		const receiver = await startReceiver();
		const { stop } = running([target(receiver)]);
		await world.submit({ id: "a", tool: "shell.run" });
		await world.submit({ id: "b", tool: "wipe", args: { disk: "secret-disk" } });
		await world.submit({ id: "c", tool: "pay.send", args: { amount: 5_000_001 } });
		await until(() => receiver.received.length >= 2);
		const counts = await stop();
		expect(counts).toEqual({ sent: 2, retried: 0, dead: 0 });
		const bodies = receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: { intent: string } });
		expect(bodies.map(({ type, data }) => `${type} ${data.intent}`).sort()).toEqual(["hold c", "policy_violation b"]);
		for (const { headers, id, body, path } of receiver.received) {
			expect(path).toBe("/hook");
			const time = headers["webhook-timestamp"];
			const signature = createHmac("sha256", SECRET)
				.update(`${id}.${String(time)}.${body}`)
				.digest("base64");
			expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
			expect(headers["content-type"]).toBe("application/json");
			expect(body).not.toMatch(/secret-disk|5000001/);
		}
	});

	it("go on where they were taken to, in another process: nothing is missed, and what was not taken has the same id", async () => {
		const receiver = await startReceiver();
		receiver.answer = ({ body }) => (body.includes('"intent":"c"') ? 503 : 204);
		const first = running([target(receiver)]);
		for (const id of ["a", "b", "c"]) await world.submit({ id, tool: "wipe" });
		await until(() => new Set(ids(receiver)).size === 3);
		await first.stop();
		const [, , refused] = [...new Set(ids(receiver))];
		const seen = receiver.received.length;
		receiver.answer = () => 204;
		await world.submit({ id: "d", tool: "wipe" });
		const second = running([target(receiver)], { from: "end" });
		await until(() => receiver.received.length >= seen + 2);
		expect(await second.stop()).toMatchObject({ sent: 2, dead: 0 });
		const later = receiver.received
			.slice(seen)
			.map(({ body }) => (JSON.parse(body) as { data: { intent: string } }).data.intent);
		expect(later.sort()).toEqual(["c", "d"]);
		expect(ids(receiver).slice(seen)).toContain(refused);
		expect((await stat(join(folder, "deep", "places.json"))).mode & 0o777).toBe(0o600);
	});

	it("are sent again with pauses and then given up; other targets, and other messages, do not wait for that", async () => {
		const [broken, sound] = [await startReceiver(), await startReceiver()];
		broken.answer = ({ body }) => (body.includes('"intent":"a"') ? 500 : 204);
		const targets = [target(broken), target(sound, { name: "other" })];
		const { heard, stop } = running(targets, { pauses: [1, 1] });
		for (const id of ["a", "b"]) await world.submit({ id, tool: "wipe" });
		await until(() => existsSync(join(folder, "deep", "dead.jsonl")) && sound.received.length === 2);
		await until(() => broken.received.length === 4);
		expect(await stop()).toEqual({ sent: 3, retried: 2, dead: 1 });
		const [given, ...others] = (await readFile(join(folder, "deep", "dead.jsonl"), "utf8")).trimEnd().split("\n");
		expect(others).toEqual([]);
		const letter = JSON.parse(given as string) as { id: string; body: { data: { intent: string } } };
		expect(letter).toMatchObject({ target: "ops", attempts: 3, why: "it answered 500" });
		expect(letter.body.data.intent).toBe("a");
		expect(ids(broken).filter((id) => id === letter.id)).toHaveLength(3);
		expect(heard.said("notify.dead")).toMatchObject([{ target: "ops", attempts: 3 }]);
		expect(JSON.stringify(heard.events)).not.toContain("/hook");
		// Given up is over: whoever starts again does not begin with it.
		const again = running([target(broken)]);
		await world.submit({ id: "e", tool: "wipe" });
		await until(() => broken.received.length === 5);
		await again.stop();
	});

	it("wait for no target that never answers, and read no further than so many messages ahead of it", async () => {
		const [silent, sound] = [await startReceiver(), await startReceiver()];
		silent.answer = () => null;
		const { stop } = running([target(silent, { timeoutMs: 60_000 }), target(sound, { name: "other" })]);
		for (let at = 0; at < 80; at++) await world.submit({ id: `n-${at}`, tool: "wipe" });
		await until(() => sound.received.length === 80);
		expect(silent.received).toHaveLength(64);
		expect(await stop()).toMatchObject({ sent: 80 });
	});

	it("follow no redirect", async () => {
		const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
		receiver.answer = () => ({ status: 307, headers: { location: `${elsewhere.url}/stolen` } });
		const { stop } = running([target(receiver)], { pauses: [] });
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => existsSync(join(folder, "deep", "dead.jsonl")));
		expect(await stop()).toMatchObject({ sent: 0, dead: 1 });
		expect(elsewhere.received).toEqual([]);
		expect(await readFile(join(folder, "deep", "dead.jsonl"), "utf8")).toContain("it answered 307");
	});

	it("are those that a target wants: by type, severity, tenant and agent", async () => {
		const receivers = await Promise.all(Array.from({ length: 5 }, () => startReceiver()));
		const [blocked, severe, writers, others, drifts] = receivers as [Receiver, Receiver, Receiver, Receiver, Receiver];
		const { stop } = running([
			target(blocked, { name: "1", types: new Set(["tool_call_blocked"]) }),
			target(severe, { name: "2", severity: "critical" }),
			target(writers, { name: "3", agents: ["writer*"] }),
			target(others, { name: "4", tenants: ["other"] }),
			target(drifts, { name: "5", types: new Set(["checkpoint_created"]) }),
		]);
		for (const [id, agent] of [
			["a", "coder"],
			["b", "writer-1"],
		] as const)
			await world.submit({ id, agent, tool: "wipe" });
		await world.submit({ id: "p", tool: "pay.send" });
		for (let at = 0; at < 64; at++) await world.submit({ id: `n-${at}` });
		await until(() => drifts.received.length === 1 && blocked.received.length === 2 && severe.received.length === 1);
		await stop();
		// A hold has no severity; a wiped disk is of severity high.
		expect(severe.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(["hold"]);
		expect(writers.received.map(({ body }) => (JSON.parse(body) as { data: object }).data)).toMatchObject([
			{ agent: "writer-1", intent: "b" },
		]);
		expect(others.received).toEqual([]);
	});

	it("of two deployments have no id in common, though each counts its events from 0", async () => {
		const receiver = await startReceiver();
		const { stop } = running([target(receiver)]);
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => receiver.received.length === 1);
		await stop();
		await drain();
		await new Promise((resolve) => setTimeout(resolve, 2));
		world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world);
		drain = () => processor.drain();
		const other = running([target(receiver)], { placesFile: join(folder, "other.json") });
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => receiver.received.length === 2);
		await other.stop();
		const places = receiver.received.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id);
		expect(new Set(places).size).toBe(1);
		expect(new Set(ids(receiver)).size).toBe(2);
	});

	it("are told to whoever measures: what was sent, tried again and given up, and how old the oldest is", async () => {
		const receiver = await startReceiver();
		receiver.answer = ({ body }) => (body.includes('"intent":"a"') ? 500 : 204);
		const metrics = openNotifyMetrics(["ops", "idle"], { now: () => Date.now() + 60_000 });
		onTestFinished(() => metrics.close());
		const { stop } = running([target(receiver)], { pauses: [1, 60_000], meter: metrics });
		await world.submit({ id: "a", tool: "wipe" });
		await world.submit({ id: "b", tool: "wipe" });
		await until(() => receiver.received.length === 3);
		// The third answer is counted after it was received.
		await until(async () => (await metrics.text()).includes('assent_notify_retries_total{target="ops"} 2'));
		await until(async () => (await metrics.text()).includes('assent_notify_waiting{target="ops"} 1'));
		const text = await metrics.text();
		const lines = text.split("\n").filter((line) => line.startsWith("assent_notify"));
		expect(lines.filter((line) => !line.includes("_lag_"))).toEqual([
			'assent_notify_messages_total{target="ops",result="sent"} 1',
			'assent_notify_messages_total{target="ops",result="dead"} 0',
			'assent_notify_messages_total{target="idle",result="sent"} 0',
			'assent_notify_messages_total{target="idle",result="dead"} 0',
			...['assent_notify_retries_total{target="ops"} 2', 'assent_notify_retries_total{target="idle"} 0'],
			...['assent_notify_waiting{target="ops"} 1', 'assent_notify_waiting{target="idle"} 0'],
		]);
		const lag = Number(/lag_seconds\{target="ops"\} (.*)/.exec(text)?.[1]);
		expect(lag).toBeGreaterThan(59);
		expect(text).toContain('assent_notify_lag_seconds{target="idle"} 0');
		expect(text).not.toContain(receiver.url);
		await stop();
	});

	it("are not begun where a dead letter, or how far they have come, could not be kept", async () => {
		const receiver = await startReceiver();
		await writeFile(join(folder, "file"), "");
		const parts = [
			{ deadLettersFile: folder },
			{ deadLettersFile: join(folder, "file", "dead.jsonl") },
			{ placesFile: folder },
			{ placesFile: join(folder, "file", "places.json") },
		];
		for (const part of parts) {
			await expect(running([target(receiver)], part).stop()).rejects.toMatchObject({ code: "ASSENT_FILE_UNREADABLE" });
		}
	});

	it("are not over before their dead letter is kept: whoever starts again tells them", async () => {
		const receiver = await startReceiver();
		receiver.answer = () => 500;
		const { heard, stop } = running([target(receiver)], { pauses: [] });
		// The disk takes no dead letter any more.
		await until(() => existsSync(join(folder, "deep", "places.json")));
		await mkdir(join(folder, "deep", "dead.jsonl"));
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => heard.said("notify.unsaved").length === 1);
		expect(await stop()).toEqual({ sent: 0, retried: 0, dead: 0 });
		await rm(join(folder, "deep", "dead.jsonl"), { recursive: true });
		receiver.answer = () => 204;
		const again = running([target(receiver)]);
		await until(() => receiver.received.length === 2);
		expect(await again.stop()).toMatchObject({ sent: 1 });
		expect(new Set(ids(receiver)).size).toBe(1);
	});

	it("end at once for all where the log of one target cannot be read, whatever waits to be sent again", async () => {
		const [receiver, other] = [await startReceiver(), await startReceiver()];
		receiver.answer = () => 500;
		const log = world.handle();
		let isBroken = false;
		const broken = new Proxy(log, {
			get: (_, name) => {
				if (name === "read" && isBroken) return () => Promise.reject(new Error("no disk"));
				const member: unknown = Reflect.get(log, name, log);
				return typeof member === "function" ? member.bind(log) : member;
			},
		});
		const { heard, ended } = running([target(receiver), target(other, { name: "other" })], {
			log: broken,
			pauses: [3_600_000],
		});
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => heard.said("notify.retrying").length === 1 && other.received.length === 1);
		isBroken = true;
		await world.submit({ id: "b", tool: "wipe" });
		await expect(ended).rejects.toThrow("no disk");
	});

	it("are not begun with places of another log, nor with a file that holds none", async () => {
		const receiver = await startReceiver();
		const placesFile = join(folder, "places.json");
		for (const text of ["{}", "[]", "no", '{"places":{"ops":"d0.0.0.0"}}']) {
			await writeFile(placesFile, text);
			await expect(running([target(receiver)], { placesFile }).stop()).rejects.toMatchObject({
				code: "ASSENT_FILE_UNREADABLE",
			});
		}
		const beyond = Array.from({ length: world.layout.partitions }, () => "zzzz").join(".");
		await writeFile(placesFile, JSON.stringify({ places: { ops: `d${beyond}` } }));
		const { stop } = running([target(receiver)], { placesFile });
		await expect(stop()).rejects.toMatchObject({ code: "ASSENT_LOG_REWOUND" });
	});
});
