/** Pieces of Markdown: tables and code, with what would break them escaped. */

/** A table. Each row has as many cells as the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
	return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ").trim();

export const code = (text: string): string => `\`${text}\``;

/** A whole number with its thousands apart. */
export const grouped = (value: number): string => value.toLocaleString("en-US");

/** `text, 1 to 256 characters`, or without a bound that does not matter. */
export function between(min: number | undefined, max: number | undefined, unit = ""): string {
	const counted = unit === "" ? "" : ` ${unit}`;
	if (min !== undefined && max !== undefined) {
		return min === max ? `${grouped(min)}${counted}` : `${grouped(min)} to ${grouped(max)}${counted}`;
	}
	if (max !== undefined) return `at most ${grouped(max)}${counted}`;
	return min === undefined ? "" : `at least ${grouped(min)}${counted}`;
}

/** A page: its title, what it is about, where it comes from, and the rest. */
export function page({ title, from, parts }: { title: string; from: string; parts: readonly string[] }): string {
	const origin = `<!-- Written by \`npm run docs\` from ${from}. Change it there. -->`;
	return `${[`# ${title}`, origin, ...parts].join("\n\n")}\n`;
}
