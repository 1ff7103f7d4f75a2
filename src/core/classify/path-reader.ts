/** Reads a text that is a path: what a tool's argument of that name, or with that form, says. */
import type { Findings, Place } from "./fact.ts";
import { normalPath, pathClasses } from "./path.ts";

/** What is done with the path is another's to say: `access` is `unknown`. */
export function readPathText(text: string, at: Place, to: Findings): void {
	addPath(text, "unknown", at, to);
}

/** One path that is accessed in a known way: read, write, delete, execute. */
export function addPath(text: string, access: string, at: Place, to: Findings): void {
	const { pointer, span, via } = at;
	const has = { path: [normalPath(text)], pathclass: pathClasses(text), access: [access] };
	to.add({ kind: "path", pointer, span, via, has });
}
