/** What the thread says of two sets is what comparing them here says, and one that does not get on gives no answer. */
import { describe, expect, it } from "vitest";
import { threadReviewer } from "../../../../src/adapters/threads/review-thread.ts";
import type { PolicySourceText } from "../../../../src/core/model/records.ts";

const policy = (tools: string): readonly PolicySourceText[] => [
	{ name: "p.yaml", text: `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: ${tools}\n` },
];

const changes = (inForce: string, next: string) => ({
	inForce: policy(inForce),
	next: policy(next),
	budgetRoot: "tenant" as const,
});

describe("a thread that compares policies", () => {
	it.each([
		["{ allow: [a, b] }", "{ allow: [b] }", true],
		["{ allow: [a, b] }", "{ allow: [b, a] }", true],
		["{ allow: [b] }", "{ allow: [a, b] }", false],
		["{ allow: [a] }", "{ allow: [b] }", false],
		["{ allow: [a] }", "{ allow: { ", false],
		["{ allow: { ", "{ allow: none }", false],
	])("in the place of %s takes %s: %s", async (inForce, next, isAsStrict) => {
		expect(await threadReviewer(60_000).isAsStrict(changes(inForce, next))).toBe(isAsStrict);
	});

	it("says that it has no answer in time", async () => {
		const answer = threadReviewer(0).isAsStrict(changes("{ allow: all }", "{ allow: none }"));
		await expect(answer).rejects.toThrow("was not finished within 0 ms");
	});
});
