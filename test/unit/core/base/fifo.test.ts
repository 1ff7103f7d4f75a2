import { describe, expect, it } from "vitest";
import { Fifo } from "../../../../src/core/base/fifo.ts";

describe("a queue", () => {
	it("gives back its items in their order, however many there were", () => {
		const queue = new Fifo<number>();
		let next = 0;
		let expected = 0;
		for (let round = 0; round < 200; round++) {
			for (let push = 0; push < 40; push++) queue.push(next++);
			for (let take = 0; take < 35; take++) expect(queue.shift()).toBe(expected++);
			expect(queue.size).toBe(next - expected);
		}
		while (queue.size > 0) expect(queue.shift()).toBe(expected++);
		expect(expected).toBe(next);
		expect(queue.shift()).toBeUndefined();
	});

	it("is empty once it is cleared", () => {
		const queue = new Fifo<string>();
		queue.push("a");
		queue.clear();
		expect(queue.size).toBe(0);
		queue.push("b");
		expect(queue.shift()).toBe("b");
	});
});
