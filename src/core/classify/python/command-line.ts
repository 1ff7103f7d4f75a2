/** Commands that calls give to a shell, or a program with its arguments. */
import type { Call } from "./call.ts";
import { HOLE, type Value } from "./value.ts";

/** The line that a call runs, as a shell would be given it; undefined where nothing of it is known. */
export function commandLine({ names, args, keywords }: Call): string | undefined {
	const [name = "?"] = names;
	const isSpread = /\.(?:execl|execle|execlp|execlpe|create_subprocess_exec|subprocess_exec)$|^os\.spawnl/u.test(name);
	if (isSpread) {
		const words = args.slice(/spawnl/u.test(name) ? 2 : name.endsWith("create_subprocess_exec") ? 0 : 1);
		return words.length === 0 ? args[0]?.text : words.map(quoted).join(" ");
	}
	const isVector = /^os\.(?:execv|spawnv|posix_spawn)/u.test(name);
	const value =
		keywords.get("args") ??
		keywords.get("cmd") ??
		keywords.get("command") ??
		(isVector ? args.find(({ items }) => items !== undefined) : args[0]);
	if (value === undefined) return undefined;
	if (value.text !== undefined) return value.text.replaceAll(HOLE, "").trim() === "" ? undefined : value.text;
	if (value.items === undefined || value.items.length === 0 || value.items[0]?.text === undefined) return undefined;
	return value.items.map(quoted).join(" ");
}

function quoted(value: Value): string {
	const text = value.text ?? (value.number === undefined ? HOLE : String(value.number));
	return /^[\w@%+=:,./-]+$/u.test(text.replaceAll(HOLE, "x")) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Does a line look as if it were meant for Windows? */
export const isOfWindows = (line: string): boolean =>
	/^\s*(?:cmd|powershell|pwsh|reg|schtasks|net|netsh|wmic|vssadmin|bcdedit|certutil|rundll32|taskkill|sc)(?:\.exe)?\s|[a-z]:\\|%\w+%/iu.test(
		line,
	);
