/** What the checks of one policy have found, with the checks that several parts of a policy need. */

import { type ErrorCode, type Place, type Problem, problem } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { suggest } from "../base/suggestion.ts";
import { durationText, parseDuration } from "../model/duration.ts";
import type { DurationMs } from "../model/units.ts";
import { nameOf } from "./schema-problems.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

/** Longest time that a held call may wait, and that an allowed call may take. */
const WAIT_MAX_MS: DurationMs = 30 * 86_400_000;

export class CheckReport {
	readonly problems: Problem[] = [];
	readonly yaml: YamlSource;
	readonly #approvals: readonly string[];
	readonly #isRepaired: (path: YamlPath) => boolean;

	/** `approvals` are the names of the entries that rules may refer to. */
	constructor(yaml: YamlSource, approvals: readonly string[], isRepaired: (path: YamlPath) => boolean) {
		this.yaml = yaml;
		this.#approvals = approvals;
		this.#isRepaired = isRepaired;
	}

	/** Runs checks of one part; of a part that was repaired only what its patterns and globs say is kept. */
	within(path: YamlPath, checks: () => void): void {
		const before = this.problems.length;
		checks();
		if (!this.#isRepaired(path)) return;
		const texts = this.problems
			.splice(before)
			.filter(({ code }) => code === "POLICY_PATTERN" || code === "POLICY_GLOB");
		this.problems.push(...texts);
	}

	add(code: ErrorCode, message: string, help: string, place: Place): void {
		this.problems.push(problem(code, message, help, place));
	}

	/** Are keys written there that are told of already? What is missing is then one of them, misspelt. */
	hasOtherKeys(read: object, path: YamlPath): boolean {
		let written: Json | undefined = this.yaml.data;
		for (const step of path) written = (written as { readonly [key: string]: Json } | null | undefined)?.[step];
		return Object.keys(written ?? {}).some((key) => !Object.hasOwn(read, key));
	}

	/** What a rule that denies or holds says of approvals. */
	approval(rule: { effect: "deny" | "hold"; approval?: string | undefined }, path: YamlPath): void {
		if (rule.effect === "hold") {
			this.reference(rule.approval ?? "default", [...path, rule.approval === undefined ? "effect" : "approval"]);
		} else if (rule.approval !== undefined) {
			this.add(
				"POLICY_SCHEMA",
				"`approval` has no meaning for a rule that denies",
				"set `effect: hold`, or remove `approval`",
				this.yaml.placeOfKey([...path, "approval"]),
			);
		}
	}

	/** An entry of `approvals` must exist. */
	reference(name: string, path: YamlPath): void {
		const known = this.#approvals;
		if (known.includes(name) || this.#isRepaired(["approvals"])) return;
		const help =
			known.length === 0
				? "a rule with `hold` needs approvers: `approvals: {default: {approvers: [...]}}`"
				: suggest(name, known);
		this.add("POLICY_REFERENCE", `no entry \`${name}\` in \`approvals\``, help, this.yaml.placeOf(path));
	}

	/** A time within which something is waited for. */
	duration(text: string, path: YamlPath, minMs: number): void {
		const length = parseDuration(text);
		if (length !== null && length >= minMs && length <= WAIT_MAX_MS) return;
		this.add(
			"POLICY_SCHEMA",
			`${nameOf(path)} cannot be \`${text}\``,
			`use ${durationText(minMs)} to ${durationText(WAIT_MAX_MS)}`,
			this.yaml.placeOf(path),
		);
	}
}
