/** Signed checkpoints that no anchor holds: which of them a notary may have been at work on, and which not. */
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/core/audit/finding.ts";
import type { FoundNote } from "../../../src/verify/signed-on-log.ts";
import { type UnanchoredParts, verifyUnanchored } from "../../../src/verify/unanchored.ts";

/** Published at a time. */
const note = (of: number, size: number, at: number): FoundNote => ({
	origin: `log.example.com/decisions/${of}`,
	size,
	root: "ab".repeat(32),
	note: "",
	of,
	cosigned: [],
	where: `the checkpoint of ${size} leaves of partition ${of}`,
	place: { partition: of, offset: size },
	at,
});

function judged(parts: Partial<UnanchoredParts>) {
	const findings: Finding[] = [];
	const { notes = [], signedAt = notes.map(() => null), until = 0, clocksApartMs = 0 } = parts;
	const found = (finding: Finding): void => void findings.push(finding);
	return { rest: verifyUnanchored({ notes, signedAt, until, clocksApartMs, found }), findings };
}

describe("signed checkpoints that no anchor holds", () => {
	it("may be those of one round", () => {
		const notes = [[note(0, 4, 5_000)], [], [note(2, 9, 5_010)]];
		const { rest, findings } = judged({ notes, signedAt: [4_000, null, 4_900], until: 5_500 });
		expect(findings).toEqual([]);
		expect(rest).toEqual({ count: 2, waitingMs: 500, isOverdue: false });
		expect(judged({ notes: [[], []] })).toEqual({ rest: null, findings: [] });
	});

	it("are overdue where the log goes on for longer than a notary takes to begin again", () => {
		expect(judged({ notes: [[note(0, 4, 5_000)]], until: 65_000 }).rest?.isOverdue).toBe(false);
		expect(judged({ notes: [[note(0, 4, 5_000)]], until: 65_001 }).rest?.isOverdue).toBe(true);
	});

	it("are of several rounds where there are two of one partition", () => {
		const { findings } = judged({ notes: [[note(0, 4, 5_000), note(0, 5, 6_000)]] });
		expect(findings).toMatchObject([{ code: "anchor.missing", partition: 0, topic: "checkpoints", offset: 4 }]);
	});

	it("are of several rounds where a lower partition comes later", () => {
		const notes = [[note(0, 4, 6_200)], [note(1, 5, 5_000)]];
		expect(judged({ notes }).findings).toMatchObject([{ code: "anchor.missing", partition: 1, offset: 5 }]);
		expect(judged({ notes, clocksApartMs: 1_000 }).findings).toHaveLength(1);
		expect(judged({ notes, clocksApartMs: 1_200 }).findings).toEqual([]);
	});

	it("are of several rounds where one holds what came after another was published", () => {
		const notes = [[note(0, 4, 5_000)], [note(1, 5, 6_000)]];
		expect(judged({ notes, signedAt: [4_900, 5_000] }).findings).toEqual([]);
		const { findings } = judged({ notes, signedAt: [4_900, 5_001] });
		expect(findings).toMatchObject([{ code: "anchor.missing", partition: 0, offset: 4 }]);
		expect(findings[0]?.message).toContain("the checkpoint of 5 leaves of partition 1 was signed after");
	});
});
