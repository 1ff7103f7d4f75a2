/** What exceptions do to rules that cover one another: what is lifted on the one side must be lifted on the other as well. */
import type { CompiledException, FiredRule } from "../../policy/rules.ts";
import type { Asker } from "./asker.ts";
import type { CellSide } from "./cells.ts";
import { coversForce } from "./force.ts";
import { appliesWherever } from "./test-inclusion.ts";

/** Exceptions that lift the rule for some calls of the cell. */
export function liftsOf({ exceptions }: CellSide, { reason }: FiredRule): readonly CompiledException[] {
	const { policy, name } = reason.rule;
	return exceptions.filter(({ rules }) => rules.some((lifted) => lifted.policy === policy && lifted.rule === name));
}

/** Rules that ask for as much as `rule` wherever both fire, exceptions included. */
export const covers =
	(own: CellSide, other: CellSide, rule: { readonly fired: FiredRule }, asker: Asker) =>
	({ fired }: { readonly fired: FiredRule }): boolean =>
		coversForce(fired, rule.fired, asker) &&
		isLiftedWith({ side: own, fired }, { side: other, fired: rule.fired }, asker);

/** Is `other` lifted wherever `rule` is? */
function isLiftedWith(
	rule: { readonly side: CellSide; readonly fired: FiredRule },
	other: { readonly side: CellSide; readonly fired: FiredRule },
	asker: Asker,
): boolean {
	const theirs = liftsOf(other.side, other.fired);
	return liftsOf(rule.side, rule.fired).every((exception) =>
		theirs.some(
			({ when, expiresAt }) => exception.expiresAt <= expiresAt && appliesWherever(exception.when, when, asker),
		),
	);
}
