/** Words, as far as they go: whether `#` is a letter of one is for the server to say. */
import { isInWord } from "./characters.ts";

/** Words behind which `#` begins a comment, for MySQL: no name begins with them and goes on with `#`. */
const KEYWORDS =
	/^(?:union|all|distinct|select|from|where|and|or|by|order|group|having|like|database|user|version|null|limit|waitfor|delay)$/iu;
const KEYWORD_MAX = 8;

/** `isHashComment`: the server takes `#` for the beginning of a comment. */
export function endOfWord(text: string, from: number, isHashComment: boolean): number {
	let to = from + 1;
	let hash = 0;
	for (; to < text.length; to++) {
		const code = text.charCodeAt(to);
		if (!isInWord(code)) break;
		if (code === 0x23 && hash === 0) hash = to;
	}
	if (!isHashComment) return to;
	// `UNION ALL#…`, where Oracle and T-SQL would see a name.
	if (hash > 0 && hash - from <= KEYWORD_MAX && KEYWORDS.test(text.slice(from, hash))) return hash;
	// `x=x#` cuts off what follows.
	return to === text.length && text[to - 1] === "#" && to - from > 1 ? to - 1 : to;
}
