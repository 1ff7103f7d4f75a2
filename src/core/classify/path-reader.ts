/** Reads a text that is a path: what a tool's argument of that name, or with that form, says. */
import type { Findings, Place } from "./fact.ts";
import { normalPath, pathClasses } from "./path.ts";

/** What is done with the path is another's to say: `access` is `unknown`. */
export function readPathText(text: string, at: Place, to: Findings): void {
	addPath(text, "unknown", at, to);
}

/** One path that is accessed in a known way: read, write, delete, execute; of a class more that the reader has seen. */
export function addPath(text: string, access: string, at: Place, to: Findings, more?: string): void {
	const { pointer, span, via } = at;
	const classes = pathClasses(text);
	const pathclass = more === undefined ? classes : [...classes, more];
	const has = { path: [normalPath(text)], pathclass, access: [access] };
	to.add({ kind: "path", pointer, span, via, has });
}
