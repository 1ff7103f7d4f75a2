/**
 * A policy as a GovernancePolicy of Agent-OS, which can say less.
 *
 * What it cannot say as narrowly is said so that it stops more, and what it cannot say at all is left out; both are named.
 */
import type { Json, JsonObject } from "../../base/json.ts";
import { isPlainName } from "../../language/glob-reader.ts";
import { nameTest } from "../../match/name-globs.ts";
import { parseDuration } from "../../model/duration.ts";
import { effectOnOthers, type LimitRule, type PatternRule, type PolicyDocument } from "../document.ts";
import { patternTextsOf } from "../forms.ts";
import type { ReadPolicy } from "../parse.ts";
import { isAllowList } from "../pattern-slips.ts";
import type { YamlPath } from "../yaml-source.ts";
import type { WrittenGovernancePolicy } from "./agent-os-form.ts";
import { commentLines, type Difference, inFileOrder, type Translation } from "./difference.ts";
import { baseName } from "./policy-name.ts";
import { globForFnmatch, regexForPython } from "./python-patterns.ts";
import { yamlText } from "./yaml-text.ts";

/** `read` has passed every check. */
export const exportAgentOs = (read: ReadPolicy, file: string): Translation => new AgentOsExport(read).translate(file);

/** There is no word for it there: calls, tokens and seconds that nobody reaches. */
const UNBOUNDED = 1_000_000_000;

type BlockedPattern = NonNullable<WrittenGovernancePolicy["blocked_patterns"]>[number];

class AgentOsExport {
	readonly #document: PolicyDocument;
	readonly #read: ReadPolicy;
	readonly #differences: Difference[] = [];

	constructor(read: ReadPolicy) {
		this.#document = read.document;
		this.#read = read;
	}

	translate(file: string): Translation {
		const { metadata } = this.#document;
		this.#nameSections();
		const allowed = this.#allowedTools();
		const concurrent = this.#limit("concurrent_calls", ["agent", "session"]);
		const policy: WrittenGovernancePolicy = {
			name: metadata.name,
			max_tokens: Math.max(1, this.#limit("tokens", ["session"]) ?? UNBOUNDED),
			max_tool_calls: allowed === "none" ? 0 : (this.#limit("tool_calls", ["session"]) ?? UNBOUNDED),
			allowed_tools: typeof allowed === "string" ? [] : [...allowed],
			blocked_patterns: this.#document.patterns.flatMap((rule, index) => this.#patterns(rule, ["patterns", index])),
			require_human_approval: this.#document.tools.hold.some(
				(entry) => isEverything(aboutOf(entry)) && hasForce(entry),
			),
			timeout_seconds: this.#timeout(),
			...(concurrent === null ? {} : { max_concurrent: Math.max(1, concurrent) }),
		};
		this.#nameLimits();
		const differences = inFileOrder(this.#differences);
		const comment = commentLines(`From the policy in ${baseName(file)}, for Agent-OS 2.0.1.`, differences);
		return { name: metadata.name, text: yamlText(policy as Json, comment), differences };
	}

	#differs(path: YamlPath, admits: Difference["admits"], reason: string): void {
		const field = path.map((step, at) => (typeof step === "number" ? `[${step}]` : `${at === 0 ? "" : "."}${step}`));
		this.#differences.push({ field: field.join(""), place: this.#read.yaml.placeOf(path), admits, reason });
	}

	/** Whatever the document has beside the sections that are carried in part. */
	#nameSections(): void {
		for (const key of Object.keys(this.#read.data)) {
			if (CARRIED_SECTIONS.has(key)) continue;
			const [admits, reason] = SECTIONS[key] ?? ["more", `there is nothing like \`${key}\` there`];
			if (key !== "mode" || this.#document.mode === "audit") this.#differs([key], admits, reason);
		}
		for (const key of Object.keys(this.#read.data["metadata"] as JsonObject)) {
			if (key !== "name") this.#differs(["metadata", key], "the same", "there is no place for it");
		}
		const { approvals } = this.#document;
		for (const name of Object.keys(approvals))
			this.#differs(["approvals", name], "fewer", "nobody can approve a call there: it is denied");
	}

	/** Names alone, without those that another list stops. `none`: not one is left. */
	#allowedTools(): readonly string[] | "all" | "none" {
		const { allow = [], default: others, deny, hold } = this.#document.tools;
		const stopped = (["deny", "hold"] as const).flatMap((list) =>
			(list === "deny" ? deny : hold).map((entry, index) => ({
				entry,
				list,
				path: ["tools", list, index] as YamlPath,
			})),
		);
		for (const { entry, path } of stopped) this.#nameVoice(entry, path);
		const admitsOthers = effectOnOthers(this.#document.tools) === "allow";
		const listed = admitsOthers ? null : typeof allow === "string" ? [] : this.#names(allow);
		if (others === "hold")
			this.#differs(["tools", "default"], "fewer", "nobody can approve a call there: what no list names is denied");
		for (const { entry, list, path } of stopped) {
			if (!hasForce(entry)) continue;
			const about = aboutOf(entry);
			if (list === "hold" && isEverything(about)) continue;
			if (listed === null)
				this.#differs(path, "more", "a tool is stopped there only by not being on the list of those allowed");
			else if (list === "hold" && (others !== undefined || listed.some(stops(about))))
				this.#differs(path, "fewer", "nobody can approve a call there: the tool is left out of the list");
		}
		if (listed === null) return "all";
		const isStopped = stopped
			.filter(({ entry, list }) => hasForce(entry) && !(list === "hold" && isEverything(aboutOf(entry))))
			.map(({ entry }) => stops(aboutOf(entry)));
		const left = listed.filter((tool) => !isStopped.some((test) => test(tool)));
		if (left.length > 0) return left;
		this.#differs(
			["tools", others === undefined ? "allow" : "default"],
			"the same",
			"an empty list admits every tool there: `max_tool_calls: 0` stops all",
		);
		return "none";
	}

	#names(entries: readonly (string | About)[]): readonly string[] {
		return entries.flatMap((entry, index) => {
			const { tools, except = [] } = aboutOf(entry);
			const isExcepted = nameTest(except, false);
			return tools.flatMap((glob) => {
				const name = literalName(glob);
				if (name !== null) return isExcepted(name) ? [] : [name];
				this.#differs(["tools", "allow", index], "fewer", `\`${glob}\` is no name, and there are only names there`);
				return [];
			});
		});
	}

	/** What of a rule has no counterpart: none of it changes the verdict. */
	#nameVoice(rule: unknown, path: YamlPath): void {
		if (typeof rule === "string") return;
		const written = rule as Readonly<Record<string, unknown>>;
		if (written["mode"] === "audit") {
			this.#differs([...path, "mode"], "the same", "there is no rule without force there: left out");
			return;
		}
		for (const [key, [admits, reason]] of Object.entries(VOICE)) {
			const value = written[key];
			const isSaid = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "medium";
			if (isSaid) this.#differs([...path, key], admits, reason);
		}
	}

	#patterns(rule: PatternRule, path: YamlPath): readonly BlockedPattern[] {
		this.#nameVoice(rule, path);
		if (!hasForce(rule)) return [];
		const left = (reason: string): readonly [] => {
			this.#differs(path, "more", `${reason}: left out`);
			return [];
		};
		const places = typeof rule.in === "string" ? [rule.in] : rule.in;
		if (rule.unless !== undefined) return left("a pattern has no exceptions there");
		if (!places.some((place) => place !== "tool")) return left("a tool's name is not looked at there");
		if (isAllowList(rule)) return left("it would stop every call there");
		this.#nameReach(rule, places, path);
		return patternTextsOf(rule).flatMap(({ kind, texts }) =>
			texts.flatMap((text, index): readonly BlockedPattern[] => {
				const where = typeof rule[kind] === "string" ? [...path, kind] : [...path, kind, index];
				if (/[\\"'\p{Cc}]/u.test(kind === "regex" ? text.replaceAll(/\\./g, "") : text))
					this.#differs(
						where,
						"more",
						"the arguments are looked at as Python writes them, where quotes and backslashes have others beside them",
					);
				if (kind === "substring") return [text];
				if (kind === "regex") return [{ pattern: regexForPython(text), type: kind }];
				const glob = rule.style === "path" ? null : globForFnmatch(text);
				if (glob === null) {
					const why =
						rule.style === "path" ? "paths are not read there" : `\`${text}\` is more than \`fnmatch\` can say`;
					this.#differs(where, "more", `${why}: left out`);
					return [];
				}
				// A glob has to reach the end of the whole call there, which is a brace.
				return [{ pattern: glob.endsWith("*") ? glob : `${glob}*`, type: kind }];
			}),
		);
	}

	/** Patterns are about all calls there, all that is in them, in either case. */
	#nameReach(rule: PatternRule, places: readonly string[], path: YamlPath): void {
		if (!isEverything(rule)) this.#differs([...path, "tools"], "fewer", "a pattern is about every tool there");
		if (rule.effect === "hold")
			this.#differs([...path, "effect"], "fewer", "nobody can approve a call there: it is denied");
		if (rule.case === "sensitive") this.#differs([...path, "case"], "fewer", "patterns ignore case there");
		if (places.includes("tool")) this.#differs([...path, "in"], "more", "a tool's name is not looked at there");
		if (!places.includes("args")) this.#differs([...path, "in"], "fewer", "a pattern is about all arguments there");
	}

	/** The least of those that can be said; null without any. */
	#limit(measure: LimitRule["measure"], scopes: readonly LimitRule["scope"][]): number | null {
		const found = this.#document.limits.flatMap((rule) =>
			rule.measure === measure && scopes.includes(rule.scope) && isCarriedLimit(rule) ? [Number(rule.max)] : [],
		);
		return found.length === 0 ? null : Math.min(...found);
	}

	#nameLimits(): void {
		for (const [index, rule] of this.#document.limits.entries()) {
			const path = ["limits", index];
			this.#nameVoice(rule, path);
			if (!hasForce(rule)) continue;
			const scopes = LIMIT_SCOPES[rule.measure] ?? [];
			if (!isCarriedLimit(rule) || !scopes.includes(rule.scope)) {
				this.#differs(path, "more", "limits there are calls and tokens of a session for its life, and calls at a time");
				continue;
			}
			if (rule.effect === "hold")
				this.#differs([...path, "effect"], "fewer", "nobody can approve a call there: it is denied");
			if (rule.reserve !== undefined)
				this.#differs([...path, "reserve"], "more", "nothing is reserved there: calls side by side are not bounded");
		}
	}

	/** Seconds. */
	#timeout(): number {
		let least = UNBOUNDED;
		for (const [index, entry] of this.#document.obligations.entries()) {
			const path = ["obligations", index];
			for (const key of ["redact", "lease", "message"] as const)
				if (entry[key] !== undefined)
					this.#differs([...path, key], "the same", "calls are handed over as they are, and owe nothing there");
			if (entry.deadline === undefined) continue;
			if (isEverything(entry)) {
				least = Math.min(least, Math.max(1, Math.ceil((parseDuration(entry.deadline) ?? 0) / 1_000)));
				this.#differs([...path, "deadline"], "fewer", "it is the age of a session there, at which its calls end");
			} else this.#differs([...path, "deadline"], "more", "one time is for all tools there");
		}
		return least;
	}
}

const CARRIED_SECTIONS: ReadonlySet<string> = new Set([
	"apiVersion",
	"kind",
	"metadata",
	"tools",
	"patterns",
	"limits",
	"approvals",
	"obligations",
]);

/** What rules say of themselves. */
const VOICE: Readonly<Record<string, readonly [Difference["admits"], string]>> = {
	message: ["the same", "reasons are fixed there"],
	severity: ["the same", "violations have no severity there"],
	tags: ["the same", "nothing is filed under tags there"],
	stage: ["fewer", "a rule has force for every session there"],
};

const SECTIONS: Readonly<Record<string, readonly [Difference["admits"], string]>> = {
	stage: ["fewer", "a policy has force for every session there"],
	extends: ["more", "no policy is below another there: export that one as well"],
	mode: ["fewer", "there is no policy without force there: what is recorded here is denied"],
	exceptions: ["fewer", "rules there count for every call"],
	appliesTo: ["fewer", "it governs whoever it is handed to there"],
};

const LIMIT_SCOPES: Readonly<Partial<Record<LimitRule["measure"], readonly LimitRule["scope"][]>>> = {
	tool_calls: ["session"],
	tokens: ["session"],
	concurrent_calls: ["agent", "session"],
};

const isCarriedLimit = (rule: LimitRule): boolean => rule.per === undefined && isEverything(rule) && hasForce(rule);

/** The tools that a rule or an entry of a list is about. */
interface About {
	readonly tools: readonly string[];
	readonly except?: readonly string[] | undefined;
}

const aboutOf = (entry: string | About): About => (typeof entry === "string" ? { tools: [entry] } : entry);

function stops({ tools, except = [] }: About): (tool: string) => boolean {
	const [isNamed, isExcepted] = [nameTest(tools, false), nameTest(except, true)];
	return (tool) => isNamed(tool) && !isExcepted(tool);
}

const hasForce = (rule: string | { readonly mode: string }): boolean =>
	typeof rule === "string" || rule.mode === "enforce";

const isEverything = ({ tools, except }: About): boolean => tools.includes("*") && except === undefined;

/** The one name that a glob stands for; null where it stands for several. */
function literalName(glob: string): string | null {
	const bare = glob.replaceAll(/\\[^\w\s]/g, "");
	return isPlainName(bare) ? glob.replaceAll(/\\([^\w\s])/g, "$1") : null;
}
