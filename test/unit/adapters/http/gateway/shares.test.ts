import { describe, expect, it } from "vitest";
import type { Credential } from "../../../../../src/adapters/http/gateway/credential.ts";
import { DEFAULT_LIMITS } from "../../../../../src/adapters/http/gateway/limits.ts";
import { Shares } from "../../../../../src/adapters/http/gateway/shares.ts";
import { until } from "../../../../support/world.ts";

const credential = (countedAs: string): Credential => ({
	...{ id: countedAs, countedAs, name: countedAs, roles: ["agent"], tenant: "acme", agents: "*", tools: ["*"] },
	...{ actor: [], askedBy: "one", onBehalfOf: null, caps: [], expiresAt: null, rootKey: null },
});
const [ONE, OTHER] = [credential("one"), credential("other")];

describe("the share of a credential", () => {
	it("has refusals answered after a while, and beyond a thousand of them at once", async () => {
		const shares = new Shares(DEFAULT_LIMITS);
		let answered = 0;
		const refuse = (who: Credential): void => {
			void shares.holdBack(who).then(() => {
				answered += 1;
			});
		};
		for (let each = 0; each < 1_000; each++) refuse(ONE);
		await Promise.resolve();
		expect(answered).toBe(0);
		await shares.holdBack(ONE);
		expect(answered).toBe(0);
		refuse(OTHER);
		await until(() => answered === 1_001);
	});

	it("has its places once, however often one is left", () => {
		const shares = new Shares({ ...DEFAULT_LIMITS, waiting: 2, working: 1 });
		const leave = shares.enter(ONE, "waiting");
		shares.enter(ONE, "waiting");
		expect(() => shares.enter(ONE, "waiting")).toThrow("too many");
		leave();
		leave();
		shares.enter(ONE, "waiting");
		expect(() => shares.enter(ONE, "waiting")).toThrow("too many");
		shares.enter(ONE, "working");
		expect(() => shares.enter(ONE, "working")).toThrow("too many");
		shares.enter(OTHER, "working");
	});
});
