/** Costs that are a million times what was meant. */
import { amountOf } from "../../../policy/written-amounts.ts";
import type { LintRule } from "../finding.ts";

/** A million currency units: more likely meant as millionths. */
const LARGE_COST = 1_000_000_000_000;

export const largeCost: LintRule = {
	id: "large-cost",
	certainty: "likely",
	about: "a cost that seems to be written in millionths: costs are in currency units",
	find: ({ document, yaml }) =>
		document.limits.flatMap(({ measure, max }, index) => {
			if (measure !== "cost" || (amountOf("cost", max) ?? 0) < LARGE_COST) return [];
			return [
				{
					place: yaml.placeOf(["limits", index, "max"]),
					message: `costs are in currency units: \`max: ${max}\` is that many of them, not millionths`,
					help: "if millionths were meant, divide by 1000000",
				},
			];
		}),
};
