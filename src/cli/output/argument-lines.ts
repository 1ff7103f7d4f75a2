/**
 * A call's arguments as an approver sees them in a list. What is long is cut value by value, and each cut says how much is
 * missing: a long text must not push a recipient out of sight.
 */

import { grouped } from "../../core/base/count-text.ts";
import type { Json, JsonObject } from "../../core/base/json.ts";
import { visible } from "../../core/base/safe-text.ts";
import { cutToWidth, widthOf } from "./table.ts";

export interface ArgumentLines {
	readonly lines: readonly string[];
	/** Something is left out, and its place says so. */
	readonly isCut: boolean;
}

/** Columns for arguments that fit into one line, for a value on a line of its own, and for a key. */
const LINE_WIDTH = 110;
const VALUE_WIDTH = 80;
const KEY_WIDTH = 60;
const LINES_MAX = 40;

/** `text` is the canonical JSON of `args`. */
export function argumentLines(args: JsonObject, text: string): ArgumentLines {
	if (text.length <= LINE_WIDTH && widthOf(visible(text)) <= LINE_WIDTH)
		return { lines: [visible(text)], isCut: false };
	const leaves = [...leavesOf("", args)];
	const lines = leaves.slice(0, LINES_MAX).map(leafLine);
	const rest = leaves.length - LINES_MAX;
	if (rest > 0) lines.push({ line: `… ${grouped(rest)} more`, isCut: true });
	return { lines: lines.map(({ line }) => line), isCut: lines.some(({ isCut }) => isCut) };
}

/** A name as one word of a line: in quotes where it could be taken for several, or for one in quotes. */
export const oneWord = (name: string): string => visible(/^[^\s"'`]+$/u.test(name) ? name : JSON.stringify(name));

interface Leaf {
	readonly path: string;
	readonly value: Json;
}

function* leavesOf(path: string, value: Json): Generator<Leaf> {
	const members = value !== null && typeof value === "object" ? Object.entries(value) : [];
	if (members.length === 0) yield { path, value };
	for (const [key, member] of members) {
		const isPlain = /^[A-Za-z_][\w-]*$/.test(key) && !Array.isArray(value);
		const step = isPlain ? `${path === "" ? "" : "."}${key}` : `[${Array.isArray(value) ? key : JSON.stringify(key)}]`;
		yield* leavesOf(path + step, member);
	}
}

function leafLine({ path, value }: Leaf): { readonly line: string; readonly isCut: boolean } {
	const key = cut(path, KEY_WIDTH);
	const shown = cut(JSON.stringify(value), VALUE_WIDTH);
	return { line: `${key.text}: ${shown.text}`, isCut: key.isCut || shown.isCut };
}

/** The text on one line; what is cut off is counted behind it. */
function cut(text: string, widthMax: number): { readonly text: string; readonly isCut: boolean } {
	// No character is narrower than a column, but for those that `visible` spells out.
	const kept = cutToWidth(text.slice(0, widthMax + 1), widthMax);
	if (text.length <= widthMax && widthOf(visible(text)) <= widthMax) return { text: visible(text), isCut: false };
	return { text: `${kept.replace(/…$/, "")}… (${grouped(text.length)} characters)`, isCut: true };
}
