/** What a server's client does itself where its line begins so: `\! id`, `.shell id`, `\copy t to 'f'`, `.dump`. */
import type { Findings, Place } from "../fact.ts";

const COMMAND = /^\s*([\\.])(!|[a-z]+)\s*([^\n]{0,4000})/u;

/** False where the text is none. */
export function readClientCommand(text: string, at: Place, to: Findings): boolean {
	const [, sign = "", name = "", rest = ""] = COMMAND.exec(text) ?? [];
	const via = [...at.via, `${sign}${name}`];
	if (name === "!" || name === "shell" || name === "system") {
		to.add({ kind: "sql", ...at, has: { verb: ["client-shell"], content: ["command"] } });
		to.within("shell", rest, { ...at, via });
	} else if (name === "copy") to.within("sql", `copy ${rest}`, { ...at, via });
	else if (name === "dump" || name === "load") to.add({ kind: "sql", ...at, has: { verb: [`client-${name}`] } });
	else return false;
	return true;
}
