/** Policies as texts, tried on calls one after the other, as `assent decide` does. */
import { type DecidedCall, DecideLoop } from "../../src/core/analysis/trial.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { UNKNOWN_USAGE } from "../../src/core/codec/reported-usage.ts";
import type { Verdict } from "../../src/core/model/entries.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";

/** What may be said of a call beside its tool and arguments. */
export type CallParts = Partial<Omit<DecidedCall, "tool" | "args">>;

function policySet(texts: readonly string[]): CompiledPolicySet {
	const sources = texts.map((text, at) => ({ name: `${at}.yaml`, text }));
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(set.error.map(({ message, help }) => `${message} (${help})`).join("; "));
	return set.value;
}

export class Trial {
	readonly #loop: DecideLoop;
	#asked = 0;

	constructor(...texts: readonly string[]) {
		this.#loop = new DecideLoop(policySet(texts));
	}

	decide(tool: string, args: JsonObject = {}, parts: CallParts = {}) {
		this.#asked += 1;
		return this.#loop.decide({
			id: `call-${this.#asked}`,
			tenant: "acme",
			agent: "coder",
			session: "s",
			onBehalfOf: null,
			facts: null,
			estimate: { tokens: 0, costMicros: 0 },
			usage: UNKNOWN_USAGE,
			at: null,
			...parts,
			tool,
			args,
		});
	}

	verdict(tool: string, args: JsonObject = {}, parts: CallParts = {}): Verdict {
		return this.decide(tool, args, parts).verdict;
	}
}
