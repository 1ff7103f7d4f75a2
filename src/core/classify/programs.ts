/** What programs do when no rule says more: by name, by first words, and by what the words of an unknown name say. */
import { CATEGORIES, type Category, DANGEROUS_FROM } from "./category.ts";
import type { Fact } from "./fact.ts";
import type { RuleFile, Score } from "./rules.ts";
import { toolWords } from "./tool-words.ts";

interface Line {
	readonly words: readonly string[];
	readonly flags: readonly string[];
	/** Operands that there must be, `words` among them. */
	readonly operands: number;
	readonly scores: Score[];
	readonly name: string;
}

export interface Found {
	readonly name: string;
	readonly scores: readonly Score[];
}

/** `data_read 80` as the rule pack writes it. */
function scoreOf(text: string): Score {
	const [category = "", confidence = ""] = text.split(" ");
	return [category as Category, Number(confidence)];
}

export class Programs {
	readonly #programs = new Map<string, Found & { readonly scores: Score[] }>();
	readonly #lines = new Map<string, Line[]>();
	readonly #verbs = new Map<string, Found>();

	constructor(files: readonly RuleFile[]) {
		for (const { programs, subcommands, verbs } of files) {
			for (const [score, names] of Object.entries(programs))
				for (const name of names) this.#addProgram(name, scoreOf(score));
			for (const [names, lines] of Object.entries(subcommands)) {
				for (const [score, texts] of Object.entries(lines)) {
					for (const program of names.split(" "))
						for (const text of texts) this.#addLine(program, text, scoreOf(score));
				}
			}
			for (const [score, words] of Object.entries(verbs)) {
				for (const word of words) this.#verbs.set(word, { name: `verb:${word}`, scores: [scoreOf(score)] });
			}
		}
		for (const lines of this.#lines.values()) lines.sort((a, b) => weight(b) - weight(a) || severity(a) - severity(b));
	}

	/** What is said of the fact's program with these first words and flags; null where nothing is. */
	used({ has }: Fact): Found | null {
		for (const program of has["program"] ?? []) {
			const found = this.#lines.get(program)?.find((line) => fits(line, has));
			if (found !== undefined) return found;
		}
		return null;
	}

	/** What is said of the fact's program by its name; null where it is unknown. */
	known({ has }: Fact): Found | null {
		for (const program of has["program"] ?? []) {
			const found = this.#programs.get(program);
			if (found !== undefined) return found;
		}
		return null;
	}

	isProgram(name: string): boolean {
		return this.#programs.has(name) || this.#lines.has(name);
	}

	/** The first word that says what is done. */
	verbAmong(words: readonly string[]): string | undefined {
		return words.find((word) => this.#verbs.has(word));
	}

	/** What the first telling word says; null where none does. */
	byVerbs(words: readonly string[]): Found | null {
		for (const word of words) {
			const found = this.#verbs.get(word);
			if (found !== undefined) return found;
		}
		return null;
	}

	/** Of a command that is not known. */
	unknown({ has }: Fact): Found | null {
		const program = has["program"]?.[0];
		if (program === undefined) return null;
		return this.byVerbs([...(has["sub"] ?? []).flatMap(toolWords), ...toolWords(program)]);
	}

	#addProgram(name: string, score: Score): void {
		const known = this.#programs.get(name);
		if (known === undefined) this.#programs.set(name, { name: `program:${name}`, scores: [score] });
		else known.scores.push(score);
	}

	#addLine(program: string, text: string, score: Score): void {
		const parts = text.split(" ").filter((part) => part !== "..." && part !== "");
		const words = parts.filter((part) => part !== "*" && !part.startsWith("-"));
		const flags = parts.filter((part) => part.startsWith("-")).map((part) => part.replace(/^-+/, ""));
		const operands = parts.length - flags.length;
		const lines = this.#lines.get(program) ?? [];
		this.#lines.set(program, lines);
		const name = `program:${program} ${text}`;
		const same = lines.find((line) => line.name === name);
		if (same === undefined) lines.push({ words, flags, operands, scores: [score], name });
		else same.scores.push(score);
	}
}

/** A word says more than a flag, a flag more than that there is an operand, a long flag more than a short one. */
const weight = ({ words, flags, operands }: Line): number =>
	words.length * 300 + flags.length * 200 + operands * 100 + Math.min(99, flags.join("").length);

/** Of two that say as much, the one of the more severe category counts. */
const severity = ({ scores }: Line): number =>
	Math.min(
		...scores.map(([category, confidence]) =>
			confidence >= DANGEROUS_FROM ? CATEGORIES.indexOf(category) : CATEGORIES.length,
		),
	);

function fits({ words, flags, operands }: Line, has: Fact["has"]): boolean {
	const sub = has["sub"] ?? [];
	for (let index = 0; index < words.length; index++) if (!isWord(words[index] as string, sub[index])) return false;
	if (operands > words.length && (has["words"]?.length ?? 0) < operands) return false;
	return flags.every((flag) => has["flags"]?.includes(flag) === true);
}

function isWord(wanted: string, word: string | undefined): boolean {
	if (word === wanted) return true;
	return word !== undefined && wanted.endsWith("*") && word.startsWith(wanted.slice(0, -1));
}
