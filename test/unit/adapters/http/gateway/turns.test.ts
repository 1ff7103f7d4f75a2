import { describe, expect, it } from "vitest";
import { Turns } from "../../../../../src/adapters/http/gateway/turns.ts";

const { signal } = new AbortController();
const [ONE, OTHER] = [{ countedAs: "one" }, { countedAs: "other" }];

describe("turns", () => {
	it("are taken one at a time, in order, also after one that fails", async () => {
		const turns = new Turns();
		let running = 0;
		const seen: number[] = [];
		const work = (index: number) => async (): Promise<number> => {
			running += 1;
			expect(running).toBe(1);
			await new Promise((resolve) => setImmediate(resolve));
			running -= 1;
			seen.push(index);
			if (index === 1) throw new Error("one");
			return index;
		};
		const all = await Promise.allSettled([0, 1, 2].map((index) => turns.take(ONE, work(index), signal)));
		expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(seen).toEqual([0, 1, 2]);
	});

	it("are not taken for a caller of whom the event loop has yet to hear that it has gone away", async () => {
		const turns = new Turns();
		const leaving = new AbortController();
		let worked = 0;
		const gone = turns.take(
			ONE,
			async () => {
				worked += 1;
			},
			leaving.signal,
		);
		setImmediate(() => leaving.abort(new Error("gone")));
		await expect(gone).rejects.toThrow("gone");
		expect(worked).toBe(0);
	});

	it("are refused where too many wait, and not worked on for callers that have gone away", async () => {
		const turns = new Turns();
		const { promise, resolve } = Promise.withResolvers<void>();
		const leaving = new AbortController();
		let worked = 0;
		const first = turns.take(ONE, () => promise, signal);
		const gone = turns.take(
			ONE,
			async () => {
				worked += 1;
			},
			leaving.signal,
		);
		const waiting = Array.from({ length: 31 }, () => turns.take(ONE, async () => {}, signal));
		await expect(turns.take(ONE, async () => {}, signal)).rejects.toMatchObject({ code: "GATEWAY_RATE" });
		leaving.abort(new Error("gone"));
		resolve();
		const ended = Promise.all([first, ...waiting]);
		await expect(gone).rejects.toThrow("gone");
		await ended;
		expect(worked).toBe(0);
		await turns.take(ONE, async () => {}, signal);
	});

	it("are taken in turns by those who wait, however many one of them has", async () => {
		const turns = new Turns();
		const seen: string[] = [];
		const { promise, resolve } = Promise.withResolvers<void>();
		const first = turns.take(ONE, () => promise, signal);
		const all = [ONE, ONE, ONE, OTHER, OTHER].map((who) =>
			turns.take(who, async () => seen.push(who.countedAs), signal),
		);
		resolve();
		await Promise.all([first, ...all]);
		expect(seen).toEqual(["one", "other", "one", "other", "one"]);
	});

	it("are full for the one whose requests wait, and for nobody else", async () => {
		const turns = new Turns();
		const { promise, resolve } = Promise.withResolvers<void>();
		const all = Array.from({ length: 33 }, () => turns.take(ONE, () => promise, signal));
		await expect(turns.take(ONE, async () => {}, signal)).rejects.toMatchObject({ code: "GATEWAY_RATE" });
		const other = turns.take(OTHER, async () => "other", signal);
		resolve();
		await Promise.all(all);
		expect(await other).toBe("other");
	});
});
