/** What the name of an argument says about what is in it. */

import { lettersOfKey } from "../arguments/key-spelling.ts";
import { pointerOf } from "../base/json-pointer.ts";

export type ArgumentRole =
	| "command"
	| "code"
	| "sql"
	| "query"
	| "url"
	| "path"
	| "words"
	| "told"
	| "action"
	| "unknown";

/** What somebody reads: the words of a document or a message, and those told beside what is done. */
export const isWords = (role: ArgumentRole): boolean => role === "words" || role === "told";

const ROLES: Readonly<Record<Exclude<ArgumentRole, "unknown">, string>> = {
	command:
		"command cmd chars keystrokes curl run commandline commands cmds script scripts shell bash sh argv shellcommand shellscript userdata entrypoint cmdline executable exec powershell ps1 batch oneliner startupscript onstart postinstall preinstall hook",
	code: "code sourcecode snippet python pythoncode js javascript expression expr formula cell lambda pythonscript jscode",
	sql: "sql sqlquery sqlstatement rawsql querysql sqlcommand sqltext statement statements stmt",
	query: "query q querystring querytext where whereclause",
	url: "url uri endpoint link href webhook webhookurl website address baseurl targeturl imageurl callback callbackurl redirecturl site webpage host hostname domain origin proxy remoteurl repourl destinationurl urls links",
	path: "path file filepath filename filenames files paths dir directory folder source src destination dest dst target root cwd workdir workingdirectory outputpath inputpath outputfile inputfile localpath remotepath location attachment attachments attachmentpath sourcepath targetpath destinationpath sourcefile targetfile folderpath filepaths key notebookpath from to",
	words:
		"content body text message messages subject prompt commitmessage oldstring newstring oldstr newstr replacement patch diff data contents msg answer caption tags bio details label name displayname instructions html markdown search searchquery jql searchterm keywords topic pattern regex term payload json form feedback review oldtext newtext filetext input",
	told: "description explanation reason reasoning rationale justification purpose comment title summary note notes thought thoughts question",
	action:
		"action operation op method verb mode type kind resource scope permission privilege role subcommand event status state",
};

const BY_NAME = new Map<string, ArgumentRole>(
	(Object.entries(ROLES) as [ArgumentRole, string][])
		.toReversed()
		.flatMap(([role, names]) => names.split(" ").map((name): [string, ArgumentRole] => [name, role])),
);

/** Members of one map that are looked at together; with more, what they say together is not read. */
const MEMBERS_MAX = 1_000;

export function memberKeys(of: object): readonly string[] {
	return firstKeys(Object.keys(of));
}

/** Of all keys, those that are looked at together. */
export const firstKeys = (keys: readonly string[]): readonly string[] =>
	keys.length > MEMBERS_MAX ? keys.slice(0, MEMBERS_MAX) : keys;

export interface ArgumentName {
	/** As `lettersOfKey` has it. */
	readonly letters: string;
	readonly role: ArgumentRole;
	/** Of a member of the arguments themselves with this name. */
	readonly pointer: string;
}

/** The role is by the whole name, else by how it ends. Depends on the key alone; keys are few, so that it is remembered. */
export function argumentName(key: string): ArgumentName {
	const known = remembered.get(key);
	if (known !== undefined) return known;
	const letters = lettersOfKey(key.slice(0, KEY_LENGTH_MAX));
	const role = BY_NAME.get(letters) ?? ENDINGS.find(([ending]) => letters.endsWith(ending))?.[1] ?? "unknown";
	if (remembered.size >= REMEMBERED_MAX) remembered.clear();
	const name = { letters, role, pointer: pointerOf([key]) };
	remembered.set(key, name);
	return name;
}

const KEY_LENGTH_MAX = 64;

const ENDINGS: readonly (readonly [ending: string, role: ArgumentRole])[] = [
	["command", "command"],
	["cmd", "command"],
	["script", "command"],
	["sql", "sql"],
	["url", "url"],
	["uri", "url"],
	["endpoint", "url"],
	["filepath", "path"],
	["path", "path"],
	["filename", "path"],
	["file", "path"],
	["directory", "path"],
	["code", "code"],
	["message", "words"],
	["content", "words"],
	["text", "words"],
	["description", "told"],
	["title", "told"],
];

const remembered = new Map<string, ArgumentName>();
const REMEMBERED_MAX = 2_000;
