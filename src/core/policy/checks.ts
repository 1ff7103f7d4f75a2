/** What a policy must satisfy beyond its form: patterns that compile, names that exist, keys that make sense together. */

import { parseArgumentPath } from "../arguments/path.ts";
import { type ErrorCode, type Place, type Problem, problem } from "../base/errors.ts";
import { personName } from "../base/person-name.ts";
import { suggest } from "../base/suggestion.ts";
import { isPlainName } from "../match/name-globs.ts";
import { type PatternKind, type PatternSource, readPattern } from "../match/pattern.ts";
import { parseDuration } from "../model/duration.ts";
import { missingOf, type PatternRule, type PolicyDocument, patternTextsOf } from "./document.ts";
import { limitDoubts, limitFaults } from "./limit-checks.ts";
import { exemptsEverything, isAllowList, looseExemption, type PatternSlip, patternSlips } from "./pattern-slips.ts";
import { nameOf } from "./schema-problems.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

/** Longest time that a held call may wait, and that an allowed call may take. */
const WAIT_MAX_MS = 30 * 86_400_000;

export interface Checked {
	readonly problems: readonly Problem[];
	/** What loads and may not mean what it says. */
	readonly warnings: readonly Problem[];
}

/**
 * `isRepaired` names parts that stand in for what could not be read: of them only what patterns and globs say counts, because
 * the rest is not the author's.
 */
export function checkPolicy(
	document: PolicyDocument,
	yaml: YamlSource,
	isRepaired: (path: YamlPath) => boolean = () => false,
): Checked {
	const check = new Checks(yaml, isRepaired);
	check.names(document);
	check.globs(document.appliesTo.tenants, ["appliesTo", "tenants"]);
	check.globs(document.appliesTo.agents, ["appliesTo", "agents"]);
	check.within(["tools"], () => check.tools(document));
	for (const [at, rule] of document.patterns.entries()) {
		check.within(["patterns", at], () => check.pattern(rule, ["patterns", at], document));
	}
	for (const [at, rule] of document.limits.entries()) {
		const path = ["limits", at];
		check.within(path, () => {
			check.globs(rule.tools, [...path, "tools"]);
			check.approval(rule, path, document);
			for (const fault of limitFaults(rule))
				check.add("POLICY_SCHEMA", fault.message, fault.help, yaml.placeOf([...path, fault.key]));
			for (const fault of limitDoubts(rule)) check.warn(fault.message, fault.help, yaml.placeOf([...path, fault.key]));
		});
	}
	check.within(["approvals"], () => check.approvals(document));
	check.within(["obligations"], () => check.obligations(document));
	return check;
}

/** The inside of a class of characters. */
const CLASS = /^\^?(?:\w-\w|\\[wdsWDS])+$/;

class Checks implements Checked {
	readonly problems: Problem[] = [];
	readonly warnings: Problem[] = [];
	readonly #yaml: YamlSource;
	readonly #isRepaired: (path: YamlPath) => boolean;

	constructor(yaml: YamlSource, isRepaired: (path: YamlPath) => boolean) {
		this.#yaml = yaml;
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

	warn(message: string, help: string, place: Place): void {
		this.warnings.push(problem("POLICY_WARNING", message, help, place));
	}

	add(code: ErrorCode, message: string, help: string, place: Place): void {
		this.problems.push(problem(code, message, help, place));
	}

	/** One name, one rule: reasons and counters are filed under it. */
	names(document: PolicyDocument): void {
		const seen = new Set<string>();
		const one = (name: string, path: YamlPath): void => {
			if (seen.has(name)) {
				const message = `a rule of the name \`${name}\` exists already in this policy`;
				this.add(
					"POLICY_DUPLICATE",
					message,
					"reasons and budgets are filed under the name: choose another",
					this.#yaml.placeOf([...path, "name"]),
				);
			}
			seen.add(name);
		};
		for (const list of ["deny", "hold"] as const) {
			for (const [at, entry] of document.tools[list].entries()) {
				if (typeof entry !== "string") one(entry.name, ["tools", list, at]);
			}
		}
		for (const list of ["patterns", "limits"] as const) {
			for (const [at, rule] of document[list].entries()) one(rule.name, [list, at]);
		}
	}

	tools(document: PolicyDocument): void {
		const { allow, deny } = document.tools;
		if (typeof allow !== "string") {
			this.globs(allow, ["tools", "allow"]);
			for (const [at, glob] of allow.entries()) {
				if (glob !== "all" && glob !== "none") continue;
				const message = `a list with \`${glob}\` admits a tool of that name, and no other`;
				this.add(
					"POLICY_SCHEMA",
					message,
					`write \`allow: ${glob}\`, without a list`,
					this.#yaml.placeOf(["tools", "allow", at]),
				);
			}
		}
		const named = deny.findIndex((entry) => (typeof entry === "string" ? [entry] : entry.tools).some(isPlainName));
		if (allow === "all" && named >= 0) {
			this.warn(
				"`allow: all` with a list of names to deny lets other spellings of them through, such as `functions.bash` or `default_api:bash` for `bash`",
				"list the tools that may be called in `allow`, or deny globs such as `'*bash'`",
				this.#yaml.placeOf(["tools", "deny", named]),
			);
		}
		for (const [at, entry] of document.tools.deny.entries()) {
			if (typeof entry === "string") this.glob(entry, ["tools", "deny", at]);
			else this.globs(entry.tools, ["tools", "deny", at, "tools"]);
		}
		for (const [at, entry] of document.tools.hold.entries()) {
			const path = ["tools", "hold", at];
			if (typeof entry === "string") this.glob(entry, path);
			else this.globs(entry.tools, [...path, "tools"]);
			const approval = typeof entry === "string" ? "default" : entry.approval;
			this.#reference(approval, typeof entry === "string" ? path : [...path, "approval"], document);
		}
	}

	globs(globs: readonly string[], path: YamlPath): void {
		for (const [at, glob] of globs.entries()) this.glob(glob, [...path, at]);
	}

	glob(glob: string, path: YamlPath): void {
		if (glob.startsWith("!")) {
			const help = `list the names that are meant; a list has no exceptions, and \`'\\${glob}'\` is a name that begins with \`!\``;
			this.add("POLICY_GLOB", "a leading `!` would match everything else", help, this.#yaml.placeOf(path));
			return;
		}
		if (/^\w+\(.*\)$/.test(glob)) {
			const help = `name the tool alone (\`${glob.slice(0, glob.indexOf("("))}\`), and look at its arguments with a rule in \`patterns\`: \`in: args.NAME\``;
			this.add("POLICY_GLOB", "a tool's name stands here, without arguments", help, this.#yaml.placeOf(path));
			return;
		}
		this.#text({ kind: "glob", text: glob, style: "text", caseSensitive: true }, path);
	}

	approval(
		rule: { effect: "deny" | "hold"; approval?: string | undefined },
		path: YamlPath,
		document: PolicyDocument,
	): void {
		if (rule.effect === "hold") {
			this.#reference(
				rule.approval ?? "default",
				[...path, rule.approval === undefined ? "effect" : "approval"],
				document,
			);
		} else if (rule.approval !== undefined) {
			this.add(
				"POLICY_SCHEMA",
				"`approval` has no meaning for a rule that denies",
				"set `effect: hold`, or remove `approval`",
				this.#yaml.placeOfKey([...path, "approval"]),
			);
		}
	}

	pattern(rule: PatternRule, path: YamlPath, document: PolicyDocument): void {
		this.#kinds(rule, path, "text");
		if (rule.unless !== undefined) this.#kinds(rule.unless, [...path, "unless"], null);
		if (rule.unless !== undefined && isAllowList(rule)) this.#exemption(rule.unless, [...path, "unless"]);
		this.#missing(rule, path, document);
		this.globs(rule.tools, [...path, "tools"]);
		this.approval(rule, path, document);
		const selectors = typeof rule.in === "string" ? [rule.in] : rule.in;
		for (const [at, selector] of selectors.entries()) {
			if (selector === "tool") continue;
			const parsed = parseArgumentPath(selector);
			const where = typeof rule.in === "string" ? [...path, "in"] : [...path, "in", at];
			if (!parsed.ok)
				this.add("POLICY_SCHEMA", parsed.error.message, `${parsed.error.help}; or \`tool\``, this.#yaml.placeOf(where));
		}
	}

	/** What an allow-list lets pass should say all of it. */
	#exemption(unless: NonNullable<PatternRule["unless"]>, path: YamlPath): void {
		for (const { kind, texts } of patternTextsOf(unless)) {
			for (const [at, text] of texts.entries()) {
				const loose = looseExemption({ kind, text, style: "text", caseSensitive: true });
				if (loose !== null)
					this.#slip(loose, kind, typeof unless[kind] === "string" ? [...path, kind] : [...path, kind, at]);
			}
		}
	}

	#missing(rule: PatternRule, path: YamlPath, document: PolicyDocument): void {
		const selectors = (typeof rule.in === "string" ? [rule.in] : rule.in).filter((each) => each !== "tool");
		const named = selectors.find((each) => each !== "args");
		if (named === undefined) return;
		if (rule.unless !== undefined && rule.missing === "ignore") {
			this.warn(
				`a call that gives \`${named}\` another name passes this rule, which permits by exception`,
				"remove `missing: ignore`, so that the rule fires on such calls",
				this.#yaml.placeOf([...path, "missing"]),
			);
		} else if (missingOf(rule) === "match" && rule.tools.includes("*") && document.tools.allow === "all") {
			this.warn(
				`the rule stops every tool that has no \`${named}\``,
				"name the tools that it is about: `tools: [...]`",
				this.#yaml.placeOf([...path, rule.missing === undefined ? "unless" : "missing"]),
			);
		}
	}

	approvals(document: PolicyDocument): void {
		for (const [name, entry] of Object.entries(document.approvals)) {
			const path = ["approvals", name];
			this.globs(entry.approvers, [...path, "approvers"]);
			const people = new Set(entry.approvers.map(personName)).size;
			if (entry.quorum > people && entry.approvers.every(isPlainName)) {
				const message = `${entry.quorum} approvals are needed, but only ${people} approvers are named`;
				this.add(
					"POLICY_SCHEMA",
					message,
					"name more approvers, use a glob, or lower `quorum`",
					this.#yaml.placeOf([...path, "quorum"]),
				);
			}
			this.#duration(entry.expires, [...path, "expires"], 1_000);
		}
	}

	obligations(document: PolicyDocument): void {
		for (const [at, entry] of document.obligations.entries()) {
			const path = ["obligations", at];
			this.globs(entry.tools, [...path, "tools"]);
			if (
				entry.redact === undefined &&
				entry.deadline === undefined &&
				entry.lease === undefined &&
				entry.message === undefined
			) {
				this.add(
					"POLICY_SCHEMA",
					"the obligation asks for nothing",
					"add `redact`, `deadline`, `lease` or `message`",
					this.#yaml.placeOf(path),
				);
			}
			for (const [index, text] of (entry.redact ?? []).entries()) {
				const parsed = parseArgumentPath(text);
				const place = this.#yaml.placeOf([...path, "redact", index]);
				if (!parsed.ok) this.add("POLICY_SCHEMA", parsed.error.message, parsed.error.help, place);
				else if (parsed.value.length === 0) {
					this.add(
						"POLICY_SCHEMA",
						"the arguments as a whole cannot be redacted",
						"name a part of them, or deny the tool",
						place,
					);
				}
			}
			if (entry.deadline !== undefined) this.#duration(entry.deadline, [...path, "deadline"], 1);
			if (entry.lease !== undefined) this.#lease(entry.lease, entry.deadline, [...path, "lease"]);
		}
	}

	#lease(lease: string, deadline: string | undefined, path: YamlPath): void {
		this.#duration(lease, path, 1);
		const [leaseMs, deadlineMs] = [parseDuration(lease), parseDuration(deadline ?? "")];
		if (leaseMs === null || deadlineMs === null || leaseMs >= deadlineMs) return;
		this.add(
			"POLICY_SCHEMA",
			"the `lease` is shorter than the `deadline`",
			"a slot is taken at least as long as the call may take: lengthen `lease`, or leave it out",
			this.#yaml.placeOf(path),
		);
	}

	/** Exactly one kind; `style` for globs alone, and without a default where none would be safe. */
	#kinds(rule: PatternRule | NonNullable<PatternRule["unless"]>, path: YamlPath, styleDefault: "text" | null): void {
		const given = patternTextsOf(rule);
		const [first, second] = given;
		if (first === undefined) {
			this.add(
				"POLICY_SCHEMA",
				`${nameOf(path)} has no pattern`,
				"add `regex`, `substring` or `glob`",
				this.#yaml.placeOf(path),
			);
		}
		if (second !== undefined) {
			const message = `${nameOf(path)} has both \`${first?.kind}\` and \`${second.kind}\``;
			this.add(
				"POLICY_SCHEMA",
				message,
				"a rule has one kind of pattern: make two rules",
				this.#yaml.placeOfKey([...path, second.kind]),
			);
		}
		const hasGlob = rule.glob !== undefined;
		if (!hasGlob && rule.style !== undefined) {
			this.add(
				"POLICY_SCHEMA",
				"`style` has a meaning for globs only",
				"remove it",
				this.#yaml.placeOfKey([...path, "style"]),
			);
		}
		if (hasGlob && rule.style === undefined && styleDefault === null) {
			const help =
				"`style: path` stops `*` at `/` and resolves `..`; `style: text` lets `*` cross everything, which exempts more";
			this.add(
				"POLICY_SCHEMA",
				"a glob in `unless` must say its style",
				help,
				this.#yaml.placeOfKey([...path, "glob"]),
			);
		}
		for (const { kind, texts } of given) {
			const isList = typeof rule[kind] !== "string";
			const [only = ""] = texts;
			if (
				isList &&
				texts.length === 1 &&
				kind !== "substring" &&
				CLASS.test(only) &&
				this.#yaml.isFlow([...path, kind])
			) {
				this.add(
					"POLICY_PATTERN",
					`YAML reads \`[${only}]\` as a list that holds the text \`${only}\``,
					`put the pattern in single quotes: \`'[${only}]'\``,
					this.#yaml.placeOf([...path, kind]),
				);
				continue;
			}
			for (const [at, text] of texts.entries()) {
				const where = isList ? [...path, kind, at] : [...path, kind];
				const isExempting = path.at(-1) === "unless";
				const sensitive = "case" in rule && rule.case === "sensitive";
				const source: PatternSource = { kind, text, style: rule.style ?? "text", caseSensitive: sensitive };
				const isRead = this.#text(source, where);
				const everything = isRead && isExempting ? exemptsEverything(source) : null;
				if (everything !== null) this.#slip(everything, kind, where);
				if (!this.#yaml.isCutByComment(where)) continue;
				this.add(
					"POLICY_PATTERN",
					"the pattern ends where ` #` begins a comment",
					"put the pattern in single quotes",
					this.#yaml.placeOf(where),
				);
			}
		}
	}

	/** False where the pattern cannot be read, or cannot mean what is written. */
	#text(source: PatternSource, path: YamlPath): boolean {
		const { kind, text } = source;
		const slips = patternSlips(source);
		const read = readPattern(source);
		for (const slip of slips) if (read.ok || slip.level === "error") this.#slip(slip, kind, path);
		if (slips.some(({ level }) => level === "error")) return false;
		if (read.ok) return true;
		const { offset, message, help } = read.error;
		const isLineBreak = this.#yaml.isBlock(path) && /[\n\r]/.test(text.charAt(offset));
		this.#patternFault(kind, {
			offset,
			message: isLineBreak ? "the block ends with a line break, which would be looked for" : message,
			help: isLineBreak ? "write the pattern on one line in single quotes, or begin the block with `|-` or `>-`" : help,
			text,
			path,
		});
		return false;
	}

	#slip({ level, offset, message, help }: PatternSlip, kind: PatternKind, path: YamlPath): void {
		if (level === "warning") this.warn(message, help, this.#yaml.placeInText(path, offset));
		else
			this.add(kind === "glob" ? "POLICY_GLOB" : "POLICY_PATTERN", message, help, this.#yaml.placeInText(path, offset));
	}

	#patternFault(
		kind: PatternKind,
		of: { offset: number; message: string; help: string; text: string; path: YamlPath },
	): void {
		const position = of.text.length > 1 ? ` (at character ${of.offset + 1} of the pattern)` : "";
		const place = this.#yaml.placeInText(of.path, of.offset);
		this.add(kind === "glob" ? "POLICY_GLOB" : "POLICY_PATTERN", `${of.message}${position}`, of.help, place);
	}

	#reference(name: string, path: YamlPath, document: PolicyDocument): void {
		const known = Object.keys(document.approvals);
		if (known.includes(name) || this.#isRepaired(["approvals"])) return;
		const help =
			known.length === 0
				? "a rule that holds needs to know who may release it: `approvals: {default: {approvers: [...]}}`"
				: suggest(name, known);
		this.add("POLICY_REFERENCE", `no entry \`${name}\` in \`approvals\``, help, this.#yaml.placeOf(path));
	}

	#duration(text: string, path: YamlPath, minMs: number): void {
		const length = parseDuration(text);
		if (length !== null && length >= minMs && length <= WAIT_MAX_MS) return;
		this.add(
			"POLICY_SCHEMA",
			`${nameOf(path)} cannot be \`${text}\``,
			`use ${minMs} ms to 30 days`,
			this.#yaml.placeOf(path),
		);
	}
}
