/** Limits that do not bound calls that run side by side. */
import { amountOf } from "../../../policy/written-amounts.ts";
import type { LintRule } from "../finding.ts";

export const noReserve: LintRule = {
	id: "no-reserve",
	certainty: "proven",
	about: "a limit of tokens or cost without `reserve`, which does not bound calls that run side by side",
	find: ({ document, yaml }) =>
		document.limits.flatMap(({ name, measure, reserve }, index) => {
			if (measure !== "cost" && measure !== "tokens") return [];
			if (reserve !== undefined && amountOf(measure, reserve) !== 0) return [];
			const what = measure === "cost" ? "cost" : "number of tokens";
			return [
				{
					place: yaml.placeOf(["limits", index, "max"]),
					message: `without \`reserve\` a call that gives no estimate takes nothing of \`${name}\` before its outcome is reported, so that calls side by side are not bounded, and unreported use counts for nothing`,
					help: `add \`reserve\`, the ${what} that a call takes at least until its outcome is known`,
				},
			];
		}),
};
