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

/** A folder in front of a program, and what the shell takes off: a quote, which may be that of `sh -c "…"`, or a backslash. */
const FOLDER = `["'\\\\]?(?:[\\w.~/-]*/)?`;

const ASSIGNMENT = `["']?\\w+\\+?=(?:"(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s"'\\\\]|\\\\.)*`;

/** Programs that run another one. Each of their options may have a word behind it. */
const RUNNERS =
	"sudo|doas|env|command|builtin|exec|eval|nohup|nice|ionice|time|timeout|stdbuf|setsid|xargs|busybox|(?:ba|z|k|da|a)?sh";
const RUNNER = `${FOLDER}(?:${RUNNERS})["']?(?:[ \\t]+(?:-\\S+(?:[ \\t]+[^\\s;&|-][^\\s;&|]*)?|\\d\\S*))*`;

const KEYWORD = "(?:if|then|elif|else|while|until|do|!|\\{)";
const REDIRECTION = "\\d*(?:<<<|[<>]{1,2}[&|]?)[ \\t]*[^\\s;&|<>]+";

/** Where a command begins: behind what joins commands, keywords, assignments, redirections, programs that run others, and a folder. */
const BEGIN = `(?:^|[;&|(){}\\n\\r\`])[ \\t]*(?:(?:${ASSIGNMENT}|${RUNNER}|${KEYWORD}|${REDIRECTION})[ \\t]+)*${FOLDER}`;

/** A command of the line is one that the rule names. */
export const stoppedCommand = (rule: string): string =>
	`${BEGIN}${bodyOf(rule, "[^;&|\\n]*", { words: "(?:[^\\w-]|$)", end: "[ \\t]*(?:$|[;&|)\\n\\r<>\"'`#])" })}`;

/** What `stoppedCommand` does not find, as a clause. */
export const UNFOUND_COMMANDS =
	'it is not found where another program than `sudo`, `env`, `sh -c` and the like runs it (`find -exec`, `ssh`, a script), nor under a name that the shell makes (`$x`, `c"ur"l`, an alias), nor with quotes between its words';

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
