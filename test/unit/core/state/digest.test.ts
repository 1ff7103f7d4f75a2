import { describe, expect, it } from "vitest";
import { DIGEST_EVERY, StateDigests } from "../../../../src/core/state/digest.ts";
import { emptyHead } from "../../../../src/core/state/head.ts";

/** A table that changes so many rows in each interval, and keeps how many were settled at each step. */
class Busy {
	readonly settledAt: number[] = [];
	readonly #changed: number;
	waiting = 0;
	turns = 0;

	constructor(changed: number) {
		this.#changed = changed;
	}

	digest = () => new Uint8Array(32);

	settle(rows: number): void {
		this.waiting -= rows;
		this.settledAt.push(rows);
	}

	settled(): Uint8Array {
		if (this.waiting > 0) throw new Error(`${this.waiting} rows are left to be settled at once`);
		return new Uint8Array(32).fill(this.turns);
	}

	turn(): void {
		this.settled();
		this.turns += 1;
		this.waiting = this.#changed;
	}
}

const headAt = (nextSeq: number) => ({ ...emptyHead(0), nextSeq });

describe("the digests of a state (docs/design/audit.md#digests)", () => {
	it.each([1, 63, 64, 640, 1_000])("are worked off evenly when an interval has changed %i rows", (changed) => {
		const table = new Busy(changed);
		const digests = new StateDigests([table], headAt(0), true);
		for (let nextSeq = 1; nextSeq <= 4 * DIGEST_EVERY; nextSeq++) digests.step(headAt(nextSeq));
		expect(table.turns).toBe(4);
		expect(Math.max(...table.settledAt)).toBeLessThanOrEqual(Math.ceil(changed / (DIGEST_EVERY - 1)));
	});

	it("say the same of the next entry that carries one at every step of an interval", () => {
		const digests = new StateDigests([new Busy(0)], headAt(0), true);
		const empty = digests.next(headAt(0));
		for (let nextSeq = 1; nextSeq <= DIGEST_EVERY; nextSeq++) {
			digests.step(headAt(nextSeq));
			expect(digests.next(headAt(nextSeq))).toBe(empty);
		}
		digests.step(headAt(DIGEST_EVERY + 1));
		const later = digests.next(headAt(DIGEST_EVERY + 1));
		expect(later).not.toBe(empty);
		for (let nextSeq = DIGEST_EVERY + 2; nextSeq <= 2 * DIGEST_EVERY; nextSeq++) {
			digests.step(headAt(nextSeq));
			expect(digests.next(headAt(nextSeq))).toBe(later);
		}
	});
});
