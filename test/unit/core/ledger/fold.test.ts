import { describe, expect, it } from "vitest";
import { encodeDerived, encodeEntry } from "../../../../src/core/codec/encode.ts";
import {
	beginFold,
	type Folded,
	foldRecord,
	type LedgerRecord,
	layoutDifference,
} from "../../../../src/core/ledger/fold.ts";
import { claimHeaders, ledgerHeaders } from "../../../../src/core/ledger/validity.ts";
import { CompactRange } from "../../../../src/core/merkle/compact-range.ts";
import { type LedgerEntry, SEMANTICS } from "../../../../src/core/model/entries.ts";
import { stateDigest } from "../../../../src/core/state/digest.ts";
import { given, intent, outcome, policies, policyText } from "../../../support/engine.ts";
import { LAYOUT } from "../../../support/engine-world.ts";

const CLAIM = "a".repeat(32);
const LATER = "b".repeat(32);

const claim = (id: string): Omit<LedgerRecord, "offset"> => ({
	headers: claimHeaders(id),
	value: encodeDerived({ type: "claim", claimId: id, instance: "test", layout: LAYOUT }),
});

const leaf = (seq: number, value: Uint8Array, of = CLAIM): Omit<LedgerRecord, "offset"> => ({
	headers: ledgerHeaders({ claim: of, seq, first: seq }),
	value,
});

const { world } = given(
	policies(policyText("guard", "limits: [{name: cap, measure: tool_calls, scope: agent, max: 2}]")),
	intent({ id: "a" }),
	outcome("a"),
	intent({ id: "b" }),
	intent({ id: "c" }),
);

/** Folds records one behind the other; a problem is thrown by its code. */
function fold(records: readonly Omit<LedgerRecord, "offset">[]): Folded {
	const folded = beginFold(LAYOUT, 0);
	for (const [offset, record] of records.entries()) {
		const result = foldRecord(folded, { ...record, offset });
		if (!result.ok) throw new Error(`${result.error.code} ${result.error.message}`);
	}
	return folded;
}

const valid = world.leaves.map((value, seq) => leaf(seq, value));

describe("folding a ledger", () => {
	it("gives the state and the tree of its valid entries", () => {
		const folded = fold([claim(CLAIM), ...valid]);
		const tree = new CompactRange();
		for (const value of world.leaves) tree.append(value);
		expect(stateDigest(folded.state)).toBe(world.digests.at(-1));
		expect(folded.tree.root()).toBe(tree.root());
		expect(folded.head).toMatchObject({ claim: CLAIM, seq: world.leaves.length - 1 });
		expect(folded.voids).toBe(0);
	});

	it("passes over everything that the rule voids, wherever it stands", () => {
		const void_ = leaf(1, world.leaves[1] ?? new Uint8Array(), LATER);
		const records = [valid[0], claim(CLAIM), void_, ...valid.slice(0, 2), void_, ...valid.slice(2), valid[4]];
		const folded = fold(records.filter((record) => record !== undefined));
		expect(stateDigest(folded.state)).toBe(world.digests.at(-1));
		expect(folded.voids).toBe(4);
	});

	it("nothing written under a claim counts behind a later claim", () => {
		const folded = fold([claim(CLAIM), ...valid.slice(0, 3), claim(LATER), ...valid.slice(3)]);
		expect(folded.state.nextSeq).toBe(3);
		expect(stateDigest(folded.state)).toBe(world.digests[2]);
	});

	it("says what each record was", () => {
		const folded = beginFold(LAYOUT, 0);
		expect(foldRecord(folded, { ...claim(CLAIM), offset: 0 })).toEqual({
			ok: true,
			value: { kind: "claim", layout: LAYOUT },
		});
		expect(foldRecord(folded, { ...(valid[0] ?? claim(CLAIM)), offset: 1 })).toEqual({
			ok: true,
			value: { kind: "entry", entry: world.entries[0] },
		});
		expect(foldRecord(folded, { ...(valid[3] ?? claim(CLAIM)), offset: 2 })).toEqual({
			ok: true,
			value: { kind: "void" },
		});
	});
});

describe("a valid entry that does not fold", () => {
	const folded = (change: Partial<LedgerEntry>) => {
		const entry = { ...world.entries[0], ...change } as LedgerEntry;
		return () => fold([claim(CLAIM), leaf(0, encodeEntry(entry))]);
	};

	it("ends the fold: its bytes cannot be read", () => {
		expect(() => fold([claim(CLAIM), leaf(0, Uint8Array.of(1, 2, 3))])).toThrow("ASSENT_LEDGER_INVALID");
		expect(() => fold([claim(CLAIM), leaf(0, encodeDerived({ ...layoutClaim }))])).toThrow("ASSENT_LEDGER_INVALID");
	});

	it("ends the fold: it is of a newer version", () => {
		const newer = SEMANTICS + 1;
		expect(folded({ semantics: newer })).toThrow(new RegExp(`ASSENT_LEDGER_VERSION .*semantics ${newer}`));
	});

	it("ends the fold: another version wrote it, and this one does not know its schema", () => {
		const unknown = Uint8Array.of(0xc3, 0x01, 1, 2, 3, 4, 5, 6, 7, 8, 9);
		const refused =
			/^ASSENT_LEDGER_VERSION the (entry|claim) at offset \d comes from another version: .*`0102030405060708`/;
		expect(() => fold([claim(CLAIM), leaf(0, unknown)])).toThrow(refused);
		expect(() => fold([{ ...claim(CLAIM), value: unknown }])).toThrow(refused);
	});

	it("ends the fold: its own seq is not the one of its header", () => {
		expect(folded({ seq: 7 })).toThrow(/ASSENT_LEDGER_INVALID .*says seq 7 where 0 is due/);
	});

	it("ends the fold: a claim that cannot be read", () => {
		const broken = { ...claim(CLAIM), value: Uint8Array.of(0) };
		expect(() => fold([broken])).toThrow("ASSENT_LEDGER_INVALID");
		expect(() => fold([{ ...claim(CLAIM), value: world.leaves[0] ?? new Uint8Array() }])).toThrow(
			"ASSENT_LEDGER_INVALID",
		);
	});

	it("leaves the state as it was", () => {
		const before = beginFold(LAYOUT, 0);
		foldRecord(before, { ...claim(CLAIM), offset: 0 });
		const digest = stateDigest(before.state);
		foldRecord(before, { ...leaf(0, Uint8Array.of(1)), offset: 1 });
		expect(stateDigest(before.state)).toBe(digest);
		expect(before.head.seq).toBe(-1);
	});
});

const layoutClaim = { type: "claim", claimId: CLAIM, instance: "test", layout: LAYOUT } as const;

describe("two layouts", () => {
	it("that agree make one ledger; else it is said what differs", () => {
		expect(layoutDifference(LAYOUT, { ...LAYOUT })).toBeNull();
		expect(layoutDifference(LAYOUT, { ...LAYOUT, partitions: 9 })).toBe(
			"layout.partitions is 9 in the ledger and 1 here",
		);
		expect(layoutDifference(LAYOUT, { ...LAYOUT, budgetRoot: "tenant/agent" })).toContain("budgetRoot");
		expect(layoutDifference(LAYOUT, { ...LAYOUT, dedupeMs: 1 })).toContain("layout.dedupe is 1ms");
		expect(layoutDifference(LAYOUT, { ...LAYOUT, sessionMs: 1 })).toContain("layout.session");
	});
});
