/**
 * Words of a command line that somebody will copy into a shell. Names in them come from agents: none of them is more than a word there,
 * and none looks like another on the screen.
 */
import { UNSEEN } from "../../core/base/unseen.ts";

/** As bash, zsh and ksh read it; plain where nothing in it means anything to a shell, on a terminal or in Markdown. */
export function shellWord(text: string): string {
	if (/^[\w/:=@%+,.-]+$/.test(text)) return text;
	if (!SPELLED.test(text)) return `'${text}'`;
	return `$'${text.replace(EVERY_SPELLED, spelled)}'`;
}

/** What ends the quotes, what nobody sees, and what ends code or a cell of a table in Markdown. */
const SPELLED = new RegExp(`['\\\\\`|${UNSEEN}]`, "u");
const EVERY_SPELLED = new RegExp(SPELLED, "gu");

function spelled(rune: string): string {
	if (rune === "'" || rune === "\\") return `\\${rune}`;
	const code = (rune.codePointAt(0) as number).toString(16);
	return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}
