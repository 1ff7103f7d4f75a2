import { describe, expect, it } from "vitest";
import {
	claimHeaders,
	emptyHead,
	judgeRecord,
	type LedgerHead,
	ledgerHeaders,
} from "../../../../src/core/ledger/validity.ts";

const A = "a".repeat(32);
const B = "b".repeat(32);

type Headers = Readonly<Record<string, string>>;

const claim = (id: string): Headers[] => [claimHeaders(id)];

/** One append: entries `first` … `first + count - 1`. */
const append = (id: string, first: number, count = 1): Headers[] =>
	Array.from({ length: count }, (_, index) => ledgerHeaders({ claim: id, seq: first + index, first }));

/** One letter per record: `C` claim, `v` valid, `.` void; and what the next reader starts from. */
function read(...parts: readonly Headers[][]): { kinds: string; head: LedgerHead; why: string[] } {
	let head = emptyHead;
	let kinds = "";
	const why: string[] = [];
	for (const headers of parts.flat()) {
		const judged = judgeRecord(head, headers);
		kinds += { claim: "C", valid: "v", void: "." }[judged.kind];
		if (judged.kind === "void") why.push(judged.why);
		head = judged.head;
	}
	return { kinds, head, why };
}

describe("the validity rule", () => {
	it("accepts appends that follow each other under the claim in force", () => {
		const { kinds, head } = read(claim(A), append(A, 0, 3), append(A, 3), append(A, 4, 2));
		expect(kinds).toBe("Cvvvvvv");
		expect(head).toEqual({ claim: A, seq: 5, previous: { claim: A, first: 4 } });
	});

	it("goes on with the next `seq` after a takeover", () => {
		expect(read(claim(A), append(A, 0, 2), claim(B), append(B, 2, 2)).kinds).toBe("CvvCvv");
	});

	it("accepts nothing before the first claim", () => {
		expect(read(append(A, 0, 2), claim(A), append(A, 0)).kinds).toBe("..Cv");
	});

	it("counts a late append that lands before the next claim: the new owner reads it", () => {
		const { kinds, head } = read(claim(A), append(A, 0), append(A, 1, 2), claim(B), append(B, 3));
		expect(kinds).toBe("CvvvCv");
		expect(head.seq).toBe(3);
	});

	it("voids a late append that lands behind the next claim, before and after the new owner has written", () => {
		const { kinds, why } = read(claim(A), append(A, 0), claim(B), append(A, 1, 2), append(B, 1), append(A, 1, 2));
		expect(kinds).toBe("CvC..v..");
		expect(new Set(why)).toEqual(new Set(["was written under a claim that is not in force"]));
	});

	it("counts an append once that arrives twice, at once or later", () => {
		const { kinds, why } = read(claim(A), append(A, 0, 2), append(A, 0, 2), append(A, 2), append(A, 0, 2));
		expect(kinds).toBe("Cvv..v..");
		expect(why[0]).toBe("has seq 0 where 2 is next");
	});

	it("voids an append written under a claim that was superseded before it was written", () => {
		expect(read(claim(A), claim(B), append(A, 0), append(B, 0)).kinds).toBe("CC.v");
	});

	it("lets nobody back in under an old claim, until it is claimed again", () => {
		expect(read(claim(A), claim(B), claim(A), append(B, 0), append(A, 0)).kinds).toBe("CCC.v");
	});

	it("voids the rest of an append that a claim cuts in two", () => {
		const [head, ...rest] = append(A, 0, 3) as [Headers, ...Headers[]];
		expect(read(claim(A), [head], claim(B), rest, append(B, 1)).kinds).toBe("CvC..v");
		expect(read(claim(A), [head], claim(A), rest, append(A, 1)).kinds).toBe("CvC..v");
	});

	it("voids the rest of an append whose beginning is missing or void", () => {
		const [, ...rest] = append(A, 0, 3);
		expect(read(claim(A), rest).kinds).toBe("C..");
		const torn = read(claim(A), append(A, 0), append(A, 0, 3));
		expect(torn.kinds).toBe("Cv...");
		expect(torn.why).toEqual([
			"has seq 0 where 1 is next",
			"is cut off from the beginning of its append",
			"has seq 2 where 1 is next",
		]);
	});

	it("voids an append in whose middle another record stands", () => {
		const [one, two, three] = append(A, 0, 3) as [Headers, Headers, Headers];
		expect(read(claim(A), [one], append(B, 1), [two, three], append(A, 1)).kinds).toBe("Cv...v");
		expect(read(claim(A), [one, two], append(A, 2), [three]).kinds).toBe("Cvvv.");
	});

	it("voids a gap in `seq`, however it is announced", () => {
		expect(read(claim(A), append(A, 1), append(A, 0), append(A, 2)).kinds).toBe("C.v.");
	});

	it("judges on from a head that a snapshot kept, at an append's end", () => {
		const head: LedgerHead = { claim: A, seq: 41, previous: null };
		expect(judgeRecord(head, ledgerHeaders({ claim: A, seq: 42, first: 42 })).kind).toBe("valid");
		expect(judgeRecord(head, ledgerHeaders({ claim: A, seq: 42, first: 41 })).kind).toBe("void");
		expect(judgeRecord(head, ledgerHeaders({ claim: B, seq: 42, first: 42 })).kind).toBe("void");
	});

	it("takes only an entry of the same claim for the beginning of an append", () => {
		const head: LedgerHead = { claim: A, seq: 4, previous: { claim: B, first: 4 } };
		expect(judgeRecord(head, ledgerHeaders({ claim: A, seq: 5, first: 4 })).kind).toBe("void");
	});

	it("ends where numbers stop being exact", () => {
		const head: LedgerHead = { claim: A, seq: Number.MAX_SAFE_INTEGER, previous: null };
		const next = Number.MAX_SAFE_INTEGER + 1;
		expect(judgeRecord(head, ledgerHeaders({ claim: A, seq: next, first: next })).kind).toBe("void");
	});

	it.each<[string, Headers]>([
		["no headers", {}],
		["no kind", { "assent-claim": A, "assent-seq": "0", "assent-first": "0" }],
		["an unknown kind", { "assent-claim": A, "assent-kind": "Claim" }],
		["a claim without id", { "assent-kind": "claim" }],
		["a claim whose id is too short", claimHeaders("a1")],
		["a claim whose id is in capitals", claimHeaders(A.toUpperCase())],
		["an entry without claim", { "assent-kind": "entry", "assent-seq": "0", "assent-first": "0" }],
		["an entry without seq", { "assent-claim": A, "assent-kind": "entry", "assent-first": "0" }],
		["an entry without first", { "assent-claim": A, "assent-kind": "entry", "assent-seq": "0" }],
		["a padded seq", { ...append(A, 0)[0], "assent-seq": "00" }],
		["a negative seq", { ...append(A, 0)[0], "assent-seq": "-0" }],
		["a seq with a space", { ...append(A, 0)[0], "assent-seq": " 0" }],
		["a seq in hexadecimal", { ...append(A, 0)[0], "assent-seq": "0x0" }],
		["an empty seq", { ...append(A, 0)[0], "assent-seq": "" }],
		["a first beyond 2^53", { ...append(A, 0)[0], "assent-first": "9007199254740993" }],
	])("voids %s, and is not put off its course", (_, headers) => {
		const { kinds, head } = read(claim(A), [headers], append(A, 0));
		expect(kinds).toBe("C.v");
		expect(head).toEqual({ claim: A, seq: 0, previous: { claim: A, first: 0 } });
	});
});
