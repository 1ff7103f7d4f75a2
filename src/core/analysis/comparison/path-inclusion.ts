/** Globs over files that are within one another, also where a placeholder stands for a folder that is not known. */
import { intersection, type Language, languageOf } from "../../language/language.ts";
import type { PathGlob } from "../../match/path-globs.ts";
import { readPattern } from "../../match/pattern.ts";
import type { Asker } from "./asker.ts";

/** Is a file that `narrow` matches, or may match, one that `wide` does to the same degree, whatever the call fills in? */
export function includesGlob(wide: PathGlob, narrow: PathGlob, asker: Asker): boolean {
	if (wide.text === narrow.text && (narrow.caseSensitive || !wide.caseSensitive)) return true;
	if (wide.text === "**") return true;
	const pairs = filledAlike(wide, narrow);
	return pairs?.every(([all, some]) => asker.inclusion(some, all).is === "included") ?? false;
}

/** Is no file one that `glob` matches for certain, and that `other` matches or may match? */
export function excludesGlob(glob: PathGlob, other: PathGlob, asker: Asker): boolean {
	// Where a file begins at a folder that nobody knows, what begins with `**` and does not match is in doubt.
	if (other.text.startsWith("**")) return false;
	const pairs = filledAlike(glob, other);
	return pairs?.every((both) => asker.shortest(intersection(both)).is === "none") ?? false;
}

type Pair = readonly [Language, Language];

/**
 * Both globs as calls fill them, in each way that matters: globs that begin alike up to the last placeholder differ only in
 * what comes behind it, which no call changes. Null where they do not, or begin at different folders.
 */
function filledAlike(one: PathGlob, other: PathGlob): readonly Pair[] | null {
	const [a, b] = [split(one), split(other)];
	if (a.folder !== b.folder || JSON.stringify(a.prefix) !== JSON.stringify(b.prefix)) return null;
	if (!a.prefix.every((part) => typeof part !== "string" || !SPECIAL.test(part))) return null;
	// `{home}x` is no folder's name everywhere: `{home}` may be a root.
	const isBare = (tail: string): boolean => a.prefix.length > 0 && !tail.startsWith("/");
	if (isBare(a.tail) || isBare(b.tail)) return null;
	const pairs: Pair[] = [];
	for (const begin of BEGINNINGS[a.folder]) {
		const before = a.prefix.map((part) => (typeof part === "string" ? part : isFolder(part) ? "" : "w")).join("");
		const filled = [one, other].map(({ caseSensitive }, index) =>
			readPattern({
				kind: "glob",
				style: "path",
				caseSensitive,
				text: `${begin}${before}${index === 0 ? a.tail : b.tail}`.replace(/^[a-z]:(?=\/)/, (drive) =>
					drive.toUpperCase(),
				),
			}),
		);
		const [first, second] = filled;
		if (!(first?.ok && second?.ok)) return null;
		pairs.push([languageOf(first.value), languageOf(second.value)]);
	}
	return pairs;
}

/** Where a glob begins: at the root, at a declared folder, at the workspace if one is declared, or anywhere. */
type Folder = "root" | "declared" | "relative" | "any";

/** What a call puts in front. */
const BEGINNINGS: Readonly<Record<Folder, readonly string[]>> = {
	root: [""],
	declared: ["", "/w", "C:", "C:/w"],
	relative: ["", "/", "/w/", "C:/", "C:/w/"],
	any: [""],
};

type Part = PathGlob["parts"][number];

const isFolder = (part: Part): boolean =>
	typeof part !== "string" && (part.placeholder === "workspace" || part.placeholder === "home");

function split({ parts }: PathGlob): {
	readonly folder: Folder;
	readonly prefix: readonly Part[];
	readonly tail: string;
} {
	const [first] = parts;
	const last = parts.at(-1);
	const tail = typeof last === "string" ? last : "";
	const prefix = typeof last === "string" ? parts.slice(0, -1) : parts;
	return { folder: folderOf(first), prefix, tail };
}

function folderOf(first: Part | undefined): Folder {
	if (first === undefined) return "relative";
	if (isFolder(first)) return "declared";
	if (typeof first !== "string") return "relative";
	if (first.startsWith("**")) return "any";
	return /^(?:\/|[A-Za-z]:\/)/.test(first) ? "root" : "relative";
}

const SPECIAL = /[\\*?[\]{}()|!+@,]/;
