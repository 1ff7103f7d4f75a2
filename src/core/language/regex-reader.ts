/**
 * Reads a regular expression of the dialect: ECMAScript syntax without lookaround and backreferences.
 *
 * `.` matches every character; `\s` is ECMAScript's, `\b`, `\w` and `\d` are ASCII; characters are code points. What
 * other engines read differently (`\A`, `\e`, `(?m)`, `{,5}`) is refused rather than given a surprising meaning. `(?i)` and
 * `(?s)` are accepted at the beginning.
 */
import { err, ok, type Result } from "../base/result.ts";
import { type PatternFault, PatternRefused } from "./pattern-fault.ts";
import { type ClassReading, NO_REFERENCES, readClass, readCodeEscape } from "./regex-escape.ts";
import { ANY_RUNE, foldRunes, type RuneSet, runes } from "./rune-set.ts";
import { choice, EMPTY, nestedRepeats, one, type SyntaxNode, sequence } from "./syntax.ts";

const REPEAT_MAX = 1_000;

export function readRegex(source: string, insensitive: boolean): Result<SyntaxNode, PatternFault> {
	try {
		return ok(new RegexReader(source, insensitive).read());
	} catch (thrown) {
		if (thrown instanceof PatternRefused) return err(thrown.fault);
		throw thrown;
	}
}

/** What other engines read behind a `(`: with what is wrong and what to write. */
const FOREIGN_GROUPS: readonly (readonly [begin: string, message: string, help: string])[] = [
	["?P<", "groups are named without the `P`", "write `(?<name>…)`, or `(?:…)`"],
	["?P=", "backreferences are not part of the dialect", NO_REFERENCES],
	["?P>", "a pattern cannot call one of its groups", "write the group out where it is called"],
	["?'", "groups are named in angle brackets", "write `(?<name>…)`, or `(?:…)`"],
	["?>", "atomic groups are not part of the dialect", "write `(?:…)`: matching takes linear time without them"],
	["?|", "groups cannot share a number", "write `(?:…)`"],
	["?#", "comments are not part of the dialect", "write a YAML comment, with `#` in front of the line"],
	["?(", "a pattern cannot depend on what a group matched", "write both patterns out, as in `(?:…|…)`"],
	["?R", "a pattern cannot call itself", "write out as many levels as are to be found"],
	["?&", "a pattern cannot call one of its groups", "write the group out where it is called"],
	...[..."0123456789+"].map(
		(sign) =>
			[`?${sign}`, "a pattern cannot call one of its groups", "write the group out where it is called"] as const,
	),
];

const ESCAPE_HELP = "write a backslash before it to mean the character itself";

class RegexReader {
	readonly #source: string;
	#insensitive: boolean;
	#offset = 0;
	#depth = 0;

	constructor(source: string, insensitive: boolean) {
		this.#source = source;
		this.#insensitive = insensitive;
	}

	read(): SyntaxNode {
		this.#leadingFlags();
		const node = this.#alternatives();
		if (this.#offset < this.#source.length) this.#refuse(this.#offset, "`)` closes no group", ESCAPE_HELP);
		return node;
	}

	/** `(?i)` and `(?s)` at the beginning: the one ignores case in this pattern, the other is always so. */
	#leadingFlags(): void {
		const flags = /^\(\?([is]{1,2})\)/.exec(this.#source);
		if (flags === null) return;
		if (flags[1]?.includes("i")) this.#insensitive = true;
		this.#offset = flags[0].length;
		if (this.#offset === this.#source.length)
			this.#refuse(0, "the pattern has flags and nothing else", "write what to look for");
	}

	#alternatives(): SyntaxNode {
		const options = [this.#terms()];
		while (this.#peek() === "|") {
			this.#offset += 1;
			options.push(this.#terms());
		}
		return choice(options);
	}

	#terms(): SyntaxNode {
		const items: SyntaxNode[] = [];
		while (this.#offset < this.#source.length && this.#peek() !== "|" && this.#peek() !== ")") items.push(this.#term());
		return sequence(items);
	}

	#term(): SyntaxNode {
		const start = this.#offset;
		const atom = this.#atom();
		const bounds = this.#quantifier();
		if (bounds === null) return atom;
		if (atom.kind === "assert")
			this.#refuse(start, "an assertion cannot be repeated", "remove the quantifier after it");
		const node: SyntaxNode = { kind: "repeat", item: atom, ...bounds };
		if (nestedRepeats(node) > REPEAT_MAX) {
			this.#refuse(
				start,
				`nested repetitions multiply to more than ${REPEAT_MAX}`,
				"use `*` or `+`, or smaller bounds",
			);
		}
		if (this.#peek() === "+") {
			this.#refuse(
				this.#offset,
				"possessive quantifiers are not part of the dialect",
				"leave out the second sign: matching takes linear time without it",
			);
		}
		if (this.#quantifier() !== null) {
			this.#refuse(start, "two quantifiers follow each other", "wrap the inner part in `(?:…)`, or remove one");
		}
		return node;
	}

	#atom(): SyntaxNode {
		const start = this.#offset;
		const character = this.#take();
		switch (character) {
			case ".":
				return one(ANY_RUNE);
			case "^":
				return { kind: "assert", what: "start" };
			case "$":
				return { kind: "assert", what: "end" };
			case "(":
				return this.#group(start);
			case "[":
				return one(this.#class(start));
			case "\\":
				return this.#escape(start);
			case "*":
			case "+":
			case "?":
				return this.#refuse(start, `there is nothing before \`${character}\` to repeat`, ESCAPE_HELP);
			case "{":
				this.#offset = start;
				if (this.#bounds() !== null)
					return this.#refuse(start, "there is nothing before the repetition to repeat", ESCAPE_HELP);
				this.#offset = start + 1;
				return this.#rune(0x7b);
			default:
				return this.#rune(character.codePointAt(0) as number);
		}
	}

	#group(start: number): SyntaxNode {
		if (this.#peek() === "?") this.#groupKind(start);
		this.#depth += 1;
		if (this.#depth > 100) this.#refuse(start, "groups are nested deeper than 100 levels", "split the pattern in two");
		const inner = this.#alternatives();
		if (this.#peek() !== ")") this.#refuse(start, "`(` is never closed", ESCAPE_HELP);
		this.#offset += 1;
		this.#depth -= 1;
		// An empty group must stay an atom of its own, so that `()*` is not read as `*`.
		return inner === EMPTY ? sequence([EMPTY, EMPTY]) : inner;
	}

	#groupKind(start: number): void {
		const rest = this.#source.slice(this.#offset, this.#offset + 4);
		if (rest.startsWith("?:")) {
			this.#offset += 2;
		} else if (rest.startsWith("?=") || rest.startsWith("?!") || rest.startsWith("?<=") || rest.startsWith("?<!")) {
			this.#refuse(start, "lookaround is not part of the dialect", "say what must not match in `unless:`");
		} else if (rest.startsWith("?<")) {
			const name = /^\?<[A-Za-z_$][\w$]*>/.exec(this.#source.slice(this.#offset, this.#offset + 80));
			if (name === null) this.#refuse(start, "the group's name is not finished", "write `(?<name>…)`, or `(?:…)`");
			else this.#offset += name[0].length;
		} else {
			this.#refuseGroup(start);
		}
	}

	/** What other engines have and this dialect has not. */
	#refuseGroup(start: number): never {
		const known = FOREIGN_GROUPS.find(([begin]) => this.#source.startsWith(begin, start + 1));
		if (known !== undefined) this.#refuse(start, known[1], known[2]);
		const isFlags = /^\?[a-zA-Z^]*(?:-[a-zA-Z]*)?[:)]/.test(this.#source.slice(this.#offset, this.#offset + 40));
		if (isFlags) {
			this.#refuse(
				start,
				"flags are accepted only at the beginning of a pattern, and are `i` and `s`",
				"rules ignore case unless they say `case: sensitive`, and `.` matches line breaks anyway: remove the flags; `(?:…)` groups; for the beginning of a line write `(?:^|\\n)`",
			);
		}
		this.#refuse(
			start,
			"`(?` begins no group of the dialect",
			"write `(?:…)`, or `\\(\\?` for the characters themselves",
		);
	}

	#class(start: number): RuneSet {
		const reading: ClassReading = readClass(this.#source, this.#offset, this.#insensitive);
		this.#offset = reading.next;
		if (reading.set.length === 0) {
			this.#refuse(start, "this class can never match", "write `[^]` for any character, `\\[\\]` for the brackets");
		}
		return reading.set;
	}

	#escape(start: number): SyntaxNode {
		switch (this.#peek()) {
			case "b":
				this.#offset += 1;
				return { kind: "assert", what: "wordBoundary" };
			case "B":
				this.#offset += 1;
				return { kind: "assert", what: "notWordBoundary" };
			default: {
				const reading = readCodeEscape(this.#source, start);
				this.#offset = reading.next;
				return reading.kind === "rune" ? this.#rune(reading.rune) : one(reading.set);
			}
		}
	}

	#rune(rune: number): SyntaxNode {
		return one(this.#insensitive ? foldRunes(runes(rune)) : runes(rune));
	}

	#quantifier(): { min: number; max: number | null; greedy: boolean } | null {
		const bounds = this.#bounds();
		if (bounds === null) return null;
		const lazy = this.#peek() === "?";
		if (lazy) this.#offset += 1;
		return { ...bounds, greedy: !lazy };
	}

	#bounds(): { min: number; max: number | null } | null {
		switch (this.#peek()) {
			case "*":
				this.#offset += 1;
				return { min: 0, max: null };
			case "+":
				this.#offset += 1;
				return { min: 1, max: null };
			case "?":
				this.#offset += 1;
				return { min: 0, max: 1 };
			case "{":
				return this.#braces();
			default:
				return null;
		}
	}

	/** `{2}`, `{2,}`, `{2,5}`; any other `{` is the character itself, as ECMAScript has it, but `{,5}` is refused. */
	#braces(): { min: number; max: number | null } | null {
		const start = this.#offset;
		const text = /^\{(\d*)(,?)(\d*)\}/.exec(this.#source.slice(start, start + 40));
		if (text === null || (text[1] === "" && text[3] === "")) return null;
		if (text[1] === "") this.#refuse(start, `\`${text[0]}\` has no lower bound`, `write \`{0,${text[3]}}\``);
		const min = Number(text[1]);
		const max = text[2] === "" ? min : text[3] === "" ? null : Number(text[3]);
		if (min > REPEAT_MAX || (max ?? 0) > REPEAT_MAX) {
			this.#refuse(start, `\`${text[0]}\` repeats more than ${REPEAT_MAX} times`, "use `*` or `+`, or a smaller bound");
		}
		if (max !== null && max < min) this.#refuse(start, `\`${text[0]}\` ends below its start`, "swap the two numbers");
		this.#offset += text[0].length;
		return { min, max };
	}

	#peek(): string {
		return this.#source.charAt(this.#offset);
	}

	#take(): string {
		const character = String.fromCodePoint(this.#source.codePointAt(this.#offset) as number);
		this.#offset += character.length;
		return character;
	}

	#refuse(offset: number, message: string, help: string): never {
		throw new PatternRefused(offset, message, help);
	}
}
