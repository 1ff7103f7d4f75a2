/** Members of types and objects in PowerShell: properties, and methods with what they do that must be known. */
import type { Fact } from "../fact.ts";
import { addCallHosts } from "../windows/hosts.ts";
import { addWindowsPath } from "../windows/paths.ts";
import type { Reading } from "./reading.ts";
import { textMethod, typeMethod } from "./text-methods.ts";
import { known, knownTexts, listOf, partial, shown, textOf, UNKNOWN, type Value } from "./value.ts";

/** Where PowerShell keeps the lines that were typed. */
const HISTORY = "%appdata%\\Microsoft\\Windows\\PowerShell\\PSReadLine\\ConsoleHost_history.txt";

/** What is read of a value under a name, in lower case. */
export function property(of: Value, name: string): Value {
	if (of.kind === "texts" && of.partial && /^(?:all|current)users(?:all|current)hosts?$/.test(name)) return of;
	if (of.kind === "texts")
		return name === "length" && of.texts.length === 1 && !of.partial ? textOf(String(of.texts[0]?.length)) : UNKNOWN;
	if (of.kind !== "type" && of.kind !== "object") return UNKNOWN;
	if (name === "historysavepath" && of.name === "psreadlineoption") return partial(HISTORY);
	if (name === "name" && of.name === "variable:maximumdrivecount") return textOf("MaximumDriveCount");
	if (/encoding$/.test(of.name)) return { kind: "type", name: `text.encoding.${name}` };
	return { kind: "object", name: `${of.name}.${name}` };
}

/** A method with its arguments: a fact, unless it only makes a text of texts. */
export function called(r: Reading, of: Value, member: string, args: readonly Value[], from: number): Value {
	if (of.kind === "texts") {
		const made = textMethod(of, member, args);
		if (made !== null) return made;
	}
	const base = of.kind === "type" || of.kind === "object" ? of.name : "unknown";
	if (of.kind === "type") {
		const made = typeMethod(of.name, member, args);
		if (made !== null) return made;
	}
	const name = `${base}.${member === "" ? "unknown" : member}`;
	const texts = args.flatMap((arg) => shown(arg)).map((text) => text.slice(0, 500));
	const isSeen = SCRIPTS.test(name) && known(args[0] ?? UNKNOWN) !== null;
	r.add("call", from, r.pos, {
		name: [name],
		args: texts.map((text) => text.toLowerCase()),
		...repeated(r),
		...(isSeen ? { mode: ["static"] } : sends(member, args)),
	});
	if (!r.isQuiet) addCallHosts(name, texts, r.placeOf(from, r.pos), r.to);
	for (const text of texts) if (/^(?:https?|ftp|wss?):\/\//i.test(text)) r.within("url", text, from);
	readCalled(r, name, args, from);
	if (name.startsWith("io.file.read")) r.reads += 1;
	if (name.startsWith("io.") && !r.isQuiet) addFiles(r, name, texts, from);
	if (member === "new" && of.kind === "type") return { kind: "object", name: of.name };
	if (name === "array.reverse") reverse(r, from);
	if (isSeen) return { kind: "object", name: SEEN_SCRIPT };
	return { kind: "object", name };
}

/** What stands behind the head of a loop says so. */
export const repeated = (r: Reading): Fact["has"] => (r.hasLoop ? { shape: ["repeated"] } : {});

/** `Send` of a ping or a datagram is given where to, how long to wait, and then what to say. */
const sends = (member: string, args: readonly Value[]): Fact["has"] =>
	/^send(?:async|pingasync)?$/.test(member) && args.length > 2 ? { mode: ["data"] } : {};

/** The paths that `[IO.File]` and `[IO.Directory]` are given. */
function addFiles(r: Reading, name: string, texts: readonly string[], from: number): void {
	const verb = /^io\.(?:file|directory)\.(read|open|write|append|create|delete|copy|move)/.exec(name)?.[1];
	if (verb === undefined) return;
	const reads = verb === "read" || verb === "open" || verb === "copy";
	const first = reads ? "read" : verb === "delete" || verb === "move" ? "delete" : "write";
	const paths = texts.slice(0, verb === "copy" || verb === "move" ? 2 : 1);
	for (const [index, path] of paths.entries())
		addWindowsPath(path, index === 0 ? first : "write", r.placeOf(from, r.pos), r.to);
}

/** `[array]::Reverse($x)` changes the variable. */
function reverse(r: Reading, from: number): void {
	const name = /\(\s*\$(\w+)\s*\)$/.exec(r.text.slice(from, r.pos))?.[1];
	const texts = name === undefined ? null : knownTexts(r.variable(name));
	if (name !== undefined && texts !== null) r.setVariable(name, listOf([...texts].reverse()));
}

/** A script block whose text was read. */
export const SEEN_SCRIPT = "management.automation.scriptblock.seen";

/** Methods that make a script of the text they are given. */
const SCRIPTS =
	/\.(?:invokescript|newscriptblock|addscript|createpipeline|createnestedpipeline)$|^management\.automation\.scriptblock\.create$/;

/** Methods that run the text they are given. */
function readCalled(r: Reading, name: string, args: readonly Value[], from: number): void {
	const [first = UNKNOWN] = args;
	const text = known(first) ?? "";
	if (SCRIPTS.test(name)) {
		r.within("powershell", text, from, name);
	} else if (
		name === "wmi:win32_process.create" ||
		/^com:(?:wscript\.shell\.(?:run|exec)|shell\.application\.shellexecute)$|^diagnostics\.process\.start$|^management\.managementclass\.create$/.test(
			name,
		)
	) {
		r.within("cmd", args.map((arg) => shown(arg).join(" ")).join(" "), from, name);
	} else if (/\.downloadfile(?:async)?$/.test(name)) {
		const path = args[1] === undefined ? "" : shown(args[1]).join("");
		if (path !== "") r.fetched.add(path.toLowerCase());
	}
}
