/** What the specifiers of permission rules ask of a call, as tests of conditions. */
import type { Json } from "../../base/json.ts";
import { PLACEHOLDERS, sampleOf } from "../../match/path-globs.ts";
import { type PatternKind, readPattern } from "../../match/pattern.ts";
import { allowedCommand, stoppedCommand } from "./command-rules.ts";
import { pathGlobOf } from "./file-rules.ts";

/** Tools whose specifiers are read in the same way, and are about the same argument. */
export interface ToolKind {
	readonly tools: readonly string[];
	readonly in: string;
	readonly reads: "command" | "path" | "host" | "text";
}

export const EDITORS: readonly string[] = ["Edit", "Write", "MultiEdit", "NotebookEdit"];
export const FILE = "args.file_path | args.notebook_path";

/**
 * By the tool that a rule names: a rule on reading is about everything that reads, one on `Edit` about everything that edits.
 * What `Glob` reads is named by its `pattern`, which of `Grep` is a text to look for.
 */
export const TOOL_KINDS: Readonly<Record<string, ToolKind | undefined>> = {
	Bash: { tools: ["Bash"], in: "args.command", reads: "command" },
	PowerShell: { tools: ["PowerShell"], in: "args.command", reads: "command" },
	Read: { tools: ["Read", "NotebookRead", "Grep", "LS"], in: `${FILE} | args.path | args.glob`, reads: "path" },
	Edit: { tools: EDITORS, in: FILE, reads: "path" },
	Write: { tools: ["Write"], in: FILE, reads: "path" },
	MultiEdit: { tools: ["MultiEdit"], in: FILE, reads: "path" },
	NotebookEdit: { tools: ["NotebookEdit"], in: FILE, reads: "path" },
	Grep: { tools: ["Grep"], in: "args.path | args.glob", reads: "path" },
	Glob: { tools: ["Glob"], in: "args.path | args.pattern", reads: "path" },
	LS: { tools: ["LS"], in: "args.path", reads: "path" },
	WebFetch: { tools: ["WebFetch"], in: "args.url", reads: "host" },
	Agent: { tools: ["Agent", "Task"], in: "args.subagent_type", reads: "text" },
	Task: { tools: ["Agent", "Task"], in: "args.subagent_type", reads: "text" },
	Skill: { tools: ["Skill"], in: "args.skill | args.command", reads: "text" },
	SlashCommand: { tools: ["SlashCommand"], in: "args.command", reads: "text" },
};

/** What a specifier says, as entries of the lists of a test: null where no test can say it. */
export function entriesOf({ reads }: ToolKind, specifier: string, lets: "pass" | "stop"): readonly string[] | null {
	switch (reads) {
		case "command":
			return readable("regex", lets === "pass" ? allowedCommand(specifier) : stoppedCommand(specifier));
		case "path": {
			const glob = pathGlobOf(specifier, lets);
			return glob === null ? null : readablePath(glob);
		}
		case "host": {
			const host = /^domain:((?:\*\.)?[\w-]+(?:\.[\w-]+)*)$/.exec(specifier)?.[1];
			return host === undefined ? null : [host];
		}
		case "text": {
			const [, head] = /^(.*?)(?::\*| \*)$/s.exec(specifier) ?? [];
			// `$name` alone is a list.
			const text = (head ?? specifier).replace(/^\$/, "\\$");
			const globs = head === undefined ? [text] : [text, `${text} *`];
			return globs.every((glob) => readable("glob", glob) !== null) ? globs : null;
		}
	}
}

/** The test that one of the entries holds. */
export function testOf({ in: where, reads }: ToolKind, entries: readonly string[]): { readonly [key: string]: Json } {
	const list: Json = entries.length === 1 ? (entries[0] as string) : [...entries];
	switch (reads) {
		case "command":
			return { in: where, regex: list };
		case "path":
			return { in: where, path: list };
		case "host":
			return { in: where, url: { hosts: [...entries] } };
		case "text":
			return { in: where, glob: list, style: "text" };
	}
}

function readable(kind: PatternKind, text: string): readonly string[] | null {
	return readPattern({ kind, text, style: "text", caseSensitive: true }).ok ? [text] : null;
}

/** A name in braces is a place only where policies know it. */
export function readablePath(glob: string): readonly string[] | null {
	const foreign = [...glob.matchAll(/(?<!\\)\{(\w+)\}/g)].some(
		([, name]) => !PLACEHOLDERS.some((each) => each === name),
	);
	const source = { kind: "glob", text: sampleOf(glob), style: "path", caseSensitive: true } as const;
	return !foreign && readPattern(source).ok ? [glob] : null;
}
