/**
 * A GovernancePolicy of Agent-OS as a policy.
 *
 * It says what its author meant: texts are looked for where a call holds them, not in a rendering of the call, and a tool's
 * name is looked at as well. Each part that is not carried is named.
 */
import { type Problem, problem } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { isCased } from "../../language/folding.ts";
import { readNameGlob } from "../../match/name-globs.ts";
import { type PatternSource, readPattern } from "../../match/pattern.ts";
import { TreeSearch } from "../../match/tree-search.ts";
import { policySchema } from "../document.ts";
import { formatYaml } from "../format.ts";
import { exemptsEverything, patternSlip } from "../pattern-slips.ts";
import type { YamlPath } from "../yaml-source.ts";
import {
	type GovernancePolicy,
	PATTERN_TYPES,
	type PatternType,
	type ReadGovernancePolicy,
	readGovernancePolicy,
} from "./agent-os-form.ts";
import { commentLines, type Difference, inFileOrder, type Translation } from "./difference.ts";
import { baseName, policyNameOf } from "./policy-name.ts";
import { globOfFnmatch, isRegex, regexOfPython } from "./python-patterns.ts";
import { yamlText } from "./yaml-text.ts";

export interface ImportOptions {
	/** Globs over the names of those who may approve held calls: a foreign policy does not say. */
	readonly approvers: readonly string[];
	/**
	 * Calls of the agent's host that the original has no word for, such as `model.generate`: they pass its list of tools, count as
	 * no tool calls and are not held. Its patterns are looked for in them as well.
	 */
	readonly besides?: readonly string[];
}

/** Problems are those of the file; what it says and a policy cannot is a difference. */
export function importAgentOs(file: string, source: string, options: ImportOptions): Result<Translation, Problem[]> {
	const read = readGovernancePolicy(file, source);
	if (!read.ok) return read;
	const faults = brokenPatterns(read.value);
	return faults.length > 0 ? err(faults) : ok(new AgentOsImport(read.value, file).translate(options));
}

/** Regexes that Python refuses as well; what it knows and the dialect does not is a difference. */
const brokenPatterns = ({ policy, yaml }: ReadGovernancePolicy): Problem[] =>
	policy.blocked_patterns.flatMap((entry, index) => {
		if (typeof entry === "string" || entry.type !== "regex" || isRegex(entry.pattern)) return [];
		const read = readPattern({
			kind: "regex",
			text: regexOfPython(entry.pattern),
			style: "text",
			caseSensitive: false,
		});
		if (read.ok) return [];
		const { message, help } = read.error;
		return [problem("POLICY_PATTERN", message, help, yaml.placeOf(["blocked_patterns", index, "pattern"]))];
	});

interface BlockedPattern {
	readonly kind: PatternType;
	readonly text: string;
}

class AgentOsImport {
	readonly #policy: GovernancePolicy;
	readonly #read: ReadGovernancePolicy;
	readonly #file: string;
	readonly #differences: Difference[] = [];

	constructor(read: ReadGovernancePolicy, file: string) {
		this.#policy = read.policy;
		this.#read = read;
		this.#file = file;
	}

	translate({ approvers, besides = [] }: ImportOptions): Translation {
		const { name = null, require_human_approval: needsApproval } = this.#policy;
		const policyName = policyNameOf(name, this.#file);
		if (name !== null && name !== policyName)
			this.#differs(["name"], "the same", `names have lower-case letters, digits and \`-\`: it is \`${policyName}\``);
		const patterns = this.#patterns();
		this.#nameRest();
		const document: { [key: string]: Json } = {
			apiVersion: "assent.dev/v1",
			kind: "Policy",
			metadata: { name: policyName },
			tools: {
				allow: this.#allow(besides),
				...(needsApproval ? { hold: [{ name: "human-approval", tools: ["*"], ...exceptOf(besides) }] } : {}),
			},
			...(patterns.length === 0 ? {} : { patterns }),
			limits: this.#limits(besides),
			...(needsApproval ? { approvals: { default: { approvers: [...approvers] } } } : {}),
			obligations: [{ deadline: `${this.#policy.timeout_seconds}s` }],
		};
		const differences = inFileOrder(this.#differences);
		const origin = `From the GovernancePolicy (Agent-OS) in ${baseName(this.#file)}.`;
		const text = formatYaml(yamlText(document, commentLines(origin, differences)), policySchema);
		return { name: policyName, text, differences };
	}

	#differs(path: YamlPath, admits: Difference["admits"], reason: string): void {
		const field = path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join("");
		this.#differences.push({ field, place: this.#read.yaml.placeOf(path), admits, reason });
	}

	/** Names are names there, compared as they are written. */
	#allow(besides: readonly string[]): Json {
		const { allowed_tools: tools } = this.#policy;
		if (tools.length > 0) {
			const names = tools.flatMap((tool, index) => {
				const glob = tool.replaceAll(/[*?[\]{}()|\\!+@$]/g, "\\$&");
				const isName = glob.length <= GLOB_LENGTH_MAX && readNameGlob(glob, true) !== null && !/\p{Cc}/u.test(glob);
				if (isName) return [glob];
				this.#differs(["allowed_tools", index], "fewer", "a tool cannot be called so here");
				return [];
			});
			return [...new Set([...names, ...besides])];
		}
		if (this.#read.written.has("allowed_tools"))
			this.#differs(
				["allowed_tools"],
				"the same",
				"an empty list admits every tool there, and is `allow: all` here; write `allow: none` if that was not meant",
			);
		return "all";
	}

	/** One rule for each kind: of a list, one pattern is enough. */
	#patterns(): Json[] {
		const entries = this.#policy.blocked_patterns.map((entry, index) => this.#pattern(entry, index));
		return PATTERN_TYPES.flatMap((kind) => {
			const texts = [...new Set(entries.flatMap((entry) => (entry?.kind === kind ? [literalText(entry.text)] : [])))];
			if (texts.length === 0) return [];
			const style: { [key: string]: Json } = kind === "glob" ? { style: "text" } : {};
			const [first = ""] = texts;
			const name = kind === "regex" ? "blocked-regexes" : `blocked-${kind}s`;
			return [{ name, in: ["args", "tool"], [kind]: texts.length === 1 ? first : texts, ...style }];
		});
	}

	/** Null where the dialect cannot say it. */
	#pattern(entry: GovernancePolicy["blocked_patterns"][number], index: number): BlockedPattern | null {
		const path = ["blocked_patterns", index];
		const written =
			typeof entry === "string"
				? { kind: "substring" as const, text: entry }
				: { kind: entry.type, text: entry.pattern };
		const carried = this.#rewritten(written, path);
		const source: PatternSource = { ...carried, style: "text", caseSensitive: false };
		const read = readPattern(source);
		const fault = read.ok ? patternSlip(source) : read.error;
		if (fault === null) return carried;
		const { message, help } = fault;
		this.#differs(path, "more", `\`${written.text}\` is not carried: ${message} (${help})`);
		return null;
	}

	#rewritten({ kind, text }: BlockedPattern, path: YamlPath): BlockedPattern {
		switch (kind) {
			case "glob":
				return { kind, text: globOfFnmatch(text) };
			case "regex": {
				const foreign = /\\[dwb]/.exec(text);
				if (foreign !== null)
					this.#differs(
						path,
						"more",
						`\`${foreign[0]}\` knows the letters and digits of every alphabet there, and those of ASCII here`,
					);
				return { kind, text: regexOfPython(text) };
			}
			case "substring":
				return this.#substring(text, path);
		}
	}

	#substring(text: string, path: YamlPath): BlockedPattern {
		if (MEANT_AS_REGEX.test(text) && isRegexOfItself(text)) {
			this.#differs(
				path,
				"fewer",
				`\`${text}\` is looked for as it is written there, and is a regex here, which finds that and what it seems to mean`,
			);
			return { kind: "regex", text };
		}
		const letters = [...text].filter((letter) => letter > "\x7f" && isCased(letter));
		// Of two dollars one is taken for the sign of a text that is no list.
		const isTwice = /^\$\$[a-z][a-z0-9-]{0,62}$/.test(text);
		if (letters.length === 0 && !isTwice) return { kind: "substring", text };
		const regex = [...text].map((letter) =>
			letters.includes(letter)
				? `[${letter.toLowerCase()}${letter.toUpperCase()}]`
				: letter.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"),
		);
		return { kind: "regex", text: regex.join("") };
	}

	#limits(besides: readonly string[]): Json[] {
		const { max_tool_calls, max_tokens, max_concurrent } = this.#policy;
		const has = (key: string): boolean => this.#read.written.has(key);
		if (has("max_tokens"))
			this.#differs(["max_tokens"], "fewer", "there only some adapters look at it, after the model has answered");
		if (has("max_concurrent"))
			this.#differs(["max_concurrent"], "fewer", "nothing there asks the semaphore that holds it");
		return [
			{ name: "max-tool-calls", measure: "tool_calls", scope: "session", max: max_tool_calls, ...exceptOf(besides) },
			{ name: "max-tokens", measure: "tokens", scope: "session", max: max_tokens },
			...(max_concurrent === undefined
				? []
				: [
						{
							name: "max-concurrent",
							measure: "concurrent_calls",
							scope: "agent",
							max: max_concurrent,
							...exceptOf(besides),
						},
					]),
		];
	}

	/** Keys that have no place in a policy. */
	#nameRest(): void {
		const { written } = this.#read;
		if (written.has("timeout_seconds"))
			this.#differs(
				["timeout_seconds"],
				"more",
				"the age of a session there, at which calls end; here how long each call may take",
			);
		for (const [key, reason] of Object.entries(NOT_CARRIED)) {
			if (written.has(key)) this.#differs([key], "the same", reason);
		}
		if (this.#policy.log_all_calls === false)
			this.#differs(["log_all_calls"], "the same", "every call and its decision are on the log");
	}
}

const exceptOf = (besides: readonly string[]): { [key: string]: Json } =>
	besides.length === 0 ? {} : { except: [...besides] };

/** Of a tool, in a policy. */
const GLOB_LENGTH_MAX = 256;

const NOT_CARRIED: Readonly<Record<string, string>> = {
	confidence_threshold: "an attribute of a Python object, which the arguments of a call have not",
	drift_threshold: "raises an event there, and never stops a call",
	checkpoint_frequency: "checkpoints are the deployment's, not a policy's",
	backpressure_threshold: "nothing there asks for it",
	version: "a policy's version is its digest",
};

/** `$name` alone is a list. */
const literalText = (text: string): string => (/^\$[a-z][a-z0-9-]{0,62}$/.test(text) ? `$${text}` : text);

/** What nobody looks for as it is written. */
const MEANT_AS_REGEX = /\.[*+]|\\[sbwdSBWD]|\[[^\]]+\][*+]/;

/** Does the text as a regex find the text itself, and not every text? Then nothing is lost by reading it so. */
function isRegexOfItself(text: string): boolean {
	const source: PatternSource = { kind: "regex", text, style: "text", caseSensitive: false };
	const read = readPattern(source);
	if (!read.ok || exemptsEverything(source) !== null) return false;
	return new TreeSearch(read.value.tree).begin(text, "any", undefined) >= 0;
}
