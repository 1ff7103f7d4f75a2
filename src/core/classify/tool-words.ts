/** The words of a tool's name, whatever way it is spelled: `drop_table`, `deleteAllUsers`, `fs.write`, `Alarm_1_AddAlarm`. */

/** Lower case, in order, without numbers: at `_`, `-`, `.`, `/`, `:`, blanks, and where case changes. */
export function toolWords(name: string): readonly string[] {
	const known = remembered.get(name);
	if (known !== undefined) return known;
	const words = name
		.slice(0, NAME_MAX)
		.replace(/([a-z\d])([A-Z])/g, "$1 $2")
		.replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
		.toLowerCase()
		.split(/[^\p{L}\p{N}]+/u)
		.filter((word) => word !== "" && !/^\d+$/.test(word));
	if (remembered.size >= REMEMBERED_MAX) remembered.clear();
	remembered.set(name, words);
	return words;
}

const NAME_MAX = 256;

/** Tools are few and called often. The words depend on the name alone, so what is remembered changes no answer. */
const remembered = new Map<string, readonly string[]>();
const REMEMBERED_MAX = 2_000;
