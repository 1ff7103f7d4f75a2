import { describe, expect, it } from "vitest";
import type { FetchedPartition } from "../../../../../src/adapters/kafka/protocol/fetched-batches.ts";
import { Window } from "../../../../../src/adapters/kafka/reading/window.ts";

const OF = { topic: "intents", partition: 0 };
const LIMITS = { recordsMax: 100, bytesMax: 1_000 };

/** Records of 10 bytes at these offsets, fetched in one go. */
const fetched = (offsets: readonly number[], next = (offsets.at(-1) ?? -1) + 1): FetchedPartition => ({
	topic: "p.intents",
	partition: 0,
	errorCode: 0,
	highWatermark: next,
	next,
	holeUntil: null,
	damaged: null,
	records: offsets.map((offset) => ({
		...{ offset, timestamp: 0, key: null, value: new Uint8Array(10), headers: {} },
		bytes: 10,
	})),
});

const offsets = (window: Window, at: number, limits = LIMITS): number[] =>
	window.read(OF, at, limits).map(({ offset }) => offset);

describe("a window on a partition", () => {
	it("says why a record cannot be read", () => {
		const window = new Window(0);
		const { records, ...rest } = fetched([0, 1]);
		window.add({
			...rest,
			records: records.map((record, index) => (index === 1 ? { ...record, unreadable: "why" } : record)),
		});
		expect(window.read(OF, 0, LIMITS).map(({ unreadable }) => unreadable)).toEqual([undefined, "why"]);
	});

	it("reads forwards in pieces and forgets what was read over", () => {
		const window = new Window(10);
		window.add(fetched([10, 11, 12]));
		window.add(fetched([13, 14]));
		expect(window.next).toBe(15);
		expect(offsets(window, 10, { ...LIMITS, recordsMax: 2 })).toEqual([10, 11]);
		expect(offsets(window, 12)).toEqual([12, 13, 14]);
		expect(window.bytes).toBe(30);
		expect(window.holds(11)).toBe(false);
		expect(window.holds(15)).toBe(false);
	});

	it("leaves out what a batch holds from before the offset that was asked for", () => {
		const window = new Window(12);
		window.add(fetched([10, 11, 12, 13]));
		expect(offsets(window, 12)).toEqual([12, 13]);
		expect(window.bytes).toBe(20);
	});

	it("gives at most the bytes asked for, but always a record", () => {
		const window = new Window(0);
		window.add(fetched([0, 1, 2]));
		expect(offsets(window, 0, { recordsMax: 9, bytesMax: 25 })).toEqual([0, 1]);
		expect(offsets(window, 0, { recordsMax: 9, bytesMax: 1 })).toEqual([0]);
	});

	it("knows nothing of what lies beyond its last record, though a batch without records was fetched", () => {
		const window = new Window(0);
		window.add(fetched([0, 1], 5));
		expect(window.next).toBe(5);
		expect(window.holds(1)).toBe(true);
		expect(window.holds(3)).toBe(false);
	});

	it("makes room for more when its reader waits behind all that it holds", () => {
		const window = new Window(0);
		window.add(fetched([0, 1]));
		expect(offsets(window, 0)).toEqual([0, 1]);
		window.passOver(2);
		expect(window.bytes).toBe(0);
		window.add(fetched([2]));
		expect(offsets(window, 2)).toEqual([2]);
	});

	it("starts again elsewhere", () => {
		const window = new Window(0);
		window.add(fetched([0, 1]));
		window.reset(100);
		expect(window.holds(0)).toBe(false);
		window.add(fetched([100, 102]));
		expect(offsets(window, 100)).toEqual([100, 102]);
		expect(window.bytes).toBe(20);
	});
});
