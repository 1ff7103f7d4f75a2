/** What the rules of one policy say when they fire: reasons that are made once, and what the approvers of a hold must do. */

import { parseDuration } from "../model/duration.ts";
import type { Mode, Requirement, Severity } from "../model/entries.ts";
import type { PolicyDocument } from "./document.ts";
import type { PolicyReasonCode } from "./reason-codes.ts";
import type { FiredRule } from "./rules.ts";

/** What of a rule goes into its reason. */
export interface Voice {
	readonly code: PolicyReasonCode;
	readonly rule: string;
	readonly effect: "deny" | "hold";
	readonly approval?: string | undefined;
	readonly mode: Mode;
	readonly severity: Severity;
	readonly message: string;
	readonly tags: readonly string[];
}

/** What a rule says that its author left without words of its own. */
export const PLAIN_VOICE = { mode: "enforce", severity: "medium", tags: [] } as const;

export class FiredRules {
	readonly policy: string;
	readonly #document: PolicyDocument;

	constructor(document: PolicyDocument) {
		this.policy = document.metadata.name;
		this.#document = document;
	}

	of(voice: Voice): FiredRule {
		const { code, rule, effect, severity, message } = voice;
		const tags = Object.freeze([...voice.tags]);
		const mode = this.mode(voice.mode);
		return Object.freeze({
			reason: Object.freeze({
				rule: Object.freeze({ code, policy: this.policy, name: rule, effect, mode, severity, message, tags }),
				span: null,
			}),
			requirement: effect === "hold" ? this.requirement(rule, voice.approval) : null,
		});
	}

	/** `audit` in the policy or in the rule takes the force away; neither can give it back. */
	mode(mode: Mode): Mode {
		return this.#document.mode === "audit" ? "audit" : mode;
	}

	requirement(rule: string, approval = "default"): Requirement {
		const entry = this.#document.approvals[approval];
		return Object.freeze({
			policy: this.policy,
			rule,
			approvers: Object.freeze(entry?.approvers ?? []),
			quorum: entry?.quorum ?? 1,
			expiresAfterMs: parseDuration(entry?.expires ?? "30m") ?? 0,
			selfAllowed: entry?.self === "allowed",
		});
	}
}
