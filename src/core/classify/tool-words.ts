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

/** What is handled, of all that a name speaks of: `comments` of `files.comments.delete` and of `delete_issue_comments_by_user`. Also
 * in the singular, and as one word with what stands before it. */
export function headsOf(words: readonly string[], verb: string | undefined): readonly string[] {
	const at = verb === undefined ? -1 : words.indexOf(verb);
	// `PatientDataLeaker` is named after what it does.
	const after = verb === undefined || at >= 0 ? -1 : words.findLastIndex((word) => word.startsWith(verb.slice(0, 4)));
	const isLast = after > 0 || (at > 0 && at === words.length - 1);
	const phrase = isLast ? words.slice(0, after > 0 ? after : -1) : words.slice(at + 1);
	const until = isLast ? -1 : phrase.findIndex((word, index) => index > 0 && BEHIND.has(word));
	const named = until < 0 ? phrase : phrase.slice(0, until);
	const head = named.at(-1);
	if (head === undefined) return [];
	const before = named.at(-2);
	return before === undefined ? [head, singular(head)] : [head, singular(head), singular(`${before}${head}`)];
}

/** What stands before where, of whom and by what. */
const BEHIND = new Set("from in into on of by for to at with as within per using via".split(" "));

export const singular = (word: string): string =>
	word
		.replace(/ies$/, "y")
		.replace(/(sh|ss|x|[^a]ch)es$/, "$1")
		.replace(/([^s])s$/, "$1");

const NAME_MAX = 256;

/** Tools are few and called often. The words depend on the name alone, so what is remembered changes no answer. */
const remembered = new Map<string, readonly string[]>();
const REMEMBERED_MAX = 2_000;

/** A verb and its object without a space: `flushdb`, `deleteuser`, `getenv`. */
export function unglued(word: string): readonly string[] {
	const { verb, rest } = GLUED.exec(word)?.groups ?? {};
	return verb === undefined || rest === undefined ? [word] : [verb, rest];
}
const GLUED =
	/^(?<verb>set|get|drop|flush|delete|kill|remove|create|list|add|run|stop|start|wipe|clear|purge|reset|restart|grant|dump|export|upload|truncate|erase|disable|enable|revoke|destroy|terminate)(?<rest>db|database|table|all|users?|files?|rows?|records?|bucket|index|indices|collection|schema|volume|disk|logs?|keys?|roles?|process|service|server|host|vm|node|account|rule|rules|cache|queue|backup|snapshot|branch|repo|container|instance|cluster|policy|permission|password|secret|token|database|firewall|audit|data|everything|enforce)$/;
