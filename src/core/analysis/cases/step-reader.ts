/** The steps of a history: calls, and what happens to calls that earlier steps name by an id. */
import type { Place } from "../../base/errors.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import { suggest } from "../../base/suggestion.ts";
import { readUsage } from "../../codec/reported-usage.ts";
import type { EpochMs } from "../../model/units.ts";
import type { YamlPath, YamlSource } from "../../policy/yaml-source.ts";
import type { DecidedCall } from "../trial.ts";
import { checkName, expectationOf, readCall, timeOf } from "./call-reader.ts";
import { CALL_KEYS, type WrittenStep } from "./case-form.ts";
import type { Step } from "./cases.ts";
import { type Layer, layerAt, said } from "./layers.ts";
import type { CaseProblems } from "./problems.ts";

export interface StepsReading {
	readonly path: YamlPath;
	/** What steps that are calls say where they do not say it themselves. */
	readonly shared: readonly Layer[];
	readonly yaml: YamlSource;
	readonly problems: CaseProblems;
}

/** Steps about a call of before: the key names it. */
const ABOUT = ["again", "outcome", "grant", "reject"] as const;

/** What steps may say beside the key that names their kind. */
const KEYS: Readonly<Record<(typeof ABOUT)[number] | "tool", readonly string[]>> = {
	tool: [...CALL_KEYS, "id", "open", "times"],
	again: ["name", "at", "expect"],
	outcome: ["name", "at", "status", "usage"],
	grant: ["name", "at", "by", "expect"],
	reject: ["name", "at", "by", "expect"],
};

export const readSteps = (steps: readonly WrittenStep[], options: StepsReading): readonly Step[] =>
	new StepReader(options).read(steps);

class StepReader {
	readonly #options: StepsReading;
	readonly #calls = new Map<string, DecidedCall>();
	#start: EpochMs | null = null;
	#last: EpochMs = 0;

	constructor(options: StepsReading) {
		this.#options = options;
	}

	read(steps: readonly WrittenStep[]): readonly Step[] {
		return steps.flatMap((step, index) => {
			const read = this.#step(step, index);
			if (read === null) return [];
			this.#checkTime(read.at, [index, "at"]);
			this.#start ??= read.at ?? 0;
			return step.times === undefined ? [read] : repeated(read, step.times);
		});
	}

	#step(step: WrittenStep, index: number): Step | null {
		const about = ABOUT.filter((key) => step[key] !== undefined);
		const [kind = "tool", other] = step.tool === undefined ? about : (["tool", ...about] as const);
		if (other !== undefined) {
			const message = `a step has one of \`tool\`, \`again\`, \`outcome\`, \`grant\` and \`reject\`, and this one has \`${kind}\` and \`${other}\``;
			this.#add(message, "make two steps of it", [index, other]);
			return null;
		}
		const stray = Object.keys(step).find((key) => key !== kind && !KEYS[kind].includes(key));
		if (stray !== undefined) {
			const noun = kind === "tool" ? "a call" : `a step with \`${kind}\``;
			this.#add(`\`${stray}\` has no meaning for ${noun}`, "remove it", [index, stray]);
			return null;
		}
		return kind === "tool" ? this.#call(step, index) : this.#about(step, index, kind);
	}

	#about(step: WrittenStep, index: number, kind: (typeof ABOUT)[number]): Step | null {
		const { path, yaml, problems } = this.#options;
		const call = this.#named(step[kind] ?? "", [index, kind]);
		const layers = [layerAt(step, [...path, index], yaml)];
		const place = this.#placeOf([index]);
		const at = timeOf(said(layers, "at"), this.#start, problems);
		const expected = expectationOf(layers, place, problems);
		switch (kind) {
			case "again":
				return call === null ? null : { kind: "call", place, at, expected, call, isOpen: true };
			case "outcome": {
				const { usage, faults } = readUsage(step.usage);
				for (const { member, why } of faults)
					this.#add(`\`usage.${member}\` ${why}`, "correct the amount", [index, "usage"]);
				const status = step.status ?? "ok";
				return call === null ? null : { kind: "outcome", place, at, expected: null, call, status, usage };
			}
			case "grant":
			case "reject": {
				const { by } = step;
				if (by === undefined) this.#add("`by` is missing", "say who votes: `by: ann`", [index]);
				else checkName("by", by, this.#placeOf([index, "by"]), problems);
				const vote = kind === "grant" ? "granted" : "rejected";
				return call === null ? null : { kind: "vote", place, at, expected, call, vote, by: by ?? "" };
			}
		}
	}

	#call(step: WrittenStep, index: number): Step {
		const { path, shared, yaml, problems } = this.#options;
		const own = layerAt(step, [...path, index], yaml);
		const id = step.id ?? String(index + 1);
		if (this.#calls.has(id)) {
			this.#add(`an earlier call has the id \`${id}\``, `ask for it again with \`again: ${id}\`, or choose another`, [
				index,
				"id",
			]);
		}
		checkName("id", id, this.#placeOf([index, "id"]), problems);
		if (step.open === true && step.usage !== undefined) {
			this.#add("`usage` is for calls that end at once", "write it into the step with the call's `outcome`", [
				index,
				"usage",
			]);
		}
		if (step.id !== undefined && step.times !== undefined) {
			this.#add("`id` names one call, and this step makes several", "remove `id` or `times`", [index, "id"]);
		}
		const read = readCall([own, ...shared], { id, start: this.#start, isVerdictNeeded: false, problems });
		this.#calls.set(id, read.call);
		return { kind: "call", place: this.#placeOf([index]), isOpen: step.open === true, ...read };
	}

	#named(id: string, path: YamlPath): DecidedCall | null {
		const call = this.#calls.get(id);
		if (call !== undefined) return call;
		const help = this.#calls.size === 0 ? "a call comes first" : suggest(id, [...this.#calls.keys()]);
		this.#options.problems.add(
			`no step before has a call of the id \`${id}\``,
			help,
			this.#placeOf(path),
			"POLICY_REFERENCE",
		);
		return null;
	}

	/** Time does not go back. */
	#checkTime(at: EpochMs | null, path: YamlPath): void {
		if (at === null) return;
		if (at < this.#last)
			this.#add("the step is earlier than the one before it", "put steps in the order of time", path);
		this.#last = at;
	}

	#add(message: string, help: string, path: YamlPath): void {
		this.#options.problems.add(message, help, this.#placeOf(path));
	}

	#placeOf(path: YamlPath): Place {
		return this.#options.yaml.placeOf([...this.#options.path, ...path]);
	}
}

/** The call of a step, made several times: each has an id of its own, and its number where it says `{n}`. */
const repeated = (step: Step, times: number): readonly Step[] =>
	Array.from({ length: times }, (_, index): Step => {
		const { call } = step;
		const numbered = (text: string): string => text.replaceAll("{n}", String(index + 1));
		return {
			...step,
			call: {
				...call,
				id: `${call.id}.${index + 1}`,
				session: numbered(call.session),
				args: replacedIn(call.args, numbered) as JsonObject,
			},
		};
	});

function replacedIn(value: Json, replaced: (text: string) => string): Json {
	if (typeof value === "string") return replaced(value);
	if (Array.isArray(value)) return value.map((each) => replacedIn(each, replaced));
	if (value === null || typeof value !== "object") return value;
	return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replacedIn(each, replaced)]));
}
