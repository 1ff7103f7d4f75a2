import { describe, expect, it } from "vitest";
import { budgetRootKey, callKey, scopeKey, sessionKey } from "../../../../src/core/model/ids.ts";

const who = { tenant: "acme", agent: "coder", session: "run-7" };

describe("keys", () => {
	it("join their parts with a slash", () => {
		expect(scopeKey("tenant", who)).toBe("acme");
		expect(scopeKey("agent", who)).toBe("acme/coder");
		expect(scopeKey("session", who)).toBe("acme/coder/run-7");
		expect(sessionKey(who)).toBe("acme/coder/run-7");
		expect(callKey({ tenant: "acme", agent: "coder", id: "c-1" })).toBe("acme/coder/c-1");
	});

	it("encode what could be taken for a separator: no two names give one key", () => {
		const keyOf = (tenant: string, agent: string): string => scopeKey("agent", { tenant, agent, session: "" });
		expect(keyOf("a/b", "c")).toBe("a%2Fb/c");
		expect(keyOf("a", "b/c")).toBe("a/b%2Fc");
		expect(keyOf("a%2Fb", "c")).toBe("a%252Fb/c");
		expect(keyOf("a#b", "ü 名")).toBe("a%23b/%C3%BC%20%E5%90%8D");
	});

	it("are each call's and each session's own, whichever was asked for before", () => {
		const names = ["a", "b", "a/b"];
		const all = names.flatMap((tenant) =>
			names.flatMap((agent) => names.map((last) => ({ tenant, agent, id: last, session: last }))),
		);
		for (const of of [...all, ...all.toReversed()]) {
			const key = [of.tenant, of.agent, of.id].map(encodeURIComponent).join("/");
			expect(callKey(of)).toBe(key);
			expect(sessionKey(of)).toBe(key);
		}
	});

	it("are bounded, whatever is named: the beginning and the digest of a long part", () => {
		const [one, other] = ["名".repeat(256), `${"名".repeat(255)}字`];
		const keyOf = (agent: string) => scopeKey("agent", { tenant: "acme", agent, session: "" });
		expect(keyOf(one)).toMatch(/^acme\/(?:%E5%90%8D){10}(?:%E5)?(?:%90)?\$[0-9a-f]{64}$/);
		expect(keyOf(one)).not.toBe(keyOf(other));
		// No name in plain letters is the key of another.
		expect(keyOf(keyOf(one).slice("acme/".length))).not.toBe(keyOf(one));
		expect(keyOf("n".repeat(256))).toBe(`acme/${"n".repeat(256)}`);
		// Publishers in any language make the partition key: it is whole.
		expect(budgetRootKey("tenant", { tenant: one, agent: "", session: "" })).toBe(encodeURIComponent(one));
	});

	it("the partition key is that of the budget root", () => {
		expect(budgetRootKey("tenant", who)).toBe("acme");
		expect(budgetRootKey("tenant/agent", who)).toBe("acme/coder");
		expect(budgetRootKey("tenant/agent/session", who)).toBe("acme/coder/run-7");
	});
});
