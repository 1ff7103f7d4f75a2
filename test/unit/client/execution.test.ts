/** When a tool has ended, and who hears of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { execute, type ToolEnd } from "../../../src/client/execution.ts";

function begin<Out>(run: (signal: AbortSignal) => Out, of: { deadlineMs?: number; signal?: AbortSignal } = {}) {
	const ends: ToolEnd[] = [];
	const { promise: ended, resolve } = Promise.withResolvers<ToolEnd>();
	const out = execute({
		tool: "t",
		deadlineMs: of.deadlineMs ?? 60_000,
		signal: of.signal,
		run,
		onEnd: async (end) => {
			ends.push(end);
			resolve(end);
		},
	});
	return { out, ends, ended };
}

describe("a tool has ended", () => {
	it("when it returned, async or not", async () => {
		const runs: (() => unknown)[] = [() => 7, async () => 7];
		for (const run of runs) {
			const { out, ends } = begin(run);
			expect(await out).toBe(7);
			expect(ends).toMatchObject([{ status: "ok", isLate: false, result: { value: 7 } }]);
		}
	});

	it("when it threw, async or not", async () => {
		const thrown = new RangeError("its own");
		const runs = [
			() => {
				throw thrown;
			},
			async () => {
				throw thrown;
			},
		];
		for (const run of runs) {
			const { out, ends } = begin(run);
			await expect(out).rejects.toBe(thrown);
			expect(ends).toMatchObject([{ status: "error", result: null }]);
		}
	});

	it("not at its deadline: the caller hears of that, and the outcome waits", async () => {
		const release = Promise.withResolvers<string>();
		const { out, ends, ended } = begin(() => release.promise, { deadlineMs: 20 });
		await expect(out).rejects.toThrow("was told to stop and may still be running");
		await sleep(20);
		expect(ends).toEqual([]);
		release.resolve("done all the same");
		expect(await ended).toMatchObject({ status: "ok", isLate: true, result: { value: "done all the same" } });
		expect(ends).toHaveLength(1);
	});

	it("also when it fails after its deadline, where nobody waits any more", async () => {
		const { out, ended } = begin(
			(signal) =>
				new Promise((_, reject) => signal.addEventListener("abort", () => setTimeout(reject, 20, new Error("x")))),
			{ deadlineMs: 20 },
		);
		await expect(out).rejects.toMatchObject({ name: "ToolCallTimedOut" });
		expect(await ended).toMatchObject({ status: "error", isLate: true });
	});

	it("and is told by its signal when its caller stops", async () => {
		const stop = new AbortController();
		const { out } = begin(
			(signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
			{
				signal: stop.signal,
			},
		);
		stop.abort(new Error("enough"));
		await expect(out).rejects.toThrow("enough");
	});
});

describe("an async generator has ended", () => {
	async function* counting(upTo: number, tidied: string[] = []) {
		try {
			for (let at = 0; at < upTo; at++) yield at;
			return "all";
		} finally {
			tidied.push("tidy");
		}
	}
	const read = async (items: AsyncIterable<number>) => {
		const found: number[] = [];
		for await (const item of items) found.push(item);
		return found;
	};

	it("when it was read to its end, with what it returned; not when it was handed out", async () => {
		const { out, ends } = begin(() => counting(3));
		const items = await out;
		expect(ends).toEqual([]);
		expect(await read(items as unknown as AsyncIterable<number>)).toEqual([0, 1, 2]);
		expect(ends).toMatchObject([{ status: "ok", result: { value: "all" } }]);
	});

	it("when its reader left, after it has tidied up", async () => {
		const tidied: string[] = [];
		const { out, ends } = begin(() => counting(3, tidied));
		for await (const _ of (await out) as unknown as AsyncIterable<number>) break;
		expect(tidied).toEqual(["tidy"]);
		expect(ends).toMatchObject([{ status: "ok", result: null }]);
	});

	it("when it threw", async () => {
		const { out, ends } = begin(async function* () {
			yield 1;
			throw new RangeError("broke off");
		});
		await expect(read((await out) as unknown as AsyncIterable<number>)).rejects.toThrow("broke off");
		expect(ends).toMatchObject([{ status: "error", result: null }]);
	});

	it("not at its deadline, at which its reader is told", async () => {
		const release = Promise.withResolvers<void>();
		const { out, ends, ended } = begin(
			async function* () {
				yield 1;
				await release.promise;
				yield 2;
			},
			{ deadlineMs: 300 },
		);
		await expect(read((await out) as unknown as AsyncIterable<number>)).rejects.toMatchObject({
			name: "ToolCallTimedOut",
		});
		expect(ends).toEqual([]);
		release.resolve();
		expect(await ended).toMatchObject({ status: "error", isLate: true });
		await sleep(5);
		expect(ends).toHaveLength(1);
	});

	it("and until then nothing of what its reader is done with is kept", async () => {
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		const items: WeakRef<object>[] = [];
		const { out } = begin(async function* () {
			for (let at = 0; at < 200; at++) {
				const item = { at };
				items.push(new WeakRef(item));
				yield item;
			}
		});
		let held = 0;
		for await (const { at } of (await out) as unknown as AsyncIterable<{ at: number }>) {
			if (at !== 190) continue;
			// What weak references name is let go in a later turn.
			await sleep(1);
			collect();
			held = items.filter((each) => each.deref() !== undefined).length;
		}
		expect(items).toHaveLength(200);
		expect(held).toBeLessThan(100);
	});
});
