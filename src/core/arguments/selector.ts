/**
 * Where a test of a rule looks: a path into the arguments, `args.headers.*#key` for the keys of a map, and alternatives,
 * `args.path | args.file_path`, for what tools call by several names.
 */
import { err, ok, type Result } from "../base/result.ts";
import { ANY_STEP, type ArgumentPath, type PathFault, parseArgumentPath } from "./path.ts";

export interface Selector {
	/** As the author wrote it. */
	readonly text: string;
	readonly path: ArgumentPath;
	/** Does it name the keys of the members that the path leads to, and not their values? */
	readonly ofKeys: boolean;
}

/** The alternatives of one text, each without the space around it and with `|` for `\\|`, and where it begins. */
export function splitAlternatives(text: string): readonly { readonly text: string; readonly offset: number }[] {
	const found: { text: string; offset: number }[] = [];
	let from = 0;
	const take = (to: number): void => {
		const part = text.slice(from, to);
		found.push({ text: part.trim().replaceAll("\\|", "|"), offset: from + part.length - part.trimStart().length });
		from = to + 1;
	};
	for (let index = 0; index < text.length; index++) {
		if (text[index] === "\\") index += 1;
		else if (text[index] === "|") take(index);
	}
	take(text.length);
	return found;
}

const KEYS = "#key";

export function parseSelector(text: string): Result<Selector, PathFault> {
	if (text === "") return err({ message: "an alternative is missing", help: "write a path on both sides of `|`" });
	if (text === "tool") {
		const help = "name an argument: `in: args.NAME`; which tools a rule is about is said in `tools`";
		return err({ message: "`tool` is no argument", help });
	}
	const ofKeys = text.endsWith(KEYS);
	const parsed = parseArgumentPath(ofKeys ? text.slice(0, -KEYS.length) : text);
	if (!parsed.ok) return parsed;
	const path = parsed.value;
	if (path.length === 0) {
		return err({
			message: "`args` is all of the arguments",
			help: "name one: `args.NAME`, or `args.*` for each of them",
		});
	}
	if (ofKeys && path.at(-1) !== ANY_STEP) {
		return err({
			message: `\`${text.slice(0, 60)}\` is one key, and known`,
			help: `write \`${text.slice(0, -KEYS.length)}.*${KEYS}\` for the keys in it`,
		});
	}
	return ok({ text, path, ofKeys });
}
