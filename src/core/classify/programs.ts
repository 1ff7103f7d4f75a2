/** What programs do when no rule says more: by name, by first words, and by what the words of an unknown name say. */
import type { Category } from "./category.ts";
import type { Fact } from "./fact.ts";
import { type Rule, type RuleFile, type Score, scoreOf } from "./rules.ts";
import { toolWords } from "./tool-words.ts";
import { type Found, Usages } from "./usages.ts";

/** `data_read 80` as the rule pack writes it. */
function scoreIn(text: string): Score {
	const [category = "", confidence = ""] = text.split(" ");
	return scoreOf(category as Category, Number(confidence));
}

/** A program by its name alone. */
export interface Known extends Found {
	readonly scores: Score[];
	/** What its first words may say instead: those of a program that only reads or computes are what it reads. */
	readonly told: "anything" | "what it is asked" | "nothing";
}

export class Programs {
	readonly #programs = new Map<string, Known>();
	readonly #usages = new Usages();
	readonly #verbs = new Map<string, Found>();
	/** Programs of which rules alone say what they do. */
	readonly #ruled = new Set<string>();

	constructor(files: readonly RuleFile[]) {
		for (const { programs, subcommands, verbs, rules } of files) {
			for (const { on, has } of rules) {
				if (on === "command") for (const name of has?.["program"] ?? []) this.#ruled.add(name);
			}
			for (const [given, names] of Object.entries(programs)) {
				const score = scoreIn(given);
				for (const name of names) this.#addProgram(name, score);
			}
			for (const [names, lines] of Object.entries(subcommands)) {
				for (const [given, texts] of Object.entries(lines)) {
					const score = scoreIn(given);
					for (const program of names.split(" ")) this.#usages.add(program, texts, score);
				}
			}
			for (const [score, words] of Object.entries(verbs)) {
				for (const word of words) this.#verbs.set(word, { name: `verb:${word}`, scores: [scoreIn(score)] });
			}
		}
	}

	/**
	 * What is said of the fact's program with these first words and flags; null where nothing is. What a name means on Windows
	 * stands under `windows:name`; what it means elsewhere counts there only where none of the rules that take the fact speaks of it.
	 */
	used({ has }: Fact, taking: readonly Rule[]): Found | null {
		const isWindows = has["os"]?.[0] === "windows";
		for (const program of has["program"] ?? []) {
			const found = this.#usages.of(isWindows ? `windows:${program}` : program, has);
			if (found !== null) return found;
			if (
				!isWindows ||
				program.includes("-") ||
				!this.#usages.has(program) ||
				taking.some(({ yieldsToUsages }) => yieldsToUsages)
			)
				continue;
			const elsewhere = this.#usages.of(program, has);
			if (elsewhere !== null) return elsewhere;
		}
		return null;
	}

	/** What is said of the fact's program by its name; null where it is unknown. */
	known({ has }: Fact): Known | null {
		for (const program of has["program"] ?? []) {
			const found = this.#programs.get(program);
			if (found !== undefined) return found;
		}
		return null;
	}

	isProgram(name: string): boolean {
		return this.#programs.has(name) || this.#usages.has(name) || this.#ruled.has(name);
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
		if (known !== undefined) known.scores.push(score);
		else {
			this.#programs.set(name, { name: `program:${name}`, scores: [score], told: toldOf(score[0]) });
		}
	}
}

function toldOf(category: Category): Known["told"] {
	if (category === "data_write" || category === "network_access") return "anything";
	return category === "system_modification" ? "what it is asked" : "nothing";
}
