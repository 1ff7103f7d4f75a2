import { beforeEach, describe, expect, it, vi } from "vitest";
import type { decide } from "../../src/core/engine/decide/decide.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { over } from "../support/world.ts";
import type { Plant } from "./process.ts";
import { simulate } from "./simulation.ts";

const engine = vi.hoisted(() => ({ forgets: false, shares: false }));

/**
 * The engine as it is; while it `forgets`, it looks no intent up among those that it knows; while it `shares`, it opens an
 * allow to everybody who asks.
 */
vi.mock("../../src/core/engine/decide/decide.ts", async (load) => {
	const { forgetful } = await import("../support/forgetful.ts");
	const real = await load<{ decide: typeof decide }>();
	const forgetting = forgetful(real.decide);
	const step: typeof decide = (...of) => {
		const entry = engine.forgets ? forgetting(...of) : real.decide(...of);
		const isShared = engine.shares && entry.kind === "decision.repeated" && entry.status === "taken";
		return isShared ? { ...entry, status: "open" } : entry;
	};
	return { ...real, decide: step };
});

const SEEDS_MAX = 40;

/** How many seeds it takes until the checker finds something; null when it never does. */
async function seedsUntilFound(plant?: Plant): Promise<number | null> {
	for (let seed = 1; seed <= SEEDS_MAX; seed++) {
		const { findings } = await simulate(seed, plant === undefined ? {} : { plant });
		if (findings.length > 0) return seed;
	}
	return null;
}

/** Believes that an append which somebody else forestalled was its own. */
const withoutDenseCheck: Plant = (log) =>
	over(log, {
		append: async (to, records, options) => {
			const answer = await log.append(to, records, options);
			return answer.kind === "superseded" && options?.expected !== undefined
				? { kind: "appended", base: options.expected, timestamp: 0 }
				: answer;
		},
	});

/** Does not count the last entry before its own claim. (One that is missing would be noticed: offsets must be dense.) */
const restoringOneShort: Plant = (log) => {
	const claims = new Map<number, number>();
	return over(log, {
		append: async (to, records, options) => {
			const answer = await log.append(to, records, options);
			const isClaim = to.topic === TOPICS.decisions && options?.expected === undefined;
			if (isClaim && answer.kind === "appended") claims.set(to.partition, answer.base);
			return answer;
		},
		read: async (from, at, options) => {
			const records = await log.read(from, at, options);
			if (from.topic !== TOPICS.decisions) return records;
			const last = (claims.get(from.partition) ?? 0) - 1;
			return records.map((record) => (record.offset === last ? { ...record, headers: {} } : record));
		},
	});
};

/** Takes every append to the ledger for written, and releases before it knows. */
const releasingEarly: Plant = (log) =>
	over(log, {
		append: async (to, records, options) => {
			const answer = log.append(to, records, options);
			if (options?.expected === undefined) return answer;
			answer.catch(() => {});
			return { kind: "appended", base: options.expected, timestamp: 0 };
		},
	});

/** Takes silence for success. */
const assumingThatUnknownWasWritten: Plant = (log) =>
	over(log, {
		append: async (to, records, options) => {
			const answer = await log.append(to, records, options);
			return answer.kind === "unknown" && options?.expected !== undefined
				? { kind: "appended", base: options.expected, timestamp: 0 }
				: answer;
		},
	});

/** Loses what it has acknowledged of the projections. */
const losingViolations: Plant = (log) =>
	over(log, {
		append: async (to, records, options) =>
			to.topic === TOPICS.violations ? { kind: "appended", base: 0, timestamp: 0 } : log.append(to, records, options),
	});

/** Reads one input twice and passes over the next. */
const skippingInputs: Plant = (log) => {
	let reads = 0;
	return over(log, {
		read: async (from, at, options) => {
			const records = await log.read(from, at, options);
			if (from.topic !== TOPICS.intents || records.length < 2 || ++reads % 5 !== 0) return records;
			return records.map((record, index) =>
				index === 0 ? { ...(records[1] ?? record), offset: record.offset } : record,
			);
		},
	});
};

describe("the checker finds planted bugs", () => {
	beforeEach(() => {
		engine.forgets = false;
		engine.shares = false;
	});

	it("finds nothing where nothing is planted", async () => {
		for (let seed = 1; seed <= 5; seed++) expect((await simulate(seed)).findings).toEqual([]);
	});

	it.each([
		["the dense check is off", withoutDenseCheck],
		["a restore ends one record short of the claim", restoringOneShort],
		["entries are released before their append is acknowledged", releasingEarly],
		["an append that nobody answered is taken for written", assumingThatUnknownWasWritten],
		["violations are lost after their acknowledgement", losingViolations],
		["an input is decided twice in place of another", skippingInputs],
	])("when %s", async (_what, plant) => {
		expect(await seedsUntilFound(plant)).not.toBeNull();
	});

	it("when an allow is open to everybody who asks", async () => {
		engine.shares = true;
		expect(await seedsUntilFound()).not.toBeNull();
	});

	it("when intents are not deduplicated", async () => {
		engine.forgets = true;
		expect(await seedsUntilFound()).not.toBeNull();
	});
});
