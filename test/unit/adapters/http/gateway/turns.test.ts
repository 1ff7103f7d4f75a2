import { describe, expect, it } from "vitest";
import { Turns } from "../../../../../src/adapters/http/gateway/turns.ts";

const { signal } = new AbortController();

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
		const all = await Promise.allSettled([0, 1, 2].map((index) => turns.take(work(index), signal)));
		expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
		expect(seen).toEqual([0, 1, 2]);
	});

	it("are refused where too many wait, and not worked on for callers that have gone away", async () => {
		const turns = new Turns();
		const { promise, resolve } = Promise.withResolvers<void>();
		const leaving = new AbortController();
		let worked = 0;
		const first = turns.take(() => promise, signal);
		const gone = turns.take(async () => {
			worked += 1;
		}, leaving.signal);
		const waiting = Array.from({ length: 30 }, () => turns.take(async () => {}, signal));
		await expect(turns.take(async () => {}, signal)).rejects.toMatchObject({ code: "GATEWAY_RATE" });
		leaving.abort(new Error("gone"));
		resolve();
		await Promise.all([first, ...waiting]);
		await expect(gone).rejects.toThrow("gone");
		expect(worked).toBe(0);
		await turns.take(async () => {}, signal);
	});
});
