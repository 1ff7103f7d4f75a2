/** Drift as listeners hear it: without reading the log from its beginning, and once for all of them. */
import { describe, expect, it } from "vitest";
import { sketchOf } from "../../../src/core/base/sketch.ts";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { DRIFT_LOOKBACK } from "../../../src/operations/drift-tail.ts";
import { parsePlace } from "../../../src/operations/event-place.ts";
import { type EventOptions, governanceEvents } from "../../../src/operations/events.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { intentOf } from "../../support/engine-world.ts";
import { LogWorld, until } from "../../support/world.ts";

const AT = { topic: TOPICS.intents, partition: 0 };
const CALM = sketchOf("3 rows were read from the table of orders, and 0 of them have changed since yesterday");
const OTHER = sketchOf("ConnectionError: the host db-2.internal did not answer within thirty seconds");

const append = (world: LogWorld, values: readonly Uint8Array[]) =>
	world.log.append(
		AT,
		values.map((value) => ({ key: null, value, headers: {} })),
	);

/** A call of the tool and its output. */
const ran = (id: string, sketch: string, tool = "read"): readonly Uint8Array[] => [
	encodeInput(intentOf({ id, tool, issuedAt: 1 })),
	encodeInput({
		...{ type: "outcome.reported", actor: [], status: "ok", session: "run-1", sketch },
		call: { tenant: "acme", agent: "coder", id },
		usage: { tokens: null, costMicros: null, executionMs: null },
	}),
];

const FILLER = encodeInput(intentOf({ id: "filler", issuedAt: 1 }));

async function fill(world: LogWorld, count: number): Promise<void> {
	for (let left = count; left > 0; left -= 500) {
		await append(
			world,
			Array.from({ length: Math.min(500, left) }, () => FILLER),
		);
	}
}

/** A handle that says from where it was read, and how many records it gave. */
function counted(log: Log): { readonly log: Log; readonly reads: { readonly from: number; readonly count: number }[] } {
	const reads: { from: number; count: number }[] = [];
	const watched = new Proxy(log, {
		get: (_, name) => {
			const member: unknown = Reflect.get(log, name, log);
			if (typeof member !== "function") return member;
			if (name !== "read") return member.bind(log);
			return async (...parts: Parameters<Log["read"]>) => {
				const records = await log.read(...parts);
				reads.push({ from: parts[1], count: records.length });
				return records;
			};
		},
	});
	return { log: watched, reads };
}

interface Listener {
	/** The calls whose outputs drifted. */
	readonly heard: string[];
	readonly ready: Promise<void>;
	stop(): Promise<void>;
}

function listening(log: Log, world: LogWorld, from: EventOptions["from"]): Listener {
	const end = new AbortController();
	const heard: string[] = [];
	let onReady = (): void => {};
	const ready = new Promise<void>((resolve) => {
		onReady = resolve;
	});
	const types = new Set(["drift_detected"] as const);
	const run = async (): Promise<void> => {
		const options = { types, from, isWanted: () => true, idleMs: 60_000, signal: end.signal };
		for await (const { event } of governanceEvents(log, world.layout, options)) {
			onReady();
			if (event?.type === "drift_detected") heard.push(event.intent);
		}
	};
	const ended = run();
	return {
		heard,
		ready,
		stop: () => {
			end.abort();
			return ended;
		},
	};
}

describe("drift", () => {
	it("is told from the end on without reading more than a lookback, and against what was seen there", async () => {
		const world = new LogWorld();
		await append(world, [...ran("first", OTHER, "old"), ...ran("second", CALM, "read")]);
		await fill(world, 2 * DRIFT_LOOKBACK);
		await append(world, ran("third", CALM, "read"));
		const { end } = await world.log.bounds(AT);
		const { log, reads } = counted(world.handle());
		const listener = listening(log, world, "end");
		await listener.ready;
		// The tool `old` is new to whoever looks back so far.
		await append(world, [...ran("x", CALM, "old"), ...ran("y", OTHER, "read"), ...ran("z", OTHER, "old")]);
		await until(() => listener.heard.length === 2);
		expect(listener.heard).toEqual(["y", "z"]);
		await listener.stop();
		expect(Math.min(...reads.map(({ from }) => from))).toBeGreaterThanOrEqual(end - DRIFT_LOOKBACK - 100);
		expect(reads.reduce((sum, { count }) => sum + count, 0)).toBeLessThan(DRIFT_LOOKBACK + 300);
	});

	it("is worked out once for all who listen, wherever they began", async () => {
		const world = new LogWorld();
		await append(world, ran("first", CALM));
		await fill(world, 1_000);
		const { log, reads } = counted(world.handle());
		const place = (offset: number) =>
			parsePlace(
				`i${[offset, ...Array.from({ length: world.layout.partitions - 1 }, () => 0)].map((at) => at.toString(36)).join(".")}`,
				world.layout.partitions,
			) ?? "end";
		const listeners = Array.from({ length: 20 }, (_, at) => listening(log, world, place(1_000 - at)));
		await Promise.all(listeners.map(({ ready }) => ready));
		await append(world, [...ran("y", OTHER), ...ran("z", OTHER)]);
		await until(() => listeners.every(({ heard }) => heard.length === 2));
		for (const { heard } of listeners) expect(heard).toEqual(["y", "z"]);
		await Promise.all(listeners.map(({ stop }) => stop()));
		// One looks back over 1,000 records; the others read what is told.
		expect(reads.filter(({ from }) => from < 900)).toHaveLength(9);
	});

	it("that somebody has told already is told to whoever begins further back, all of it", async () => {
		const world = new LogWorld();
		const { log } = counted(world.handle());
		await append(world, ran("first", CALM));
		const drifted = Array.from({ length: 1_200 }, (_, at) => `d-${at}`);
		for (let at = 0; at < drifted.length; at += 100) {
			await append(
				world,
				drifted.slice(at, at + 100).flatMap((id) => ran(id, OTHER)),
			);
		}
		const late = listening(log, world, "end");
		await late.ready;
		await append(world, ran("last", OTHER));
		await until(() => late.heard.length === 1);
		const all = listening(log, world, "start");
		await until(() => all.heard.length === drifted.length + 1);
		expect(all.heard).toEqual([...drifted, "last"]);
		await append(world, ran("more", OTHER));
		await until(() => late.heard.length === 2 && all.heard.length === drifted.length + 2);
		await Promise.all([late.stop(), all.stop()]);
	});

	it("that is not remembered any more is worked out again for whoever listens slowly", async () => {
		const world = new LogWorld();
		const { log } = counted(world.handle());
		const end = new AbortController();
		const types = new Set(["drift_detected"] as const);
		const options = { types, from: "end" as const, isWanted: () => true, idleMs: 60_000, signal: end.signal };
		const slow = governanceEvents(log, world.layout, options);
		await slow.next();
		const fast = listening(log, world, "end");
		await fast.ready;
		await append(world, ran("first", CALM));
		const drifted = Array.from({ length: 1_500 }, (_, at) => `d-${at}`);
		const heard: string[] = [];
		for (let at = 0; at < drifted.length; at += 100) {
			await append(
				world,
				drifted.slice(at, at + 100).flatMap((id) => ran(id, OTHER)),
			);
			// In the middle of what it has read, while the other goes on.
			if (at > 0) continue;
			const { value } = await slow.next();
			if (value?.event?.type === "drift_detected") heard.push(value.event.intent);
		}
		await until(() => fast.heard.length === drifted.length);
		while (heard.length < drifted.length) {
			const { value } = await slow.next();
			if (value?.event?.type === "drift_detected") heard.push(value.event.intent);
		}
		expect(heard).toEqual(drifted);
		end.abort();
		await slow.return();
		await fast.stop();
	});
});
