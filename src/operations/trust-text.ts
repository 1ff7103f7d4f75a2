/** Whose signatures the policies in force ask for, in words: also that they ask for none. */
import { counted } from "../core/base/count-text.ts";
import type { CompiledTrust } from "../core/policy/trust.ts";

/** One sentence without full stop for each topic. */
export function trustTexts(trust: CompiledTrust | null): readonly string[] {
	const { publishers = null, operators = null, approvers = null } = trust ?? {};
	const named = (keys: readonly unknown[] | null, noun: string): readonly string[] =>
		keys === null ? [] : [counted(keys.length, `key of ${noun}`, `keys of ${noun}`)];
	const controllers = [...named(operators, "operators"), ...named(approvers, "approvers")];
	return [
		publishers === null
			? "every publisher is trusted: the policies name none, and whoever can write to `intents` speaks for every tenant"
			: `what is published must be signed: ${named(publishers, "publishers").join("")}`,
		operators === null
			? `every operator is trusted: the policies name none, and whoever can write to \`control\` is believed${approvers === null ? "" : ", but for votes"}, and whoever can write to \`policies\` can publish a key of tokens`
			: `what is said on \`control\` must be signed: ${controllers.join(", ")}`,
	];
}
