import { describe, expect, it } from "vitest";
import { simulateNotary } from "./notary-simulation.ts";

/** `npm run notary-simulation` for 10,000; `ASSENT_SIMULATION=17 npx vitest run test/simulation/notary.test.ts` for one again. */
const seeds = Number(process.env["ASSENT_SIMULATIONS"] ?? 300);
const only = process.env["ASSENT_SIMULATION"];
const first = only === undefined ? 1 : Number(only);
const last = only === undefined ? seeds : first;

/** A schedule that never leads there proves nothing. */
const EXPECTED = [
	"signed",
	"ended well",
	"two at once",
	"put back",
	"cut",
	"void appends",
	"broker away",
	"killed before state",
	"killed after state",
	"killed after append",
	"killed before write",
	"killed after write",
	"checkpoints without an anchor",
	"anchors missed",
	"ASSENT_NOTARY_HISTORY",
	"ASSENT_NOTARY_STATE",
	"ASSENT_NOTARY_TAKEN",
];

describe("notaries under faults, simulated from a seed", () => {
	it(
		"never sign a fork, and publish no checkpoint without its leaves",
		async () => {
			const seen = new Map<string, number>();
			for (let seed = first; seed <= last; seed++) {
				const { findings, counts } = await simulateNotary(seed);
				expect(findings, `seed ${seed}: run again with ASSENT_SIMULATION=${seed}`).toEqual([]);
				for (const [name, count] of Object.entries(counts)) seen.set(name, (seen.get(name) ?? 0) + count);
			}
			if (only !== undefined) return;
			for (const name of EXPECTED) expect(seen.get(name) ?? 0, `${name} in ${seeds} seeds`).toBeGreaterThan(0);
		},
		seeds * 1_000,
	);

	it("are found out where their state takes a version that is there already", async () => {
		let found = 0;
		for (let seed = 1; seed <= 300; seed++) {
			const { findings } = await simulateNotary(seed, { isBlind: true });
			if (findings.some((finding) => finding.startsWith("fork"))) found += 1;
		}
		expect(found).toBeGreaterThan(0);
	});
});
