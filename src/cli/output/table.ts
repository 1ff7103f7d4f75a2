/** Plain aligned tables for people. Cells come from agents and policies: what could steer a terminal is shown as an escape. */
import { visible } from "../../core/base/safe-text.ts";

export interface TableOptions {
	/** Dims the head; only for terminals. */
	readonly colors: boolean;
}

/** Columns two spaces apart, numbers to the right, no trailing blanks and no final newline. */
export function renderTable(
	titles: readonly string[],
	rows: readonly (readonly string[])[],
	{ colors }: TableOptions,
): string {
	const cells = rows.map((row) => titles.map((_, column) => visible(row[column] ?? "")));
	const columns = titles.map((title, column) => ({
		width: Math.max(widthOf(title), ...cells.map((row) => widthOf(row[column] as string))),
		isNumeric: rows.length > 0 && cells.every((row) => NUMBER.test(row[column] as string)),
	}));
	const line = (row: readonly string[]): string =>
		row
			.map((cell, column) => {
				const { width, isNumeric } = columns[column] as (typeof columns)[number];
				const pad = " ".repeat(width - widthOf(cell));
				return isNumeric ? pad + cell : cell + pad;
			})
			.join("  ")
			.trimEnd();
	const head = line(titles);
	return [colors ? `${DIM}${head}${PLAIN}` : head, ...cells.map(line)].join("\n");
}

const DIM = "\u001b[2m";
const PLAIN = "\u001b[0m";

/** A count with thousands separators, or the dash that stands for none. */
const NUMBER = /^(?:-?\d[\d,]*|-)$/;

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns of a terminal: two for East Asian wide characters and emoji. */
export function widthOf(text: string): number {
	if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
	let width = 0;
	for (const { segment } of GRAPHEMES.segment(text)) width += columnsOf(segment);
	return width;
}

const columnsOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1);

const WIDE =
	/\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;
