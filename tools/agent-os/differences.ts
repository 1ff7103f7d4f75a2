/** Why Assent answers otherwise: every disagreement has one of these reasons, or the comparison fails. */
import type { Answers, NumberedVector } from "./vectors.ts";

interface Reason {
	readonly text: string;
	readonly isOf: (vector: NumberedVector["vector"], answers: Answers) => boolean;
}

interface Judged {
	readonly policy?: { readonly require_human_approval?: boolean; readonly max_tool_calls?: number };
	readonly call_count?: number | null;
}

export const REASONS: readonly Reason[] = [
	{
		text: "A call that needs approval is held, so that somebody can approve it; there it is denied, for nobody can.",
		isOf: ({ input }, { theirs, ours }) =>
			theirs === "deny" && ours === "hold" && (input as Judged).policy?.require_human_approval === true,
	},
	{
		text: "`max_tool_calls: 0` admits no call; there calls are not counted where the interceptor is made without a context.",
		isOf: ({ input }, { theirs, ours }) => {
			const { call_count: count, policy } = input as Judged;
			return theirs === "allow" && ours === "deny" && count === null && policy?.max_tool_calls === 0;
		},
	},
	{
		text: "A version is no part of a policy: what it says is its digest.",
		isOf: (_, { theirs, ours }) => theirs === "version" && ours === "nothing",
	},
];

/** Vectors whose recording lost a part of the input: they do not follow from it there either. */
export const LOST: ReadonlySet<number> = new Set([147, 387, 388, 407]);
