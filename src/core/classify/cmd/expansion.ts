/** What cmd.exe puts for `%name%` and `!name!`: variables that the text sets, and those that any machine has. */
import { environmentText, usualText } from "../powershell/constants.ts";

const NAMED = /%([^%:=\n]{1,100})(?::([^%\n]{1,200}))?%|!([^!:\n]{1,100})(?::([^!\n]{1,200}))?!|%%?~?[\w*](?![\w%])/g;
const LENGTH_MAX = 65_536;

/** Variables of a text by name in lower case. */
export type Variables = Map<string, string>;

/** The line with what is known in place; what is not known stays as it was written, in lower case. */
export function expanded(line: string, variables: Variables): string {
	if (!line.includes("%") && !line.includes("!")) return line;
	const made = line.replace(NAMED, (written, percent?: string, change?: string, bang?: string, changed?: string) => {
		const name = percent ?? bang;
		if (name === undefined) return variables.get(written.replace(/^%+~?/, "")) ?? written;
		const part = change ?? changed;
		const usual = part?.startsWith("~") === true ? usualText(name) : environmentText(name);
		const text = variables.get(name.toLowerCase()) ?? usual;
		if (text === null || text === undefined) return bang === undefined ? written.toLowerCase() : written;
		// A place that a loop's variable gives is not known yet.
		return part !== undefined && /^~[^=]*%/.test(part) ? written : altered(text, part);
	});
	return made.length > LENGTH_MAX ? line : made;
}

/** `~2,3` takes a part, `a=b` replaces, `*a=b` replaces up to where `a` is found. */
function altered(text: string, change: string | undefined): string {
	if (change === undefined) return text;
	const part = /^~(-?\d{1,5})?(?:,(-?\d{1,5}))?$/.exec(change);
	if (part !== null) {
		const start = Number(part[1] ?? 0);
		const from = start < 0 ? Math.max(0, text.length + start) : start;
		if (part[2] === undefined) return text.slice(from);
		const count = Number(part[2]);
		return count < 0 ? text.slice(from, count) : text.slice(from, from + count);
	}
	const at = change.indexOf("=", 1);
	if (at < 0) return text;
	const [what, by] = [change.slice(0, at), change.slice(at + 1)];
	if (!what.startsWith("*")) return text.replace(new RegExp(what.replace(/[^\w]/g, "\\$&"), "gi"), () => by);
	const found = text.toLowerCase().indexOf(what.slice(1).toLowerCase());
	return found < 0 ? text : by + text.slice(found + what.length - 1);
}
