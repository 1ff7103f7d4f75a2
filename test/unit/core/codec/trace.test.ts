import { afterEach, describe, expect, it } from "vitest";
import { encodeInput } from "../../../../src/core/codec/encode.ts";
import { headerBytes, traceOf } from "../../../../src/core/codec/trace.ts";
import { type LogRecord, TOPICS } from "../../../../src/ports/log/log.ts";
import type { Processor } from "../../../../src/processor/processor.ts";
import { intentOf } from "../../../support/engine-world.ts";
import { LogWorld, over, startProcessor, TEST_POLICY, until } from "../../../support/world.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const tracestate = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
const MINUTE = 60_000;

const running: Processor[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

async function start(world: LogWorld, of: Parameters<typeof startProcessor>[1] = {}): Promise<Processor> {
	const { processor } = await startProcessor(world, of);
	running.push(processor);
	return processor;
}

/** Submits a call that carries a trace, and wants its reply. */
async function submit(world: LogWorld, id: string, of: { tool?: string; trace?: Record<string, string> }) {
	const intent = intentOf({ id, issuedAt: world.clock.now(), ...(of.tool === undefined ? {} : { tool: of.tool }) });
	const address = { "assent-reply-to": TOPICS.replies, "assent-reply-id": id };
	await world.put(TOPICS.intents, 0, encodeInput(intent), { ...address, ...of.trace });
}

const traces = (records: readonly LogRecord[]): (Record<string, string> | null)[] =>
	records.map(({ headers }) =>
		headers["traceparent"] === undefined && headers["tracestate"] === undefined
			? null
			: { parent: headers["traceparent"] ?? "", state: headers["tracestate"] ?? "" },
	);

const ours = { parent: traceparent, state: tracestate };

describe("the trace context of an input", () => {
	it("goes with its entry, its reply and its violations, and with nothing else", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await submit(world, "plain", {});
		await submit(world, "traced", { tool: "wipe", trace: { traceparent, tracestate } });
		const processor = await start(world);
		await world.consumed();
		await processor.drain();
		// Claim, activation, two decisions.
		expect(traces(await world.records(TOPICS.decisions))).toEqual([null, null, null, ours]);
		expect(traces(await world.records(TOPICS.replies))).toEqual([null, ours]);
		expect(traces(await world.records(TOPICS.violations))).toEqual([ours]);
	});

	it("goes with its dead letter", async () => {
		const world = new LogWorld();
		await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3), { traceparent, tracestate });
		await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3));
		const processor = await start(world);
		await world.consumed();
		await processor.drain();
		expect(traces(await world.records(TOPICS.deadLetters))).toEqual([ours, null]);
	});

	it("goes with what the next owner sends again", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await submit(world, "traced", { tool: "wipe", trace: { traceparent, tracestate } });
		const inner = world.handle();
		const losing = over(inner, {
			append: async (to, records, options) =>
				to.topic === TOPICS.violations
					? { kind: "appended", base: 0, timestamp: 0 }
					: inner.append(to, records, options),
		});
		const first = await start(world, { log: losing });
		await world.consumed();
		await first.drain();
		expect(await world.records(TOPICS.violations)).toEqual([]);
		const second = await start(world, { instance: "p2" });
		await until(async () => (await world.records(TOPICS.violations)).length === 1);
		await second.drain();
		expect(traces(await world.records(TOPICS.violations))).toEqual([ours]);
	});

	it("does not go with the end of another call's hold", async () => {
		let now = 1_700_000_000_000;
		const world = new LogWorld({ clock: { now: () => now } });
		await world.policies(TEST_POLICY);
		const log = world.handle();
		let isHeldBack = false;
		// No tick comes before the traced call.
		const quiet = over(log, {
			append: (to, records, options) =>
				isHeldBack && to.topic === TOPICS.control
					? Promise.resolve({ kind: "unknown", why: "held back" })
					: log.append(to, records, options),
		});
		const processor = await start(world, { log: quiet });
		await submit(world, "held", { tool: "pay.send" });
		await world.consumed();
		isHeldBack = true;
		now += 6 * MINUTE;
		await submit(world, "traced", { trace: { traceparent, tracestate } });
		await world.consumed();
		await processor.drain();
		expect((await world.replies()).map(({ call, verdict }) => [call.id, verdict])).toEqual([
			["held", "hold"],
			["held", "deny"],
			["traced", "allow"],
		]);
		expect(traces(await world.records(TOPICS.replies))).toEqual([null, null, ours]);
	});

	it("changes no byte of the ledger's leaves", async () => {
		const leaves = async (trace: Record<string, string>): Promise<string[]> => {
			const world = new LogWorld({ clock: { now: () => 1_700_000_000_000 } });
			await world.policies(TEST_POLICY);
			await submit(world, "a", { trace });
			await submit(world, "b", { tool: "wipe", trace });
			await submit(world, "c", { tool: "pay.send", trace });
			const processor = await start(world);
			await world.consumed();
			await processor.drain();
			const [, ...entries] = await world.records(TOPICS.decisions);
			return entries.map(({ value }) => Buffer.from(value).toString("hex"));
		};
		const plain = await leaves({});
		expect(plain).toHaveLength(4);
		expect(await leaves({ traceparent, tracestate })).toEqual(plain);
	});
});

describe("a trace context", () => {
	it("is passed on without a tracestate, too", () => {
		expect(traceOf({ traceparent, other: "x" })).toEqual({ traceparent });
	});

	it.each([
		["has another length", `${traceparent}0`],
		["has capitals", traceparent.toUpperCase()],
		["has no trace id", "00-00000000000000000000000000000000-b7ad6b7169203331-01"],
		["is empty", ""],
		["is long", traceparent.repeat(1_000)],
	])("is dropped as a whole when its traceparent %s", (_what, malformed) => {
		expect(traceOf({ traceparent: malformed, tracestate })).toEqual({});
	});

	it("is dropped when it is a tracestate alone", () => {
		expect(traceOf({ tracestate })).toEqual({});
	});

	it.each([
		"a=1",
		"a=1,b=2",
		"a=1 , b=2",
		"a=1,,b=2",
		"tenant@system=x y",
		"1tenant@system=x",
		"a_-*/0=!~",
		`a=${"x".repeat(256)}`,
	])("passes on the tracestate `%s`", (state) => {
		expect(traceOf({ traceparent, tracestate: state })).toEqual({ traceparent, tracestate: state });
	});

	it.each([
		["empty", ""],
		["only commas", ",,"],
		["a key without value", "a"],
		["a value that is empty", "a="],
		["a key with a capital", "A=1"],
		["a key that begins with a digit", "1a=1"],
		["a value with `=`", "a=1=2"],
		["a line break", "a=1\nb"],
		["beyond ASCII", "a=é"],
		["a value too long", `a=${"x".repeat(257)}`],
		["too many members", Array.from({ length: 33 }, (_, at) => `a${at}=1`).join(",")],
		["too long", Array.from({ length: 5 }, (_, at) => `a${at}=${"x".repeat(120)}`).join(",")],
	])("leaves out a tracestate that is %s", (_what, state) => {
		expect(traceOf({ traceparent, tracestate: state })).toEqual({ traceparent });
	});

	it("is weighed for the size of an append", () => {
		expect(headerBytes({ traceparent, tracestate })).toBe(11 + 55 + 10 + tracestate.length);
		expect(headerBytes({})).toBe(0);
	});
});
