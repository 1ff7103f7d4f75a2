/** Which words of a tool's name say what it does. */
import { deedOf } from "./deed.ts";
import { toolWords, unglued } from "./tool-words.ts";

/** Words that say what is done wherever they stand in a name. */
export const IMPERATIVE: ReadonlySet<string> = new Set(
	"get list format diff compare tokenize encode hash validate lint explain parse analyze analyse summarize detect describe fetch read show find create add delete remove update set put patch drop purge send enable disable start stop restart run execute exec invoke grant revoke attach detach assign unassign upload download export import reset restore terminate kill empty clear mute install uninstall apply deploy deactivate activate rewrite modify change edit write insert upsert append destroy truncate wipe erase reboot shutdown suspend resume scale promote demote impersonate assume authorize unlock move rename copy share unshare publish register deregister rotate generate merge close reopen resolve acknowledge transfer schedule cancel dump decrypt encrypt inject load evaluate eval forward mark calculate compute convert estimate simulate predict translate disarm bypass drain cordon undo preview count check verify search lookup rerun retry redeploy rebuild recreate reinstall resize provision reprovision configure reconfigure migrate unmute unblock deprovision decommission quarantine isolate failover scrape crawl navigate connect disconnect submit invite discard prune flush overwrite subscribe unsubscribe unmount unload reload seal unseal allow deny trigger dispatch ban unban override fork alter approve reject toggle pause upgrade downgrade reset bind unbind associate disassociate replace abort accept unsuspend reactivate regenerate unprotect retire exfiltrate harvest steal intercept manipulate tamper sabotage corrupt eradicate annihilate demolish incinerate zeroize exfil siphon smuggle allocate produce seed populate exercise cleanup hotplug undeploy replicate increase decrease exit swap tail expunge trim relay withdraw repoint reinitialize reinitialise unenroll expire append".split(
		" ",
	),
);

/**
 * The first word of the last part of the name, the last word, then the others that are sure to be verbs; then any word in that
 * order: `okta_reset_factors` resets, `secrets_get_value` gets.
 */
export function verbOrder(tool: string, words: readonly string[]): readonly string[] {
	const part = toolWords(tool.slice(tool.search(/[^./:]*$/))).flatMap(unglued);
	const last = part[0];
	const first = words[0];
	// What is kept is called by the same word as the keeping: `git_log`, `audit_log`.
	const isNoun = words.length > 1 && part.length > 1 && NOUNS.has(words.at(-1) ?? "");
	const isRead = words.length > 1 && words[0] === "log" && words.some((word) => READING.has(word));
	// What a service is called, before what is done: `transfer_delete_server`, `backup.create_plan`.
	const isService = words.length > 2 && SERVICES.has(words[0] as string) && IMPERATIVE.has(words[1] as string);
	const others = isNoun ? words.slice(0, -1) : isRead ? words.slice(1) : words;
	const end = others.at(-1) ?? "";
	const isAsking =
		words.slice(0, 3).find((word) => ASKING.has(word)) !== undefined && !words.some((word) => BOTH.has(word));
	// Of deeds in a row the gravest tells: `merge_and_delete`.
	const further = words.slice(1).filter((word, index) => JOINING.has(words[index] as string) && GRAVE.has(word));
	const sure = [
		...further,
		...(isAsking ? words.filter((word) => ASKING.has(word)) : []),
		...(isService ? [words[1] as string] : []),
		...(last !== undefined && IMPERATIVE.has(last) ? [last] : []),
		...(IMPERATIVE.has(end) && !AMBIGUOUS_END.has(end) && !others.slice(0, -1).some((word) => PLAIN.has(word))
			? [end]
			: []),
		...others.filter((word) => IMPERATIVE.has(word)),
	];
	const inOrder = [...sure, last, first, end, ...others];
	const telling = inOrder.filter((word): word is string => word !== undefined && (others as string[]).includes(word));
	const named = sure.length === 0 ? part : isNamedAfter(tool, sure) ? part.slice(-1) : [];
	const done = words.length === 1 ? undefined : deedOf(named, IMPERATIVE);
	if (done !== undefined) return [...new Set([done, ...telling])];
	const asked = isQuestion(part) ? "check" : sure.length === 0 && isSwitchedOff(words) ? "disable" : undefined;
	if (asked !== undefined) return [...new Set([asked, ...telling])];
	// Where no other word does, one that is a noun as often says it after all: `channels_list`, `grocery.order`.
	if (!LATE.has(words.at(-1) ?? "")) return [...new Set(telling)];
	return [...new Set(sure.length === 0 ? [...words.slice(-1), ...telling] : [...telling, ...words.slice(-1)])];
}

/** Of a name that begins with them, whatever else it says: `sso_get_application_grant`, `list_deletes`. */
const ASKING = new Set(["get", "list", "describe"]);
/** `get_or_create`, `list_and_delete`, `batch_get_and_purge` do more. */
const BOTH = new Set("or and then delete purge drop wipe destroy".split(" "));

/** `is_enabled`; and `export_status`, where the deed is what is asked about. */
function isQuestion(part: readonly string[]): boolean {
	if (part.length > 1 && QUESTIONS.has(part[0] as string)) return true;
	const before = part.at(-2);
	return ASKED.has(part.at(-1) ?? "") && before !== undefined && IMPERATIVE.has(before) && !PUTTING.has(before);
}
const QUESTIONS = new Set("is has can are does exists should".split(" "));
const ASKED = new Set(["status", "progress"]);
/** What a status is set by. */
const PUTTING = new Set(
	"update set change clear reset modify edit write put create add delete remove toggle send patch publish share override move transfer overwrite alter copy mark".split(
		" ",
	),
);

/** `rate_limiter.off`, `interface_down`. */
const isSwitchedOff = (words: readonly string[]): boolean =>
	words.length > 1 && /^(?:off|down)$/.test(words.at(-1) ?? "") && !BEFORE_OFF.has(words.at(-2) ?? "");
const BEFORE_OFF = new Set(
	"volume page scroll thumbs count log sign drop break cool wind one day time roll".split(" "),
);

const JOINING = new Set(["and", "then", "or"]);
const GRAVE = new Set("delete purge drop wipe destroy erase shred terminate truncate".split(" "));

/** `UpdateBlocker` blocks, whatever it begins with. */
const isNamedAfter = (tool: string, sure: readonly string[]): boolean =>
	/^[A-Z]/.test(tool.slice(tool.search(/[^./:]*$/))) && sure.every((word) => THINGS.has(word));

/** Of verbs, those that begin a name as a noun as often. */
const THINGS = new Set("update patch log record backup access report schedule test change transfer".split(" "));

/** Verbs that are nothing else; before them, what ends a name is a noun: `delete_estimate`. */
const PLAIN = new Set("delete remove create update modify put get list describe add insert".split(" "));

const SERVICES = new Set("transfer backup connect schedule share sign record batch config import export".split(" "));

const LATE = new Set(["list", "order"]);

const READING = new Set("query search list get find tail show read analytics".split(" "));

const NOUNS = new Set("log logs record records history order orders report index name list".split(" "));

/** Of these, those that end a name as a noun as often. */
const AMBIGUOUS_END: ReadonlySet<string> = new Set(
	"register mark forward format diff trigger dispatch retry upgrade connect toggle pause list read set run export import schedule copy share transfer load count check search dump preview change patch start stop undo".split(
		" ",
	),
);
