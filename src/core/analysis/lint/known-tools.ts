/** Tools that everybody knows by these names, with every argument that they have: those of Claude Code, of Gemini CLI and of the reference servers of MCP. */

const files = [
	"path",
	"paths",
	"content",
	"edits",
	"dryRun",
	"head",
	"tail",
	"pattern",
	"excludePatterns",
	"source",
	"destination",
	"sortBy",
];

const KNOWN: Readonly<Record<string, readonly string[]>> = {
	Bash: ["command", "timeout", "description", "run_in_background", "dangerouslyDisableSandbox"],
	Read: ["file_path", "offset", "limit", "pages"],
	Write: ["file_path", "content"],
	Edit: ["file_path", "old_string", "new_string", "replace_all"],
	MultiEdit: ["file_path", "edits"],
	NotebookEdit: ["notebook_path", "cell_id", "cell_number", "new_source", "cell_type", "edit_mode"],
	Glob: ["pattern", "path"],
	WebFetch: ["url", "prompt"],
	WebSearch: ["query", "allowed_domains", "blocked_domains"],
	run_shell_command: ["command", "description", "directory", "dir_path", "is_background"],
	mcp__fetch__fetch: ["url", "max_length", "start_index", "raw"],
};

/** Null for a tool that is not known. */
export function knownArguments(tool: string): readonly string[] | null {
	if (tool.startsWith("mcp__filesystem__")) return files;
	return Object.hasOwn(KNOWN, tool) ? (KNOWN[tool] ?? null) : null;
}

/** What arguments are commonly called. */
export const COMMON_ARGUMENTS: readonly string[] = [
	"amount",
	"command",
	"content",
	"currency",
	"file_path",
	"message",
	"password",
	"prompt",
	"query",
	"recipient",
	"statement",
	"subject",
];
