/**
 * Globs over files with places in them that each call fills: `{workspace}/**`, `/data/{tenant}/**`. "Only below this tenant's
 * folder" is said once for all tenants.
 */
import { type Answer, agreed, answerOf, anyOf } from "../arguments/answer.ts";
import { folderPath, type PathReading, readPath } from "../arguments/path-reading.ts";
import type { Json } from "../base/json.ts";
import type { SessionFacts } from "../model/inputs.ts";
import { readPattern } from "./pattern.ts";
import { type PatternSearch, Subject, searchFor } from "./pattern-search.ts";

export const PLACEHOLDERS = ["workspace", "home", "tenant", "agent", "session"] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** What stands for the placeholders in one call. */
export interface PathFacts extends SessionFacts {
	readonly tenant: string;
	readonly agent: string;
	/** Null: not known. */
	readonly session: string | null;
}

export interface PathGlob {
	readonly text: string;
	/** Text of the glob and placeholders, in turns. */
	readonly parts: readonly (string | { readonly placeholder: Placeholder })[];
	readonly caseSensitive: boolean;
}

const PLACEHOLDER = new RegExp(`(?<!\\\\)\\{(${PLACEHOLDERS.join("|")})\\}`);

/** `~` at the beginning is `{home}`. */
export function splitPathGlob(text: string, caseSensitive: boolean): PathGlob {
	const expanded = /^~(?=\/|$)/.test(text) ? `{home}${text.slice(1)}` : text;
	const parts = expanded
		.split(PLACEHOLDER)
		.map((part, index) => (index % 2 === 0 ? part : { placeholder: part as Placeholder }))
		.filter((part) => part !== "");
	return { text, parts, caseSensitive };
}

/** The glob with something of the same length in its places, to see whether it can be read, and where it cannot. */
export const sampleOf = (text: string): string =>
	text.replace(new RegExp(PLACEHOLDER, "g"), (place) => "x".repeat(place.length)).replace(/^~(?=\/|$)/, "x");

/** Globs as one call fills them, that are remembered. */
const SEARCHES_MAX = 1_024;

/** A glob as a call fills it. */
interface FilledGlob {
	readonly text: string;
	readonly search: PatternSearch;
}

export class PathGlobs {
	readonly #searches = new Map<string, PatternSearch | null>();
	/** Those that are the same in every call. */
	readonly #fixed = new Map<PathGlob, FilledGlob>();
	/** The files that were read with these facts, which are those of one call. */
	readonly #readings = new Map<string, readonly PathReading[] | null>();
	#facts: PathFacts | null = null;

	/** Does one of the globs match the file that the value names? Work is counted in the operations of `PatternSearch.cost`. */
	isBelow(
		globs: readonly PathGlob[],
		value: Json,
		facts: PathFacts,
	): { readonly answer: Answer; readonly work: number } {
		const readings = typeof value === "string" ? this.#read(value, facts) : null;
		if (readings === null) return { answer: "unreadable", work: 0 };
		let work = 0;
		const matches = (glob: PathGlob, reading: PathReading): Answer => {
			const filled = this.#filled(glob, facts);
			if (filled === null) return "unreadable";
			work += filled.search.cost(reading.text.length);
			return matchesReading(filled, reading);
		};
		const answer = agreed(readings.map((reading) => anyOf(globs.map((glob) => matches(glob, reading)))));
		return { answer, work };
	}

	#read(text: string, facts: PathFacts): readonly PathReading[] | null {
		if (facts !== this.#facts) this.#readings.clear();
		this.#facts = facts;
		const known = this.#readings.get(text);
		if (known !== undefined) return known;
		const readings = readPath(text, facts);
		this.#readings.set(text, readings);
		return readings;
	}

	#filled(glob: PathGlob, facts: PathFacts): FilledGlob | null {
		const known = this.#fixed.get(glob);
		if (known !== undefined) return known;
		const text = fill(glob, facts);
		const search = text === null ? null : this.#searchFor(text, glob.caseSensitive);
		if (text === null || search === null) return null;
		const filled: FilledGlob = { text, search };
		if (text === glob.text && !isRelative(text)) this.#fixed.set(glob, filled);
		return filled;
	}

	#searchFor(text: string, caseSensitive: boolean): PatternSearch | null {
		const key = `${caseSensitive ? "=" : "~"}${text}`;
		const known = this.#searches.get(key);
		if (known !== undefined) return known;
		const pattern = readPattern({ kind: "glob", text, style: "path", caseSensitive });
		const search = pattern.ok ? searchFor(pattern.value) : null;
		if (this.#searches.size >= SEARCHES_MAX) this.#searches.clear();
		this.#searches.set(key, search);
		return search;
	}
}

/** A glob that begins with `**` is about every folder, one without `/` in front about the workspace. */
function matchesReading({ text: glob, search }: FilledGlob, { text, base }: PathReading): Answer {
	const isHit = (): boolean => search.matches(new Subject(text));
	if (glob.startsWith("**")) return isHit() ? "yes" : base === "unknown" ? "unreadable" : "no";
	const isFromRoot = glob.startsWith("/") || /^[A-Z]:\//.test(glob);
	if (isFromRoot ? base !== "root" : base !== "workspace") return "unreadable";
	return answerOf(isHit());
}

/** Null where the call says nothing that could stand in a place. */
function fill({ parts }: PathGlob, facts: PathFacts): string | null {
	let text = "";
	for (const part of parts) {
		if (typeof part === "string") {
			text += part;
			continue;
		}
		const value = standsFor(part.placeholder, facts);
		if (value === null) return null;
		text += value.replace(SPECIAL, "\\$&");
	}
	const withDrive = text.replace(/^[a-z]:(?=\/)/, (drive) => drive.toUpperCase());
	const workspace = isRelative(withDrive) ? folderOf(facts.workspace) : null;
	return workspace === null ? withDrive : `${workspace.replace(SPECIAL, "\\$&")}/${withDrive}`;
}

const isRelative = (glob: string): boolean => !/^(?:\/|[A-Z]:\/|\*\*)/.test(glob);

const SPECIAL = /[\\*?[\]{}()|!+@,]/g;

/** A name in a path is one folder and nothing else. */
const NO_FOLDER = /^\.{0,2}$|[/\\\p{Cc}]/u;

function standsFor(placeholder: Placeholder, facts: PathFacts): string | null {
	if (placeholder === "workspace" || placeholder === "home") return folderOf(facts[placeholder]);
	const name = facts[placeholder];
	return name === null || NO_FOLDER.test(name) ? null : name;
}

/** Without `/` at its end, which only a root has. */
const folderOf = (declared: string | null): string | null =>
	declared === null ? null : (folderPath(declared)?.replace(/\/$/, "") ?? null);
