/**
 * Rules on commands, such as `npm run *`, as regexes over a command line.
 *
 * What lets pass means one simple command: nothing that a shell would read as a second one, no substitution, no redirection.
 * What stops looks at the beginning of every command of the line.
 */

/** Anything of one simple command, quotes closed; and the same as further words. */
const REST = `(?:[^\\n\\r;&|<>()$\`"'\\\\]|"[^"$\`\\\\\\n]*"|'[^'\\n]*')*`;
const WORDS = `(?:[ \\t]${REST})?`;

/** The whole line is one command that the rule names. */
export const allowedCommand = (rule: string): string => `^${bodyOf(rule, REST, { words: WORDS, end: "[ \\t]*" })}$`;

/** Where a command begins: behind what joins commands, what runs others, assignments and a folder. */
const BEGIN = [
	"(?:^|[;&|(){}\\n\\r`])[ \\t]*",
	"(?:(?:\\w+=\\S*|(?:sudo|doas|env|command|exec|nohup|nice|time|timeout|xargs)(?:[ \\t]+(?:-\\S+|\\d\\S*))*)[ \\t]+)*",
	"(?:[\\w.~/-]*/)?",
].join("");

/** A command of the line is one that the rule names. */
export const stoppedCommand = (rule: string): string =>
	`${BEGIN}${bodyOf(rule, "[^;&|\\n]*", { words: "(?:[^\\w-]|$)", end: "[ \\t]*(?:$|[;&|)\\n\\r<>])" })}`;

/**
 * `*` is anything. At the end, behind a space or as `:*`, it is words, or none: `ls *` is `ls` and `ls -la`, not `lsof`. `words`
 * and `end` are what follows then, or where there is no `*` at the end.
 */
function bodyOf(
	rule: string,
	anything: string,
	{ words, end }: { readonly words: string; readonly end: string },
): string {
	const [, head = ""] = /^(.*?)(?::\*| \*)$/s.exec(rule) ?? [];
	const isWords = head !== "";
	const text = isWords ? head : rule;
	const body = text.split("*").map(literal).join(anything);
	if (isWords) return body + words;
	return text.endsWith("*") ? body : body + end;
}

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll(/ +/g, "[ \\t]+");
