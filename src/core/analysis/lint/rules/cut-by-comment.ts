/** Texts that end where a ` #` begins a comment, which was meant to be part of them. */
import type { LintRule } from "../finding.ts";

export const cutByComment: LintRule = {
	id: "cut-by-comment",
	certainty: "likely",
	about: "a text without quotes that ` #` cuts off",
	find: (policy) =>
		policy.yaml.texts().flatMap(({ style, comment, place }) =>
			style === "plain" && comment !== null && /^#[^\s#!]/.test(comment)
				? [
						{
							place,
							message: `the text ends before \`${comment.slice(0, 40)}\`: ${"` #`"} begins a comment`,
							help: "put the text in single quotes; write a space behind `#` where a comment is meant",
						},
					]
				: [],
		),
};
