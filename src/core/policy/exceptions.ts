/**
 * Which rules that fired do not count, because an exception lifts them.
 *
 * X1  In doubt an exception does not apply: where an argument is missing or cannot be read for certain, or the time is not known.
 * X2  What was lifted is told in its place, as the use of the exception: with the effect and the severity of the rule, without force.
 * X3  A rule that could not be evaluated is not lifted.
 */
import { cutTo, MESSAGE_LENGTH_MAX } from "../model/bounds.ts";
import type { DeterminingRule } from "../model/entries.ts";
import { instantText } from "../model/instant.ts";
import type { CallView } from "./compiled.ts";
import type { ConditionSearch } from "./condition-search.ts";
import { EXCEPTION_USED, type PolicyReasonCode } from "./reason-codes.ts";
import type { CompiledException, FiredRule } from "./rules.ts";

const FAILED: PolicyReasonCode = "rule.failed";

export class Exceptions {
	readonly #conditions: ConditionSearch;
	/** One frozen object for all uses of an exception of one rule. */
	readonly #uses = new Map<CompiledException, Map<DeterminingRule, DeterminingRule>>();

	/** `conditions` has been told of each call that is asked about. */
	constructor(conditions: ConditionSearch) {
		this.#conditions = conditions;
	}

	/** The same list where nothing is lifted; of several exceptions for one rule the first is told. */
	lift(fired: readonly FiredRule[], exceptions: readonly CompiledException[], call: CallView): readonly FiredRule[] {
		const applies = new Map<CompiledException, boolean>();
		const isLifting = (exception: CompiledException, rule: DeterminingRule): boolean => {
			if (!exception.rules.some((name) => name.rule === rule.name && name.policy === rule.policy)) return false;
			const known = applies.get(exception) ?? this.#applies(exception, call);
			applies.set(exception, known);
			return known;
		};
		let hasLifted = false;
		const left = fired.map((each) => {
			const { rule, span } = each.reason;
			const exception = rule.code === FAILED ? undefined : exceptions.find((one) => isLifting(one, rule));
			if (exception === undefined) return each;
			hasLifted = true;
			return { reason: { rule: this.#use(exception, rule), span }, requirement: null };
		});
		return hasLifted ? left : fired;
	}

	#applies({ expiresAt, when }: CompiledException, { at }: CallView): boolean {
		return at !== undefined && at < expiresAt && this.#conditions.hold(when);
	}

	#use(exception: CompiledException, rule: DeterminingRule): DeterminingRule {
		const uses = this.#uses.get(exception) ?? new Map<DeterminingRule, DeterminingRule>();
		this.#uses.set(exception, uses);
		const use = uses.get(rule) ?? useOf(exception, rule);
		uses.set(rule, use);
		return use;
	}
}

function useOf({ policy, name, owner, reason, expiresAt }: CompiledException, rule: DeterminingRule): DeterminingRule {
	const lifted = rule.policy === policy ? rule.name : `${rule.policy}/${rule.name}`;
	const message = `lifts \`${lifted}\` until ${instantText(expiresAt)} for ${owner}: ${reason}`;
	const { effect, severity, tags } = rule;
	return Object.freeze({
		code: EXCEPTION_USED,
		policy,
		name,
		effect,
		mode: "audit",
		severity,
		message: cutTo(message, MESSAGE_LENGTH_MAX),
		tags,
	});
}
