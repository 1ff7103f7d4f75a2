/** How long a held call is waited on. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Decision } from "../../../src/client/decision.ts";
import { PendingCalls } from "../../../src/client/pending.ts";
import { commitment, sha256Hex } from "../../../src/core/base/digest.ts";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import type { DecisionReplied } from "../../../src/core/model/records.ts";
import { derivedByType } from "../../support/arbitraries.ts";
import { intentOf } from "../../support/engine-world.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function waiting(holdMs: number) {
	const intent = intentOf({ id: "c", issuedAt: Date.now() });
	const [any] = fc.sample(derivedByType["decision.replied"], { numRuns: 1, seed: 1 }) as [DecisionReplied];
	const about = commitment(intent.salt, intent.tool, intent.argsText);
	const call = { tenant: "acme", agent: "coder", id: "c" };
	const reply = (part: Pick<DecisionReplied, "verdict" | "status">): DecisionReplied => ({
		...{ ...any, replyId: "r", call, commitment: about, expiresAt: Date.now() + 600_000 },
		...part,
	});
	const pending = new PendingCalls({
		clock: { now: () => Date.now() },
		isSigning: false,
		digestOf: (intent) => sha256Hex(encodeInput(intent)),
		send: () => {},
		giveUp: () => {},
		held: () => {},
		foreign: () => {},
	});
	let made: Decision | null = null;
	void pending.await(intent, "r", { isReturned: () => false, holdMs }, {}).then((decision) => {
		made = decision;
	});
	return { pending, reply, made: () => made };
}

describe("a held call that is waited on for a while", () => {
	it("comes back as the hold once that has passed, and not before", async () => {
		const { pending, reply, made } = waiting(1_000);
		pending.answered(reply({ verdict: "hold", status: "held" }));
		expect(pending.isHeld("r")).toBe(true);
		await vi.advanceTimersByTimeAsync(999);
		expect(made()).toBeNull();
		// A repetition of the hold does not begin it anew.
		pending.answered(reply({ verdict: "hold", status: "held" }));
		await vi.advanceTimersByTimeAsync(1);
		expect(made()).toMatchObject({ verdict: "hold", status: "held" });
	});

	it("comes back as what it was granted, also where that has passed between the grant and the answer", async () => {
		const { pending, reply, made } = waiting(1_000);
		pending.answered(reply({ verdict: "hold", status: "held" }));
		await vi.advanceTimersByTimeAsync(900);
		pending.answered(reply({ verdict: "hold", status: "granted" }));
		await vi.advanceTimersByTimeAsync(500);
		expect(made()).toBeNull();
		pending.answered(reply({ verdict: "allow", status: "open" }));
		await vi.advanceTimersByTimeAsync(0);
		expect(made()).toMatchObject({ verdict: "allow", status: "open" });
	});
});
