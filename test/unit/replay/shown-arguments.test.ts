import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/base/json.ts";
import type { CompiledPolicySet } from "../../../src/core/policy/compiled.ts";
import { shownArguments } from "../../../src/replay/shown-arguments.ts";
import { policyText } from "../../support/engine.ts";
import { compiled, intentOf } from "../../support/engine-world.ts";

const policies = (rest: string): CompiledPolicySet => compiled([policyText("p", rest, { tools: "{allow: all}" })]);
const PLAIN = policies("");

function shown(
	args: JsonObject,
	{ inForce = PLAIN, candidate = PLAIN }: { inForce?: CompiledPolicySet | null; candidate?: CompiledPolicySet } = {},
) {
	const intent = intentOf({ id: "c", tool: "t", args, issuedAt: 0 });
	const catalogue = { get: () => inForce };
	return shownArguments(intent, { inForce: "d", catalogue, candidate, obligations: undefined });
}

describe("arguments in a report", () => {
	it("are whole where they are short", () => {
		const args = { a: [1, null, { b: "x" }], c: true };
		expect(shown(args)).toEqual({ args, isCut: false });
	});

	it("are without what policies redact, then or now", () => {
		const redacting = policies("obligations: [{tools: ['*'], redact: [args.a]}]");
		const wanted = { args: { a: "[redacted]", b: 2 }, isCut: false };
		expect(shown({ a: 1, b: 2 }, { inForce: redacting })).toEqual(wanted);
		expect(shown({ a: 1, b: 2 }, { candidate: redacting })).toEqual(wanted);
	});

	it("are left out where nobody can say what is to be redacted", () => {
		expect(shown({ a: 1 }, { inForce: null })).toBeNull();
		const each = policies("obligations: [{tools: ['*'], redact: [args.a]}]");
		expect(shown({ a: Array.from({ length: 300 }, () => ({ a: 1 })) }, { candidate: each })).not.toBeNull();
		const many = policies("obligations: [{tools: ['*'], redact: ['args.a.*']}]");
		expect(shown({ a: Array.from({ length: 300 }, () => "x") }, { candidate: many })).toBeNull();
	});

	it("stay small, and say how much is missing", () => {
		const large = {
			text: "y".repeat(100_000),
			["k".repeat(1_000)]: 1,
			list: Array.from({ length: 9_000 }, (_, at) => ({ at })),
		};
		const { args, isCut } = shown(large) as NonNullable<ReturnType<typeof shown>>;
		expect(isCut).toBe(true);
		expect(JSON.stringify(args).length).toBeLessThan(2_000);
		expect(args["text"]).toContain("… 99,800 characters …");
		expect((args["list"] as readonly unknown[]).at(-1)).toMatch(/^… 8,9\d\d more …$/);
	});
});
