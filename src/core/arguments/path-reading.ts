/**
 * Which files a text can name, whatever the program makes of it that opens them.
 *
 * Percent signs may be an encoding or a part of a name, a backslash may separate folders or be a character. Each way to read
 * the text is one reading, and what is certain is what holds for all of them. Links are not followed.
 */
import { normalizePath } from "../language/path-text.ts";
import type { SessionFacts } from "../model/inputs.ts";
import { isFolder } from "./session-facts.ts";

export interface PathReading {
	/** Normalised, with `/` between folders; a drive is `C:` in front. */
	readonly text: string;
	/** Where it begins: at the root; at a workspace that nobody has declared; or nobody knows where. */
	readonly base: "root" | "workspace" | "unknown";
}

/** Null where nobody can say what it names: control characters, another scheme, a share, bytes that are no UTF-8. */
export function readPath(text: string, facts: SessionFacts): readonly PathReading[] | null {
	const local = localPath(text);
	if (local === null || SCHEME.test(local) || FOREIGN.test(local)) return null;
	const decoded = decodings(local);
	if (decoded === null) return null;
	const readings = new Map<string, PathReading>();
	for (const stage of decoded) {
		for (const path of new Set([stage, stage.trim()])) {
			for (const reading of spellings(path, facts) ?? [null]) {
				if (reading === null) return null;
				readings.set(`${reading.base} ${reading.text}`, reading);
			}
		}
	}
	return [...readings.values()];
}

/**
 * The texts that programs may take for the path that a text is, itself or normalised among them; a URL of another scheme is what it
 * is. Null where nobody can say.
 */
export function pathTexts(text: string): readonly string[] | null {
	if (SCHEME.test(text) && !/^\s*file:/i.test(text)) return [text];
	const readings = readPath(text, NOTHING_DECLARED);
	return readings === null ? null : [...new Set(readings.map((reading) => reading.text))];
}

const NOTHING_DECLARED: SessionFacts = { workspace: null, home: null };

/** Can only the text itself be meant? A quick look that says no too often. */
export const isPlainPath = (text: string): boolean => PLAIN.test(text);

const PLAIN = /^[\w./-]*$/;

/** May another text than this one be meant? A quick look that says yes too often. */
export const hasOtherPaths = (text: string): boolean => OTHERWISE.test(text);

const OTHERWISE = /%[\da-f]{2}|\\|^\s|\s$|^file:|^[a-z]:/i;

/** A scheme, or what looks like `/`, `\` or `..` to a program that tidies up letters first. */
const SCHEME = /^\s*[A-Za-z][A-Za-z0-9+.-]+:\/\//;
const FOREIGN = /[\u2024-\u2026\u2044\u2215\u29f8\ufe52\ufe68\uff0e\uff0f\uff3c]/;

/** What a `file:` URL names on this machine; any other text as it is. */
function localPath(text: string): string | null {
	if (!/^\s*file:/i.test(text)) return text;
	const [, path] = /^file:(?:\/\/(?:localhost)?)?(\/(?![\\/]).*)$/is.exec(text.trim()) ?? [];
	if (path === undefined || /[?#]/.test(path)) return null;
	return /^\/[A-Za-z]:(?:\/|$)/.test(path) ? path.slice(1) : path;
}

const DECODINGS_MAX = 8;

/** The text, and what it becomes each time its percent signs are decoded, until nothing changes. */
function decodings(text: string): readonly string[] | null {
	const stages = [text];
	for (let stage = text; ; stages.push(stage)) {
		if (CONTROL.test(stage) || SEVERAL.test(stage) || /%u[\da-f]{4}/i.test(stage)) return null;
		const next = decoded(stage);
		if (next === null) return null;
		if (next === stage) return stages;
		if (stages.length > DECODINGS_MAX) return null;
		stage = next;
	}
}

const CONTROL = /\p{Cc}/u;

/**
 * Another path behind the first one, for programs that take several: behind a space one that begins at a root, a home or above,
 * behind a comma or semicolon also one below, and behind a colon that is not a drive's. A space in a name is none.
 */
const SEVERAL =
	/(?:\S\s+|[,;|]\s*|(?<!^\s*["']?[A-Za-z]):)["'`]?(?:[/~\\]|\.\.(?:[/\\]|$)|[A-Za-z]:[/\\]|\$\w+[/\\]|\$\{)|[,;][^,;]*[/\\]/;

function decoded(text: string): string | null {
	try {
		return text.replace(/(?:%[\da-f]{2})+/gi, decodeURIComponent);
	} catch {
		return null;
	}
}

/**
 * With backslashes as characters and as what separates folders. Whoever declares a folder on a drive works on Windows, where names mean
 * what they mean there, however they are written.
 */
function spellings(path: string, facts: SessionFacts): readonly PathReading[] | null {
	const drive = driveOf(facts.workspace) ?? driveOf(facts.home);
	if (path.startsWith("\\\\") || (drive === null ? /^\/\/[?.]\// : /^[\\/]{2}/).test(path)) return null;
	const isOnDrive = /^[A-Za-z]:/.test(path);
	if (!isOnDrive && !path.includes("\\") && drive === null) return [located(path, facts)];
	const parts = path.split(/[\\/]/);
	// What Windows leaves out at the end of a name, a stream of a file, and the short form of a long name.
	const isOdd = parts.slice(isOnDrive ? 1 : 0).some((part) => /[^.][. ]$|^ +$|^\.{3,}$|:|~\d/.test(part));
	if (isOdd || (isOnDrive && !/^[A-Za-z]:(?:[\\/]|$)/.test(path))) return null;
	const text = parts.join("/");
	const slashed = located(text, facts);
	if (isOnDrive) return [slashed];
	// From the root of the drive that one is on.
	const onDrive = drive !== null && text.startsWith("/") ? [located(`${drive}${text}`, facts)] : [];
	return [located(path, facts), slashed, ...onDrive];
}

const driveOf = (folder: string | null): string | null => /^[A-Za-z]:/.exec(folder ?? "")?.[0] ?? null;

function located(path: string, { workspace, home }: SessionFacts): PathReading {
	const root = rootOf(path);
	if (root !== null) return { text: rooted(root, path), base: "root" };
	const [first = ""] = path.split("/", 1);
	if (first === "~") {
		const below = home === null ? null : folderPath(home);
		return below === null
			? { text: normalizePath(path), base: "unknown" }
			: { text: joined(below, path.slice(1)), base: "root" };
	}
	// Names of other people's folders, and of variables.
	if (/^~|^\$[A-Za-z_{(]|^%[^%]+%$/.test(first)) return { text: normalizePath(path), base: "unknown" };
	const below = workspace === null ? null : folderPath(workspace);
	if (below !== null) return { text: joined(below, path), base: "root" };
	const text = normalizePath(path);
	return { text, base: text === ".." || text.startsWith("../") ? "unknown" : "workspace" };
}

/** `""` of a path from the root, `C:` of one from the root of a drive; null of any other. */
function rootOf(path: string): string | null {
	if (path.startsWith("/")) return "";
	return /^[A-Za-z]:(?=\/|$)/.exec(path)?.[0] ?? null;
}

const rooted = (root: string, path: string): string => {
	const below = normalizePath(`/${path.slice(root.length)}`);
	return root === "" ? below : `${root.toUpperCase()}${below}`;
};

function joined(folder: string, path: string): string {
	const root = rootOf(folder) ?? "";
	return rooted(root, `${folder}/${path}`);
}

/** A folder that was declared, as paths are compared with it; null where it cannot be one. */
export function folderPath(declared: string): string | null {
	if (!isFolder(declared)) return null;
	const path = /^[A-Za-z]:/.test(declared) ? declared.replaceAll("\\", "/") : declared;
	return rooted(rootOf(path) ?? "", path);
}
