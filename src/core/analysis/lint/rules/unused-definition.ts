/** A list or a macro that nothing uses. */
import type { Definition } from "../../../policy/definitions.ts";
import type { LintRule, Slip } from "../finding.ts";

export const unusedDefinition = {
	id: "unused-definition",
	certainty: "proven",
	about: "a list or a macro that nothing uses",
	find: ({ unused }: { readonly unused: readonly Definition[] }) => unused.map(slipOf),
} satisfies LintRule;

function slipOf({ kind, name, yaml, path }: Definition): Slip {
	const use = kind === "list" ? `\`$${name}\`` : `\`{ use: ${name} }\``;
	return {
		place: yaml.placeOfKey(path),
		message: `nothing uses the ${kind} \`${name}\``,
		help: `write ${use} where it is meant, or remove it`,
	};
}
