/**
 * A call's arguments as somebody sees them who answers for the call: canonical JSON, one value to a line, in which nothing hides.
 *
 * V1  What nobody sees, what turns the direction of writing or steers a terminal, and each blank that is not a space is
 *     spelled out: `\u{202e}`. A run of it is counted: `\u{200b×500}`.
 * V2  Nothing in a text can pass for that: a backslash of its own is doubled.
 * V3  What is long is never cut in silence: its head and its tail are shown, with the count of what is between.
 * V4  Whatever is shown reads back to exactly one value, as far as it is not cut.
 */
import { canonicalize } from "../base/canonical-json.ts";
import { byCodeUnits } from "../base/code-units.ts";
import { grouped } from "../base/count-text.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { DECEIVING } from "../base/unseen.ts";

export interface VisibleOptions {
	/** Characters of one text, as they are shown, from which on it is cut; null: none is. */
	readonly textLengthMax: number | null;
	/** Lines from which on those in the middle are left out; null: none are. */
	readonly linesMax: number | null;
}

export interface VisibleArguments {
	readonly lines: readonly string[];
	/** Something is left out, and its place says how much. */
	readonly isCut: boolean;
	/** What was spelled out, once each: `U+202E`, in the order of code points. */
	readonly unseen: readonly string[];
	/** Letters that are written from right to left: a screen can show them in another order than the line has them. */
	readonly hasRightToLeft: boolean;
}

/** As much as a screen or two hold. */
const VISIBLE_DEFAULTS: VisibleOptions = { textLengthMax: 4_000, linesMax: 2_000 };

export function visibleArguments(args: JsonObject, options: VisibleOptions = VISIBLE_DEFAULTS): VisibleArguments {
	const page = new Page(options.textLengthMax);
	page.write(args, { indent: "", before: "", after: "" });
	const { lines, isCut } = cutLines(page.lines, options.linesMax);
	return {
		lines,
		isCut: isCut || page.isCut,
		unseen: unseenIn(args),
		hasRightToLeft: RIGHT_TO_LEFT.test(canonicalize(args)),
	};
}

/** What is around a value: the blanks in front of its line, its key, and a comma. */
interface Around {
	readonly indent: string;
	readonly before: string;
	readonly after: string;
}

class Page {
	readonly lines: string[] = [];
	isCut = false;
	readonly #textLengthMax: number | null;

	constructor(textLengthMax: number | null) {
		this.#textLengthMax = textLengthMax;
	}

	write(value: Json, { indent, before, after }: Around): void {
		if (typeof value === "string") {
			this.#writeText(value, { indent, before, after });
			return;
		}
		const members = membersOf(value);
		if (members.length === 0) {
			this.lines.push(`${indent}${before}${canonicalize(value)}${after}`);
			return;
		}
		const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
		this.lines.push(`${indent}${before}${open}`);
		for (const [at, [key, member]] of members.entries()) {
			const name = key === null ? "" : `"${this.#shown(key).join("")}": `;
			this.write(member, { indent: indent + STEP, before: name, after: at === members.length - 1 ? "" : "," });
		}
		this.lines.push(`${indent}${close}${after}`);
	}

	/** A text of several lines has each of them in quotes, so that none passes for a line of the page. */
	#writeText(text: string, { indent, before, after }: Around): void {
		const lines = linesOf(this.#shown(text));
		if (lines.length === 1) {
			this.lines.push(`${indent}${before}"${lines.join("")}"${after}`);
			return;
		}
		if (before !== "") this.lines.push(`${indent}${before.trimEnd()}`);
		const deeper = before === "" ? indent : indent + STEP;
		for (const [at, line] of lines.entries()) {
			this.lines.push(`${deeper}"${line}"${at === lines.length - 1 ? after : ""}`);
		}
	}

	#shown(text: string): readonly string[] {
		const { units, isCut } = cutUnits(text, this.#textLengthMax);
		this.isCut ||= isCut;
		return units;
	}
}

const STEP = "  ";

/** In the order of canonical JSON; places of a list have no key. */
function membersOf(value: Json): readonly (readonly [string | null, Json])[] {
	if (Array.isArray(value)) return value.map((each: Json) => [null, each] as const);
	if (value === null || typeof value !== "object") return [];
	return Object.entries(value).sort(([a], [b]) => byCodeUnits(a, b));
}

/** A value on one line, as canonical JSON has it. */
export function visibleLine(value: Json): string {
	if (typeof value === "string") return visibleText(value);
	const members = membersOf(value);
	if (members.length === 0) return canonicalize(value);
	const inner = members.map(([key, each]) => `${key === null ? "" : `${visibleText(key)}:`}${visibleLine(each)}`);
	return Array.isArray(value) ? `[${inner.join(",")}]` : `{${inner.join(",")}}`;
}

/** A text in quotes, on one line, everything in it to be seen. */
export const visibleText = (text: string): string => `"${unitsOf(text).join("")}"`;

/** The same, cut to its head and its tail where it would take more than `lengthMax` characters. */
export function cutText(text: string, lengthMax: number | null): { readonly text: string; readonly isCut: boolean } {
	const { units, isCut } = cutUnits(text, lengthMax);
	return { text: `"${units.join("")}"`, isCut };
}

function linesOf(units: readonly string[]): readonly string[] {
	const lines: string[] = [];
	let line = "";
	for (const unit of units) {
		line += unit;
		if (unit !== NEWLINE) continue;
		lines.push(line);
		line = "";
	}
	return line !== "" || lines.length === 0 ? [...lines, line] : lines;
}

const NEWLINE = "\\n";

function cutUnits(
	text: string,
	lengthMax: number | null,
): { readonly units: readonly string[]; readonly isCut: boolean } {
	const units = unitsOf(text);
	if (lengthMax === null || lengthOf(units) <= lengthMax) return { units, isCut: false };
	const headMax = Math.floor((lengthMax * 3) / 4);
	const head = leading(units, headMax);
	const end = leading(units.slice(head.length).toReversed(), lengthMax - headMax).toReversed();
	const tail = end.map((unit, at) => (at === 0 && COMBINING.test(unit) ? escaped(unit) : unit));
	const left = text.length - sourceLength(head) - sourceLength(tail);
	return { units: [...head, `\\u{… ${grouped(left)} characters …}`, ...tail], isCut: true };
}

const lengthOf = (units: readonly string[]): number => units.reduce((sum, { length }) => sum + length, 0);

/** As many as fit. */
function leading(units: readonly string[], lengthMax: number): readonly string[] {
	let length = 0;
	const end = units.findIndex((unit) => {
		length += unit.length;
		return length > lengthMax;
	});
	return end < 0 ? units : units.slice(0, end);
}

/** How many code units of the text these units show. */
const sourceLength = (units: readonly string[]): number => units.reduce((sum, unit) => sum + shownLength(unit), 0);

function shownLength(unit: string): number {
	const [, rune, count = "1"] = /^\\u\{([0-9a-f]+)(?:×(\d+))?\}$/.exec(unit) ?? [];
	if (rune !== undefined) return String.fromCodePoint(Number.parseInt(rune, 16)).length * Number(count);
	return unit.startsWith("\\") ? 1 : unit.length;
}

/** What is shown of a text, sign by sign: a character, an escape, or a run that is counted. */
function unitsOf(text: string): readonly string[] {
	const units: string[] = [];
	let marks = MARKS_MAX;
	for (const [run] of text.matchAll(RUNS)) {
		const rune = String.fromCodePoint(run.codePointAt(0) as number);
		const count = run.length / rune.length;
		const isHidden = HIDDEN.test(rune);
		if (!isHidden && COMBINING.test(rune)) {
			// Alone, or too many for one letter: they would be drawn over what is beside them.
			for (let each = 0; each < count; each++) units.push(marks++ < MARKS_MAX ? rune : escaped(rune));
			continue;
		}
		marks = CARRIES_MARKS.test(rune) ? 0 : MARKS_MAX;
		const sign = SHORT[rune] ?? (isHidden ? escaped(rune) : rune);
		if (count > (RUN_MAX[rune] ?? (isHidden ? 1 : count))) units.push(escaped(rune, count));
		else for (let each = 0; each < count; each++) units.push(sign);
	}
	return units;
}

/** Marks that one letter can carry in the writing of some language. */
const MARKS_MAX = 4;
/** More would push what is behind them out of sight. */
const RUN_MAX: Readonly<Record<string, number>> = { " ": 16, "\n": 4, "\t": 4, "\r": 4 };

/** Equal code points in a row. */
const RUNS = /(.)\1*/gsu;
const COMBINING = /^[\p{Mn}\p{Me}]$/u;
const HIDDEN = new RegExp(`[${DECEIVING}]`, "u");
const CARRIES_MARKS = /^[\p{L}\p{N}\p{Mc}\p{S}]$/u;
const SHORT: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": NEWLINE, "\t": "\\t", "\r": "\\r" };

const escaped = (rune: string, count = 1): string =>
	`\\u{${(rune.codePointAt(0) as number).toString(16)}${count === 1 ? "" : `×${count}`}}`;

function cutLines(
	lines: readonly string[],
	linesMax: number | null,
): { readonly lines: readonly string[]; readonly isCut: boolean } {
	if (linesMax === null || lines.length <= linesMax) return { lines, isCut: false };
	const head = Math.ceil((linesMax * 3) / 4);
	const left = lines.length - linesMax;
	return {
		lines: [...lines.slice(0, head), `\\u{… ${grouped(left)} lines …}`, ...lines.slice(head + left)],
		isCut: true,
	};
}

/** Tabs and line ends are what texts of several lines are made of, and shown as such. */
function unseenIn(args: JsonObject): readonly string[] {
	const found = new Set<number>();
	const look = (text: string): void => {
		for (const [rune] of text.matchAll(EVERY_HIDDEN)) found.add(rune.codePointAt(0) as number);
	};
	const walk = (value: Json): void => {
		if (typeof value === "string") look(value);
		for (const [key, member] of membersOf(value)) {
			if (key !== null) look(key);
			walk(member);
		}
	};
	walk(args);
	return [...found].sort((a, b) => a - b).map((rune) => `U+${rune.toString(16).toUpperCase().padStart(4, "0")}`);
}

const EVERY_HIDDEN = new RegExp(`(?![\\n\\t])[${DECEIVING}]`, "gu");
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
