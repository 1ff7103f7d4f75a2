/** A planted bug: the engine's step that looks no intent up among those that it knows, so that repetitions are decided anew. */
import type { decide } from "../../src/core/engine/decide/decide.ts";
import { callKey } from "../../src/core/model/ids.ts";
import type { State } from "../../src/core/state/state.ts";

export const forgetful =
	(knowing: typeof decide): typeof decide =>
	(state, input, catalogue) => {
		if (input.kind !== "read" || input.record.type !== "intent.submitted") return knowing(state, input, catalogue);
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
		return knowing(Object.create(state, { calls: { value: blind } }) as State, input, catalogue);
	};
