import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../../src/core/policy/compile.ts";
import { trustTexts } from "../../../src/operations/trust-text.ts";
import { keyPair, trustText } from "../../support/signing.ts";

const K = keyPair("k");

function textsOf(sections: Parameters<typeof trustText>[0]): readonly string[] {
	const compiled = compilePolicies([{ name: "t.yaml", text: trustText(sections) }], { budgetRoot: "tenant" });
	if (!compiled.ok) throw new Error(compiled.error[0]?.message);
	return trustTexts(compiled.value.trust);
}

describe("whose signatures are asked for", () => {
	it("is said, and that nobody's are", () => {
		expect(trustTexts(null)).toEqual([
			expect.stringContaining("every publisher is trusted"),
			expect.stringMatching(
				/^every operator is trusted: .* is believed, and whoever can write to `policies` can publish a key of tokens$/,
			),
		]);
		expect(textsOf({ publishers: [{ name: "g", key: K, tenants: ["*"] }] })).toEqual([
			"what is published must be signed: 1 key of publishers",
			expect.stringContaining("every operator is trusted"),
		]);
		expect(textsOf({ approvers: [{ name: "a", key: K }] })[1]).toMatch(/is believed, but for votes, and/);
		const both = { operators: ["a", "b"].map((name) => ({ name, key: K })), approvers: [{ name: "a", key: K }] };
		expect(textsOf(both)[1]).toBe("what is said on `control` must be signed: 2 keys of operators, 1 key of approvers");
	});
});
