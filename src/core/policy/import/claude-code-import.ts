/**
 * The permissions of a coding agent's settings as a policy: what `deny` names is denied, what `ask` names is held, what `allow`
 * names passes, and what nobody names is held where the agent would ask.
 */
import { type Problem, problem } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { policySchema } from "../document.ts";
import { formatYaml } from "../format.ts";
import type { YamlPath } from "../yaml-source.ts";
import type { ImportOptions } from "./agent-os-import.ts";
import { type Permissions, type ReadSettings, readSettings } from "./claude-code-form.ts";
import { UNFOUND_COMMANDS } from "./command-rules.ts";
import { commentLines, type Difference, inFileOrder, type Translation } from "./difference.ts";
import { folderGlob } from "./file-rules.ts";
import { type PermissionRule, readPermissionRule } from "./permission-rule.ts";
import { EDITORS, entriesOf, FILE, readablePath, TOOL_KINDS, type ToolKind, testOf } from "./permission-tests.ts";
import { baseName, policyNameOf } from "./policy-name.ts";
import { yamlText } from "./yaml-text.ts";

/** Problems are those of the file; what it says and a policy cannot is a difference. */
export function importClaudeCode(file: string, source: string, options: ImportOptions): Result<Translation, Problem[]> {
	const read = readSettings(file, source);
	if (!read.ok) return read;
	const rules = rulesOf(read.value);
	return rules.ok ? ok(new ClaudeCodeImport(read.value, rules.value, file).translate(options)) : rules;
}

type List = "allow" | "ask" | "deny";

interface ListedRule extends PermissionRule {
	readonly list: List;
	readonly path: YamlPath;
}

function rulesOf({ permissions, yaml }: ReadSettings): Result<readonly ListedRule[], Problem[]> {
	const rules: ListedRule[] = [];
	const problems: Problem[] = [];
	for (const list of ["allow", "ask", "deny"] as const) {
		for (const [index, text] of permissions[list].entries()) {
			const path = ["permissions", list, index];
			const read = readPermissionRule(text);
			if ("rule" in read) rules.push({ ...read.rule, list, path });
			else problems.push(problem("POLICY_SCHEMA", read.message, read.help, yaml.placeOf(path)));
		}
	}
	return problems.length > 0 ? err(problems) : ok(rules);
}

const SEARCHES: readonly string[] = ["Grep", "Glob", "LS"];

/** The rule on folders to search. Without one, searches look at the workspace; `lint` is told so. */
const FOLDERS = "allowed-folders";
const FOLDERS_BEGIN = new RegExp(`^ +- (?:\\{ )?name: ${FOLDERS}\\b`, "m");
const FOLDERS_ACCEPTED = "  # assent-lint: accept missing-ignored without `path` these tools look at the workspace\n";

/** Tools that the agent calls without asking. */
const QUIET: readonly string[] = [
	...["Read", "NotebookRead", "Grep", "Glob", "LS"],
	...["TodoRead", "TodoWrite", "Agent", "Task", "AskUserQuestion", "BashOutput", "KillShell"],
];

class ClaudeCodeImport {
	readonly #permissions: Permissions;
	readonly #read: ReadSettings;
	readonly #rules: readonly ListedRule[];
	readonly #file: string;
	/** What becomes of a call that no rule names. */
	readonly #fallback: "allow" | "deny" | "hold";
	readonly #differences: Difference[] = [];

	constructor(read: ReadSettings, rules: readonly ListedRule[], file: string) {
		const { defaultMode } = read.permissions;
		this.#permissions = read.permissions;
		this.#read = read;
		this.#rules = rules;
		this.#file = file;
		this.#fallback = defaultMode === "bypassPermissions" ? "allow" : defaultMode === "dontAsk" ? "deny" : "hold";
	}

	translate({ approvers }: ImportOptions): Translation {
		const name = policyNameOf(null, this.#file);
		this.#nameRest();
		const reached = this.#fallback === "allow" ? [] : [...this.#readers(), ...this.#editors(), ...this.#others()];
		const allowed = [...new Set([...QUIET, ...this.#bare("allow"), ...reached.flatMap(({ tools }) => tools)])].filter(
			(tool) => !this.#isDenied(tool),
		);
		const stops = [...this.#stops("deny"), ...this.#stops("ask")];
		// A rule is about tools that can be called, else it is none.
		const isCallable = (tool: string): boolean =>
			this.#fallback === "deny" ? isCovered(tool, allowed) : !this.#isDenied(tool);
		const conditions = [...stops, ...reached.map(({ rule }) => rule)].flatMap((rule): Json[] => {
			const tools = rule.tools.filter(isCallable);
			return tools.length === 0 ? [] : [{ ...rule, tools }];
		});
		const isHeld =
			this.#fallback === "hold" ||
			this.#bare("ask").length > 0 ||
			conditions.some((rule) => "effect" in (rule as object));
		const document: { [key: string]: Json } = {
			apiVersion: "assent.dev/v1",
			kind: "Policy",
			metadata: { name },
			tools: this.#tools(allowed),
			...(conditions.length === 0 ? {} : { conditions }),
			// The person who is asked is the one that the agent works for.
			...(isHeld ? { approvals: { default: { approvers: [...approvers], self: "allowed" } } } : {}),
		};
		const differences = inFileOrder(this.#differences);
		const origin = `From the permissions in ${baseName(this.#file)}; sessions declare their workspace and home.`;
		const text = formatYaml(yamlText(document, commentLines(origin, differences)), policySchema);
		return { name, text: text.replace(FOLDERS_BEGIN, `${FOLDERS_ACCEPTED}$&`), differences };
	}

	#differs(path: YamlPath, admits: Difference["admits"], reason: string): void {
		const field = path.map((step, at) => (typeof step === "number" ? `[${step}]` : `${at === 0 ? "" : "."}${step}`));
		this.#differences.push({ field: field.join(""), place: this.#read.yaml.placeOf(path), admits, reason });
	}

	#tools(allowed: readonly string[]): Json {
		const entry = (name: string, list: List): Json[] => {
			const tools = this.#bare(list);
			return tools.length === 0 ? [] : [{ name, tools: [...tools] }];
		};
		const [deny, hold] = [entry("denied-tools", "deny"), entry("asked-tools", "ask")];
		return {
			default: this.#fallback,
			...(this.#fallback === "allow" ? {} : { allow: allowed }),
			...(deny.length === 0 ? {} : { deny }),
			...(hold.length === 0 ? {} : { hold }),
		};
	}

	/** Tools that a list names as a whole; in a list that stops also those of which nobody knows what is behind them in brackets. */
	#bare(list: List): readonly string[] {
		const named = this.#rules.filter(
			(rule) =>
				rule.list === list && (rule.specifier === null || (list !== "allow" && TOOL_KINDS[rule.tool] === undefined)),
		);
		return [...new Set(named.flatMap(({ tool }) => toolGlobs(tool)))];
	}

	/** Whether `deny` names all of a tool, or all that a glob of tools means. */
	#isDenied(tool: string): boolean {
		return isCovered(tool, this.#bare("deny"));
	}

	/** What a list says of a tool, in the lists of one test. */
	#entries(list: List, tool: string, kind: ToolKind): readonly string[] {
		const lets = list === "allow" ? "pass" : "stop";
		return this.#rules.flatMap((rule) => {
			if (rule.list !== list || rule.tool !== tool || rule.specifier === null) return [];
			const entries = entriesOf(kind, rule.specifier, lets);
			if (entries === null)
				this.#differs(
					rule.path,
					list === "allow" ? "fewer" : "more",
					`\`${rule.text}\` is not carried: no test says it`,
				);
			return entries ?? [];
		});
	}

	/** The rules of `deny` and `ask` with something in brackets, one for each tool that they name. */
	#stops(list: "deny" | "ask"): ToolRule[] {
		const reads = this.#entries(list, "Read", TOOL_KINDS["Read"] as ToolKind);
		if (reads.length > 0) this.#nameSearches(list);
		return Object.entries(TOOL_KINDS).flatMap(([tool, kind]): ToolRule[] => {
			const own = kind === undefined || tool === "Read" ? [] : this.#entries(list, tool, kind);
			const entries = tool === "Read" || tool === "Glob" ? [...reads, ...own] : own;
			if (kind === undefined || entries.length === 0) return [];
			if (kind.reads === "command") this.#nameUnfound(list, tool);
			const name = `${list === "deny" ? "denied" : "asked"}-${tool.toLowerCase()}`;
			const rule = { name, tools: [...kind.tools], when: testOf(kind, [...new Set(entries)]) };
			return [list === "deny" ? rule : { ...rule, effect: "hold" }];
		});
	}

	/** Where no command passes, another spelling of a stopped one does not. */
	#nameUnfound(list: "deny" | "ask", tool: string): void {
		const passes =
			this.#fallback === "allow" || this.#rules.some((rule) => rule.list === "allow" && rule.tool === tool);
		if (!passes || [...this.#bare("deny"), ...this.#bare("ask")].includes(tool)) return;
		for (const rule of this.#rules) {
			const isCommand = rule.list === list && rule.tool === tool && rule.specifier !== null;
			if (isCommand && entriesOf(TOOL_KINDS[tool] as ToolKind, rule.specifier, "stop") !== null)
				this.#differs(rule.path, "more", UNFOUND_COMMANDS);
		}
	}

	/** What leads to files by another way than their names. */
	#nameSearches(list: "deny" | "ask"): void {
		const stopped = new Set([...this.#bare("deny"), ...this.#bare("ask")]);
		if (["Grep", "Glob", "Bash"].every((tool) => stopped.has(tool))) return;
		const reason =
			"a search by `Grep` or `Glob` that begins in a folder above or uses a wider pattern is not stopped, nor is a command that reads the files";
		for (const rule of this.#rules) {
			const isRead = rule.list === list && rule.tool === "Read" && rule.specifier !== null;
			if (isRead && entriesOf(TOOL_KINDS["Read"] as ToolKind, rule.specifier, "stop") !== null)
				this.#differs(rule.path, "more", reason);
		}
	}

	/** Files may be read below the workspace, and where a rule says so. */
	#readers(): Reached[] {
		if (this.#isAllowed("Read")) return [];
		const read = TOOL_KINDS["Read"] as ToolKind;
		const paths = [...this.#folders(), ...this.#entries("allow", "Read", read)];
		return [
			this.#reached("allowed-reads", { ...read, tools: ["Read", "NotebookRead"], in: FILE }, paths),
			// Without a folder they look at the workspace.
			this.#reached(FOLDERS, { ...read, tools: ["Grep", "Glob", "LS"], in: "args.path" }, paths, "ignore"),
		];
	}

	#editors(): Reached[] {
		const accepted = this.#permissions.defaultMode === "acceptEdits" ? this.#folders() : [];
		const edits = this.#isAllowed("Edit") ? [] : this.#entries("allow", "Edit", TOOL_KINDS["Edit"] as ToolKind);
		const groups = new Map<string, { readonly tools: string[]; readonly paths: readonly string[] }>();
		for (const tool of EDITORS) {
			if (this.#isAllowed("Edit") || this.#isAllowed(tool)) continue;
			const own = tool === "Edit" ? [] : this.#entries("allow", tool, TOOL_KINDS[tool] as ToolKind);
			const paths = [...accepted, ...edits, ...own];
			if (paths.length === 0) continue;
			const group = groups.get(paths.join("\n")) ?? { tools: [], paths };
			group.tools.push(tool);
			groups.set(paths.join("\n"), group);
		}
		return [...groups.values()].map(({ tools, paths }) =>
			this.#reached(`allowed-${(tools[0] as string).toLowerCase()}`, { tools, in: FILE, reads: "path" }, paths),
		);
	}

	/** Commands, hosts and the like; agents may always be called. */
	#others(): Reached[] {
		return ["Bash", "PowerShell", "WebFetch", "Skill", "SlashCommand"].flatMap((tool) => {
			const kind = TOOL_KINDS[tool] as ToolKind;
			const entries = this.#isAllowed(tool) ? [] : this.#entries("allow", tool, kind);
			if (entries.length === 0) return [];
			if (kind.reads === "command") this.#nameCommands(tool);
			return [this.#reached(`allowed-${tool.toLowerCase()}`, kind, entries)];
		});
	}

	#nameCommands(tool: string): void {
		const first = this.#rules.find((rule) => rule.list === "allow" && rule.tool === tool && rule.specifier !== null);
		if (first !== undefined)
			this.#differs(
				first.path,
				"fewer",
				"of commands that are joined, substituted or redirected none passes here, even where each is allowed",
			);
	}

	#reached(name: string, kind: ToolKind, entries: readonly string[], missing?: "ignore"): Reached {
		const require = { ...testOf(kind, [...new Set(entries)]), ...(missing === undefined ? {} : { missing }) };
		const effect = this.#fallback === "deny" ? {} : { effect: "hold" };
		return { tools: kind.tools, rule: { name, tools: [...kind.tools], require, ...effect } };
	}

	#isAllowed(tool: string): boolean {
		return this.#rules.some((rule) => rule.list === "allow" && rule.tool === tool && rule.specifier === null);
	}

	#folders(): readonly string[] {
		const more = this.#permissions.additionalDirectories.flatMap((folder) => readableFolder(folder) ?? []);
		return ["{workspace}/**", ...more];
	}

	/** What has no place in a policy, or another one. */
	#nameRest(): void {
		const { additionalDirectories, defaultMode } = this.#permissions;
		for (const [index, folder] of additionalDirectories.entries()) {
			if (readableFolder(folder) !== null) continue;
			this.#differs(
				["permissions", "additionalDirectories", index],
				"fewer",
				`\`${folder}\` has no name from the workspace down`,
			);
		}
		const mode = MODES[defaultMode];
		if (mode !== undefined) this.#differs(["permissions", "defaultMode"], ...mode);
		for (const key of ["disableBypassPermissionsMode", "disableAutoMode"] as const) {
			if (this.#permissions[key] !== undefined)
				this.#differs(["permissions", key], "the same", "there is no mode here that passes rules by");
		}
		for (const rule of this.#rules) {
			if (
				rule.list === "allow" &&
				rule.specifier !== null &&
				SEARCHES.includes(rule.tool) &&
				this.#fallback !== "allow"
			)
				this.#differs(
					rule.path,
					"fewer",
					`which files may be read is said by rules on \`Read\`: \`${rule.text}\` is not carried`,
				);
			if (rule.specifier !== null && TOOL_KINDS[rule.tool] === undefined)
				this.#differs(
					rule.path,
					"fewer",
					`what is in brackets behind \`${rule.tool}\` is not known here: ${rule.list === "allow" ? "it does not pass" : "the tool is stopped as a whole"}`,
				);
		}
		for (const key of this.#read.written) {
			if (key === "permissions") continue;
			const stops = key === "hooks" || key === "sandbox";
			this.#differs(
				[key],
				stops ? "more" : "the same",
				stops ? "it may stop calls there" : "it is not about permissions",
			);
		}
	}
}

function readableFolder(folder: string): readonly string[] | null {
	const glob = folderGlob(folder);
	return glob === null ? null : readablePath(glob);
}

type ToolRule = { readonly name: string; readonly tools: readonly string[] } & { readonly [key: string]: Json };

/** A rule that tools are admitted by. */
interface Reached {
	readonly tools: readonly string[];
	readonly rule: ToolRule;
}

const MODES: Readonly<Partial<Record<Permissions["defaultMode"], readonly [Difference["admits"], string]>>> = {
	plan: ["the same", "what changes anything does not run there; here it is held"],
	auto: ["fewer", "a model decides there; here it is held"],
	bypassPermissions: ["more", "writing to `.git`, `.claude` and the folders of editors still asks there"],
};

/** Whether one of `globs`, as `toolGlobs` writes them, is the same, or begins as the tool or glob does. */
const isCovered = (tool: string, globs: readonly string[]): boolean =>
	globs.some((glob) => glob === tool || (/^[^*]*\*$/.test(glob) && tool.startsWith(glob.slice(0, -1))));

/** A server is all its tools, a rule on `Edit` means every tool that edits. */
function toolGlobs(tool: string): readonly string[] {
	if (tool === "Edit") return EDITORS;
	const glob = tool.replaceAll(/[?[\]{}()|\\!+@$]/g, "\\$&");
	return /^mcp__(?:(?!__).)+$/.test(tool) && !tool.includes("*") ? [glob, `${glob}__*`] : [glob];
}
