/** Writes a pattern's tree in RE2's notation. Every set is spelled out, so that no engine's idea of `\s` or case counts. */
import { ANY_RUNE, type RuneSet } from "../../src/core/language/rune-set.ts";
import type { SyntaxNode } from "../../src/core/language/syntax.ts";

/** The pattern for an engine whose `.` matches newlines and whose `\b` is ASCII; without flags, without captures. */
export function toRe2(node: SyntaxNode): string {
	switch (node.kind) {
		case "empty":
			return "(?:)";
		case "set":
			return setText(node.set);
		case "sequence":
			return node.items.map((item) => (item.kind === "choice" ? `(?:${toRe2(item)})` : toRe2(item))).join("");
		case "choice":
			return node.options.map(toRe2).join("|");
		case "repeat":
			return `(?:${toRe2(node.item)})${boundsText(node.min, node.max)}${node.greedy ? "" : "?"}`;
		case "assert":
			return ASSERTIONS[node.what];
	}
}

const ASSERTIONS = { start: "\\A", end: "\\z", wordBoundary: "\\b", notWordBoundary: "\\B" } as const;

function boundsText(min: number, max: number | null): string {
	if (max === null) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
	if (min === 0 && max === 1) return "?";
	return min === max ? `{${min}}` : `{${min},${max}}`;
}

function setText(set: RuneSet): string {
	if (set.length === ANY_RUNE.length && set[0] === ANY_RUNE[0] && set[1] === ANY_RUNE[1]) return ".";
	if (set.length === 2 && set[0] === set[1]) return runeText(set[0] as number);
	let text = "[";
	for (let index = 0; index < set.length; index += 2) {
		const low = set[index] as number;
		const high = set[index + 1] as number;
		text += low === high ? runeText(low) : `${runeText(low)}-${runeText(high)}`;
	}
	return `${text}]`;
}

function runeText(rune: number): string {
	const plain = (rune >= 0x30 && rune <= 0x39) || (rune >= 0x41 && rune <= 0x5a) || (rune >= 0x61 && rune <= 0x7a);
	return plain ? String.fromCharCode(rune) : `\\x{${rune.toString(16)}}`;
}
