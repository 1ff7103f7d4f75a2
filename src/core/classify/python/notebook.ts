/** What notebooks write between lines of Python. */
import type { Findings, Place } from "../fact.ts";

/** What notebooks hand to a shell: lines that begin with `!`, and cells that begin with `%%bash`. */
export function withoutShellLines(text: string, at: Place, to: Findings): string {
	const cell = /^\s*%%(?:bash|sh|script\s+\w+|cmd|system|sx|!)[^\n]*\n([\s\S]*)$/u.exec(text);
	if (cell !== null) {
		to.within("shell", cell[1] ?? "", { ...at, via: [...at.via, "%%bash"] });
		return " ".repeat(text.length);
	}
	return text.replaceAll(
		/^([ \t]*)(?:\w+\s*=\s*)?(?:!|%(?:sx|system)\s)(?!=)(.+)$/gmu,
		(line: string, _: string, command: string) => {
			to.within("shell", command, { ...at, via: [...at.via, "!"] });
			return " ".repeat(line.length);
		},
	);
}
