import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evolve } from "../../src/core/engine/evolve/evolve.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { TABLE_NAMES } from "../../src/core/state/image.ts";
import { emptyState, type State } from "../../src/core/state/state.ts";
import { histories, lived } from "../support/engine-history.ts";
import { plainState } from "../support/plain-state.ts";
import { imageOf } from "../support/state-image.ts";

/** What is asked of a state in between: sizes, and what goes next in each order. */
const outlook = (state: State) => ({
	sizes: TABLE_NAMES.map((name) => state[name].size),
	due: state.due.peek(),
	next: Object.values(state.forgettable).map((queue) => queue.peek()),
	orphaned: state.orphaned.size,
	carries: state.nextSeq % 64 === 0 ? state.digests.next(state) : "",
});

describe("a state of compact tables", () => {
	it.each([
		["", { days: true }],
		[", also where many rows have the same time", { round: true }],
	])("is what one of plain tables is, through any history%s", (_where, options) => {
		fc.assert(
			fc.property(histories(options), fc.tuple(fc.nat(), fc.nat()), (history, hashSeed) => {
				const { layout, entries, digests } = lived(history);
				const compact = emptyState(layout, 0, { hashSeed });
				const plain = plainState(layout);
				for (const [at, entry] of entries.entries()) {
					evolve(compact, entry);
					evolve(plain, entry);
					expect(outlook(compact)).toEqual(outlook(plain));
					if (at % 50 === 0) expect(stateDigest(compact)).toBe(stateDigest(plain));
				}
				expect(stateDigest(plain)).toBe(digests.at(-1));
				expect(imageOf(compact)).toEqual(imageOf(plain));
				for (const name of TABLE_NAMES) {
					expect(new Map<string, unknown>(compact[name].entries())).toEqual(
						new Map<string, unknown>(plain[name].entries()),
					);
				}
			}),
			{ numRuns: 50 },
		);
	});
});
