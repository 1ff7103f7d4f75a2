/**
 * A call's arguments as a report may show them.
 *
 * S1  What policies redact is not in them: neither what those in force did, nor what the candidate would. Where that is not known, nothing
 *     is shown.
 * S2  What is long is cut value by value, and each cut says how much is missing. The reports of many calls stay small.
 */
import { redacted } from "../core/arguments/redaction.ts";
import { grouped } from "../core/base/count-text.ts";
import type { Json, JsonObject } from "../core/base/json.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { Obligations } from "../core/model/entries.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";

export interface ShownArguments {
	readonly args: JsonObject;
	/** Something is left out, and its place says so. */
	readonly isCut: boolean;
}

export interface ArgumentTerms {
	/** Digest of the policies in force when it was decided, and where they are. */
	readonly inForce: string;
	readonly catalogue: PolicyCatalogue;
	readonly candidate: CompiledPolicySet;
	/** What the decision asked for. */
	readonly obligations: Obligations | undefined;
}

/** UTF-16 code units of a text and of a key; values of all depths. */
const TEXT_MAX = 200;
const KEY_MAX = 80;
const VALUES_MAX = 40;

/** Null where nobody can say what is to be redacted. */
export function shownArguments(intent: IntentSubmitted, terms: ArgumentTerms): ShownArguments | null {
	const { inForce, catalogue, candidate, obligations } = terms;
	const then = inForce === "" ? null : catalogue.get(inForce);
	if (inForce !== "" && (then === null || typeof then === "string")) return null;
	const pointers = [...(obligations?.redact ?? [])];
	for (const set of [candidate, ...(then === null ? [] : [then as CompiledPolicySet])]) {
		const { tenant, agent, session } = intent.principal;
		const { fired, obligations: owed } = set.evaluate({ tenant, agent, session, tool: intent.tool, args: intent.args });
		if (fired.some(({ reason }) => isUnnamed(reason.rule))) return null;
		pointers.push(...owed.redact);
	}
	return new Cutter().cut(redacted(intent.args, pointers));
}

/** There is more to redact than a decision can name. */
const isUnnamed = ({ code, name }: { readonly code: string; readonly name: string }): boolean =>
	code === "rule.failed" && name.startsWith("obligations[");

class Cutter {
	#values = 0;
	#isCut = false;

	cut(args: JsonObject): ShownArguments {
		return { args: this.#members(args), isCut: this.#isCut };
	}

	#value(value: Json): Json {
		if (typeof value === "string") return this.#text(value, TEXT_MAX);
		if (value === null || typeof value !== "object") return value;
		return Array.isArray(value) ? this.#items(value) : this.#members(value as JsonObject);
	}

	#members(of: JsonObject): JsonObject {
		const entries = Object.entries(of);
		const shown: [string, Json][] = [];
		for (const [at, [key, value]] of entries.entries()) {
			if (this.#isFull()) return Object.fromEntries([...shown, ["…", moreOf(entries.length - at)]]);
			shown.push([this.#text(key, KEY_MAX), this.#value(value)]);
		}
		return Object.fromEntries(shown);
	}

	#items(of: readonly Json[]): Json {
		const shown: Json[] = [];
		for (const [at, value] of of.entries()) {
			if (this.#isFull()) return [...shown, moreOf(of.length - at)];
			shown.push(this.#value(value));
		}
		return shown;
	}

	#isFull(): boolean {
		this.#values += 1;
		if (this.#values <= VALUES_MAX) return false;
		this.#isCut = true;
		return true;
	}

	/** Its head and its tail: what matters may be at either end. */
	#text(text: string, max: number): string {
		if (text.length <= max) return text;
		this.#isCut = true;
		const tail = Math.floor(max / 4);
		const left = text.length - max;
		return `${text.slice(0, max - tail)}… ${grouped(left)} characters …${text.slice(-tail)}`.toWellFormed();
	}
}

const moreOf = (count: number): string => `… ${grouped(count)} more …`;
