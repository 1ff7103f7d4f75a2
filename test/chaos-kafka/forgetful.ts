/** The engine's step, which looks no intent up among those that it knows: every repetition is decided anew. */
import { decide as decideKnowing, type PolicyCatalogue } from "../../src/core/engine/decide.ts";
import type { Input } from "../../src/core/engine/input.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { callKey } from "../../src/core/model/ids.ts";
import type { State } from "../../src/core/model/state.ts";

export * from "../../src/core/engine/decide.ts";

export function decide(state: State, input: Input, catalogue: PolicyCatalogue): LedgerEntry {
	if (input.kind !== "read" || input.record.type !== "intent.submitted") return decideKnowing(state, input, catalogue);
	const { tenant, agent } = input.record.principal;
	const asked = callKey({ tenant, agent, id: input.record.id });
	const { calls } = state;
	const blind = new Proxy(calls, {
		get: (of, name) => {
			if (name === "get") return (key: string) => (key === asked ? undefined : of.get(key));
			const value: unknown = Reflect.get(of, name, of);
			return typeof value === "function" ? value.bind(of) : value;
		},
	});
	return decideKnowing(Object.create(state, { calls: { value: blind } }) as State, input, catalogue);
}
