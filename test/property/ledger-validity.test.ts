import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyHead, judgeRecord, type LedgerHead } from "../../src/core/ledger/validity.ts";
import { type Command, commands, type Faults, type Judge, simulate, violations } from "../support/ledger-model.ts";

const RUNS = { numRuns: 3_000 };

/** The rule once more, in other words, with each condition to be left out: an oracle when complete, a planted bug else. */
function rule(asked: { claim: boolean; seq: boolean; whole: boolean }): Judge {
	return (head, headers) => {
		const claim = headers["assent-claim"] ?? "";
		if (headers["assent-kind"] === "claim") return { kind: "claim", head: { ...head, claim, previous: null } };
		const seq = Number(headers["assent-seq"]);
		const first = Number(headers["assent-first"]);
		const isOfCurrent = claim === head.claim;
		const isNext = seq === head.seq + 1;
		const isWhole = seq === first || (head.previous?.claim === claim && head.previous.first === first);
		if ((asked.claim && !isOfCurrent) || (asked.seq && !isNext) || (asked.whole && !isWhole)) {
			return { kind: "void", why: "", head: { ...head, previous: null } };
		}
		return { kind: "valid", head: { claim: head.claim, seq, previous: { claim, first } } };
	};
}

const complete = { claim: true, seq: true, whole: true };

const isCaught = (faults: Faults): boolean => {
	const holds = fc.property(commands, (steps) => violations(simulate(steps, faults), faults.judge).length === 0);
	return fc.check(holds, { numRuns: 20_000 }).failed;
};

describe("the validity rule", () => {
	it("keeps every promise under lost, late, doubled and slow appends and claims of three owners", () => {
		fc.assert(
			fc.property(commands, (steps) => {
				expect(violations(simulate(steps, { judge: judgeRecord }), judgeRecord)).toEqual([]);
			}),
			RUNS,
		);
	});

	it("keeps them even when owners use a claim id again, because an append is valid as a whole", () => {
		fc.assert(
			fc.property(commands, (steps) => {
				const faults = { judge: judgeRecord, isClaimIdReused: true };
				expect(violations(simulate(steps, faults), judgeRecord)).toEqual([]);
			}),
			RUNS,
		);
	});

	it("judges every record as the rule in other words does", () => {
		fc.assert(
			fc.property(commands, (steps) => {
				let head: LedgerHead = emptyHead;
				for (const { headers } of simulate(steps, { judge: judgeRecord }).log) {
					const judged = judgeRecord(head, headers);
					const other = rule(complete)(head, headers);
					expect({ kind: judged.kind, head: judged.head }).toEqual({ kind: other.kind, head: other.head });
					head = judged.head;
				}
			}),
			RUNS,
		);
	});

	it("takes any headers whatsoever, and moves `seq` only for valid entries", () => {
		const text = fc.oneof(
			fc.string(),
			fc.constantFrom(
				"claim",
				"entry",
				"0",
				"1",
				"2",
				"-1",
				"01",
				"1e3",
				"9007199254740993",
				"0".repeat(32),
				"f".repeat(32),
			),
		);
		const headers = fc.dictionary(fc.constantFrom("assent-claim", "assent-kind", "assent-seq", "assent-first"), text);
		fc.assert(
			fc.property(fc.array(headers), (records) => {
				let head: LedgerHead = emptyHead;
				for (const record of records) {
					const judged = judgeRecord(head, record);
					expect(judged.head.seq).toBe(judged.kind === "valid" ? head.seq + 1 : head.seq);
					if (judged.kind !== "claim") expect(judged.head.claim).toBe(head.claim);
					if (judged.kind !== "valid") expect(judged.head.previous).toBeNull();
					head = judged.head;
				}
			}),
		);
	});
});

describe("the checker", () => {
	it("sees histories in which much happens: voids of every cause, takeovers, releases", () => {
		const seen = new Map<string, number>();
		const count = (what: string): Map<string, number> => seen.set(what, (seen.get(what) ?? 0) + 1);
		for (const steps of fc.sample<readonly Command[]>(commands, { numRuns: 2_000, seed: 7 })) {
			const { log, released } = simulate(steps, { judge: judgeRecord });
			let head: LedgerHead = emptyHead;
			for (const { headers } of log) {
				const judged = judgeRecord(head, headers);
				count(judged.kind === "void" ? judged.why.replace(/\d+/g, "N") : judged.kind);
				head = judged.head;
			}
			if (released.length > 0) count("released");
		}
		for (const what of [
			"claim",
			"valid",
			"released",
			"was written under a claim that is not in force",
			"has seq N where N is next",
		]) {
			expect(seen.get(what) ?? 0, what).toBeGreaterThan(100);
		}
	});

	it.each<[string, Faults]>([
		["no claim condition", { judge: rule({ ...complete, claim: false }) }],
		["no claim condition, entry by entry", { judge: rule({ claim: false, seq: true, whole: false }) }],
		["no seq condition", { judge: rule({ ...complete, seq: false }) }],
		[
			"validity entry by entry, with a claim id used again",
			{ judge: rule({ ...complete, whole: false }), isClaimIdReused: true },
		],
		["owners that release without a dense acknowledgement", { judge: judgeRecord, isDenseCheckOff: true }],
	])("catches a planted bug: %s", (_, faults) => {
		expect(isCaught(faults)).toBe(true);
	});

	it("has nothing to say of the rule in other words", () => {
		expect(
			fc.check(
				fc.property(
					commands,
					(steps) => violations(simulate(steps, { judge: rule(complete) }), rule(complete)).length === 0,
				),
				RUNS,
			).failed,
		).toBe(false);
	});
});
