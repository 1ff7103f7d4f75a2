/** Slashes around a regex, as other languages write them. */
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

export const lookedForSlashes: LintRule = {
	id: "looked-for-slashes",
	certainty: "likely",
	about: "slashes around a regex, which are looked for as characters",
	find: inPatterns(({ kind, text }) => {
		const [, inner, flags] = (kind === "regex" ? /^\/(.+)\/([dgimsuvy]*)$/s.exec(text) : null) ?? [];
		if (inner === undefined || /\//.test(inner.replace(/\\\//g, ""))) return null;
		if (!/[\s\\|(*+?]/.test(inner) && flags === "") return null;
		const message = "the slashes around the pattern are looked for as characters";
		return { offset: 0, message, help: `write \`${inner}\`` };
	}),
};
