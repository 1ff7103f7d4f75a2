import { describe, expect, it } from "vitest";
import { type SimulationResult, simulate } from "./simulation.ts";

/** `ASSENT_SIMULATIONS=5000 npx vitest run test/simulation` for a long run; `ASSENT_SIMULATION=17` for one again. */
const seeds = Number(process.env["ASSENT_SIMULATIONS"] ?? 200);
const only = process.env["ASSENT_SIMULATION"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? seeds : first;

describe("processors under faults, simulated from a seed", () => {
	it(
		"lose nothing, decide nothing twice, overspend nothing and can be recomputed",
		async () => {
			const seen = new Map<string, number>();
			for (let seed = first; seed <= last; seed++) {
				const result = await simulate(seed);
				expect(result.findings, `seed ${seed}: run again with ASSENT_SIMULATION=${seed}`).toEqual([]);
				for (const [name, count] of Object.entries(figuresOf(result))) seen.set(name, (seen.get(name) ?? 0) + count);
			}
			// A schedule that never leads anywhere proves nothing.
			if (only === undefined)
				for (const name of EXPECTED) expect(seen.get(name) ?? 0, `${name} in ${seeds} seeds`).toBeGreaterThan(0);
		},
		seeds * 3_000,
	);

	it("gives the same run for the same seed", async () => {
		const [one, two] = [await simulate(11), await simulate(11)];
		expect(one).toEqual(two);
	});
});

const figuresOf = (result: SimulationResult): Record<string, number> => ({
	...result.counts,
	...result.entriesBy,
	...result.marks,
	restoredFromSnapshot: result.restoredFromSnapshot,
});

const EXPECTED = [
	"voids",
	"violations",
	"checkpoints",
	"deadLetters",
	"snapshots",
	"restoredFromSnapshot",
	"late",
	"ahead",
	"decision.made",
	"decision.made credential.budget",
	"decision.held",
	"decision.repeated",
	"usage.settled ok",
	"usage.settled error",
	"usage.settled unknown",
	"approval.recorded",
	"policy.activated",
	"policy.proposed",
	"halt.set",
	"halt.lifted",
	"budget.adjusted",
	"session.ended",
	"intent.abandoned",
	"clock.ticked",
	"input.rejected record.unreadable",
	"input.rejected intent.misrouted",
	"input.rejected intent.id_reused",
	"input.rejected policy.invalid",
	"input.rejected call.ungoverned",
	"input.rejected control.misrouted",
	"effect hold.expired",
	"effect hold.ended",
	"effect reservation.expired",
	"effect slot.expired",
];
