/**
 * A call's arguments as an approver sees them in a list. What is long is cut value by value, and each cut says how much is
 * missing: a long text must not push a recipient out of sight.
 */
import { cutText, visibleLine } from "../../core/arguments/visible.ts";
import { grouped } from "../../core/base/count-text.ts";
import type { Json, JsonObject } from "../../core/base/json.ts";
import { visible } from "../../core/base/safe-text.ts";
import { widthOf } from "./table.ts";

export interface ArgumentLines {
	readonly lines: readonly string[];
	/** Something is left out, and its place says so. */
	readonly isCut: boolean;
}

/** Columns for arguments that fit into one line; characters of a value on a line of its own, of a path and of a key in it. */
const LINE_WIDTH = 110;
const VALUE_LENGTH = 80;
const PATH_LENGTH = 60;
const KEY_LENGTH = 40;
const LINES_MAX = 40;

/** `text` is the canonical JSON of `args`. */
export function argumentLines(args: JsonObject, text: string): ArgumentLines {
	const line = text.length <= LINE_WIDTH ? visibleLine(args) : null;
	if (line !== null && widthOf(line) <= LINE_WIDTH) return { lines: [line], isCut: false };
	const leaves = [...leavesOf([], args)];
	const shown = leaves.slice(0, LINES_MAX).map(leafLine);
	const rest = leaves.length - LINES_MAX;
	if (rest > 0) shown.push({ text: `\\u{… ${grouped(rest)} more …}`, isCut: true });
	return { lines: shown.map((each) => each.text), isCut: shown.some(({ isCut }) => isCut) };
}

/** A name as one word of a line: in quotes where it could be taken for several, or for one in quotes. */
export const oneWord = (name: string): string => visible(/^[^\s"'`]+$/u.test(name) ? name : JSON.stringify(name));

interface Shown {
	readonly text: string;
	readonly isCut: boolean;
}

interface Leaf {
	readonly path: readonly Shown[];
	readonly value: Json;
}

function* leavesOf(path: readonly Shown[], value: Json): Generator<Leaf> {
	const members = value !== null && typeof value === "object" ? Object.entries(value) : [];
	if (members.length === 0) yield { path, value };
	for (const [key, member] of members) {
		yield* leavesOf([...path, stepOf(key, path.length === 0, Array.isArray(value))], member);
	}
}

function stepOf(key: string, isFirst: boolean, isPlace: boolean): Shown {
	if (isPlace) return { text: `[${key}]`, isCut: false };
	if (PLAIN_KEY.test(key)) return { text: `${isFirst ? "" : "."}${key}`, isCut: false };
	const { text, isCut } = cutText(key, KEY_LENGTH);
	return { text: `[${text}]`, isCut };
}

const PLAIN_KEY = /^[A-Za-z_][\w-]{0,39}$/;

function leafLine({ path, value }: Leaf): Shown {
	const place = pathText(path);
	const shown = typeof value === "string" ? cutText(value, VALUE_LENGTH) : { text: visibleLine(value), isCut: false };
	return { text: `${place.text}: ${shown.text}`, isCut: place.isCut || shown.isCut };
}

/** Of a long path its two ends. */
function pathText(path: readonly Shown[]): Shown {
	const isCut = path.some((step) => step.isCut);
	const text = path.map((step) => step.text).join("");
	if (text.length <= PATH_LENGTH || path.length < 3) return { text, isCut };
	const [first, last] = [path[0], path.at(-1)] as [Shown, Shown];
	return { text: `${first.text}\\u{… ${grouped(path.length - 2)} steps …}${last.text}`, isCut: true };
}
