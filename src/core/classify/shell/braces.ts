/** Brace expansion on the source of a word, as bash does it: before anything else, and blind to what braces hold. */

/** Words that one word may become; the rest is left out. */
const WORDS_MAX = 64;
const DEPTH_MAX = 8;

/** The sources that `source` stands for: itself where it has no braces that expand. */
export function expandBraces(source: string, depth = 0): readonly string[] {
	const found = depth < DEPTH_MAX ? firstBrace(source) : null;
	if (found === null) return [source];
	const head = source.slice(0, found.start);
	const tails = expandBraces(source.slice(found.end), depth + 1);
	const words: string[] = [];
	for (const item of found.items) {
		for (const middle of expandBraces(item, depth + 1)) {
			for (const tail of tails) {
				if (words.length >= WORDS_MAX) return words;
				words.push(head + middle + tail);
			}
		}
	}
	return words;
}

interface Brace {
	readonly start: number;
	readonly end: number;
	readonly items: readonly string[];
}

function firstBrace(source: string): Brace | null {
	for (let index = 0; index < source.length; index = afterUnit(source, index)) {
		if (source[index] !== "{" || source[index - 1] === "$") continue;
		const brace = braceAt(source, index);
		if (brace !== null) return brace;
	}
	return null;
}

function braceAt(source: string, start: number): Brace | null {
	const commas: number[] = [];
	let depth = 0;
	let index = start + 1;
	for (; index < source.length; index = afterUnit(source, index)) {
		const unit = source[index];
		if (unit === "{") depth += 1;
		else if (unit === "," && depth === 0) commas.push(index);
		else if (unit === "}") {
			if (depth === 0) break;
			depth -= 1;
		}
	}
	if (index >= source.length) return null;
	if (commas.length > 0) {
		const cuts = [start, ...commas, index];
		return {
			start,
			end: index + 1,
			items: cuts.slice(1).map((cut, at) => source.slice((cuts[at] as number) + 1, cut)),
		};
	}
	const items = rangeOf(source.slice(start + 1, index));
	return items === null ? null : { start, end: index + 1, items };
}

/** Behind one unit, or one quoted stretch. */
function afterUnit(source: string, index: number): number {
	const unit = source[index];
	if (unit === "\\") return index + 2;
	if (unit !== "'" && unit !== '"') return index + 1;
	for (let at = index + 1; at < source.length; at++) {
		if (source[at] === unit) return at + 1;
		if (unit === '"' && source[at] === "\\") at += 1;
	}
	return source.length;
}

function rangeOf(text: string): readonly string[] | null {
	const match = /^(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])(?:\.\.(-?\d{1,9}))?$/.exec(text);
	if (match === null) return null;
	const [, first = "", last = "", by] = match;
	const isLetters = /[A-Za-z]/.test(first);
	if (isLetters !== /[A-Za-z]/.test(last)) return null;
	const from = isLetters ? first.charCodeAt(0) : Number(first);
	const to = isLetters ? last.charCodeAt(0) : Number(last);
	const step = Math.max(1, Math.abs(Number(by ?? 1))) * (from <= to ? 1 : -1);
	const items: string[] = [];
	for (let value = from; step > 0 ? value <= to : value >= to; value += step) {
		if (items.length >= WORDS_MAX) break;
		items.push(isLetters ? String.fromCharCode(value) : String(value));
	}
	return items;
}
