/** docs/reference/agent-os.md: how far Assent answers as Agent-OS does. */
import { code, table } from "../reference/markdown.ts";
import type { Answers } from "./vectors.ts";

export type ComparedVector = { readonly line: number; readonly api: string } & (
	| { readonly standing: "agrees" | "not asked" | "lost" }
	| { readonly standing: "differs"; readonly answers: Answers; readonly reason: string | null }
);

export function resultPage(compared: readonly ComparedVector[]): string {
	const apis = [...new Set(compared.map(({ api }) => api))];
	const count = (api: string, standing: ComparedVector["standing"]): string =>
		String(compared.filter((each) => each.api === api && each.standing === standing).length);
	const asked = apis.filter((api) => compared.some((each) => each.api === api && isAsked(each)));
	const differing = compared.flatMap((each) => (each.standing === "differs" ? [each] : []));
	return `${[
		"# Agent-OS",
		"<!-- Written by `npm run compat:agent-os -- FILE` from recorded calls of Agent-OS 2.0.1. -->",
		`Calls of Agent-OS 2.0.1 that were recorded while its own tests ran, with what it answered, beside what Assent answers once
\`assent policy import agent-os\` has read the policy. The recording is no part of this repository; lines are those of its file. What
is carried how is in [import](../policies/import.md).`,
		table(
			["call", "agree", "differ", "lost a part of their input"],
			asked.map((api) => [callName(api), count(api, "agrees"), count(api, "differs"), count(api, "lost")]),
		),
		`Not asked: ${notAsked(apis, asked, compared)}.`,
		"## What differs",
		...[...new Set(differing.map(({ reason }) => reason))].flatMap((reason) => {
			const rows = differing.filter((each) => each.reason === reason);
			return [
				reason ?? "For no known reason:",
				table(
					["line", "call", "Agent-OS", "Assent"],
					rows.map(({ line, api, answers }) => [String(line), callName(api), answers.theirs, answers.ours]),
				),
			];
		}),
	].join("\n\n")}\n`;
}

/** `matches_pattern()` of `policy.matches_pattern`: the names with points are those of our own events and reasons. */
const callName = (api: string): string => code(`${api.split(".").at(-1)}()`);

const isAsked = ({ standing }: ComparedVector): boolean => standing === "agrees" || standing === "differs";

const notAsked = (apis: readonly string[], asked: readonly string[], compared: readonly ComparedVector[]): string =>
	apis
		.filter((api) => !asked.includes(api))
		.map((api) => `${compared.filter((each) => each.api === api).length} of ${callName(api)}`)
		.join(", ");
