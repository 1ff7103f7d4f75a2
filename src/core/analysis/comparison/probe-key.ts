/** A key for what is put anywhere in the arguments: one that no rule names, so that no other rule sees it there. */
import { spellingOfKey } from "../../arguments/key-spelling.ts";
import type { CompiledPolicy } from "../../policy/rules.ts";

const LETTERS = "xyzabcdefghijklmnopqrstuvw";

export function probeKeyOf(policies: readonly CompiledPolicy[]): string {
	const named = new Set(stepsOf(policies).map(spellingOfKey));
	for (let turn = 0; ; turn++) {
		const key = `${LETTERS[turn % LETTERS.length]}${turn < LETTERS.length ? "" : turn}`;
		if (!named.has(spellingOfKey(key))) return key;
	}
}

/** Keys on the way to what rules name. */
function stepsOf(policies: readonly CompiledPolicy[]): readonly string[] {
	const steps = new Set<string>();
	const note = (path: unknown): void => {
		if (Array.isArray(path)) for (const step of path) typeof step === "string" ? steps.add(step) : note(step);
	};
	JSON.stringify(policies, (name, value: unknown) => {
		if (name === "path" || name === "redact") note(value);
		return name === "tree" || typeof value === "bigint" ? undefined : value;
	});
	return [...steps];
}
