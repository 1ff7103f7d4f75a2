import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PendingCalls } from "../../src/client/pending.ts";
import { commitment, sha256Hex } from "../../src/core/base/digest.ts";
import { encodeInput } from "../../src/core/codec/encode.ts";
import type { DecisionReplied } from "../../src/core/model/records.ts";
import { derivedByType } from "../support/arbitraries.ts";
import { intentOf } from "../support/engine-world.ts";

const intent = intentOf({ id: "c", issuedAt: 1_700_000_000_000 });
const OWN = commitment(intent.salt, intent.tool, intent.argsText);
const names = {
	tenant: fc.constantFrom("acme", "evil"),
	agent: fc.constantFrom("coder", "x"),
	id: fc.constantFrom("c", "d"),
};
const about = fc.constantFrom(OWN, "", "ab".repeat(32), sha256Hex(encodeInput(intent)), sha256Hex("other"));

/** Any reply at the call's address: most are near misses, some are about the call. */
const replies: fc.Arbitrary<DecisionReplied> = fc
	.tuple(derivedByType["decision.replied"], fc.record(names), about)
	.map(([reply, call, commitment]) => ({
		...reply,
		replyId: "r",
		call,
		commitment,
		expiresAt: intent.issuedAt + 60_000,
	}));

describe("an answer at a call's address", () => {
	it("is believed if and only if it is about the call, whatever else it says", async () => {
		const seen = { believed: 0, foreign: 0 };
		await fc.assert(
			fc.asyncProperty(fc.array(replies, { minLength: 1, maxLength: 12 }), async (all) => {
				const foreign: DecisionReplied[] = [];
				const heard: DecisionReplied[] = [];
				const pending = new PendingCalls({
					isSigning: false,
					digestOf: (intent) => sha256Hex(encodeInput(intent)),
					clock: { now: () => intent.issuedAt },
					send: () => {},
					giveUp: () => {},
					held: (_, reply) => heard.push(reply),
					foreign: (_, reply) => foreign.push(reply),
				});
				let resolved: number | null = null;
				const isOwn = ({ call, commitment }: DecisionReplied): boolean =>
					call.tenant === "acme" &&
					call.agent === "coder" &&
					call.id === "c" &&
					(commitment === OWN || commitment === sha256Hex(encodeInput(intent)));
				const deciding = pending.await(intent, "r", { isReturned: () => false }, {}).then((decision) => {
					resolved = decision.seq;
				});
				for (const reply of all) pending.answered(reply);
				// A hold or a grant is no end of the wait.
				const final = all.find((each) => isOwn(each) && each.verdict !== "hold" && each.status !== "granted");
				await Promise.resolve();
				await Promise.resolve();
				expect(resolved).toBe(final === undefined ? null : final.seq);
				const before = final === undefined ? all : all.slice(0, all.indexOf(final));
				expect(foreign).toEqual(before.filter((each) => !isOwn(each)));
				expect(heard.every(isOwn)).toBe(true);
				seen.foreign += foreign.length;
				if (final !== undefined) seen.believed += 1;
				pending.denyAll();
				await deciding;
			}),
			{ numRuns: 300 },
		);
		for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
	});
});
