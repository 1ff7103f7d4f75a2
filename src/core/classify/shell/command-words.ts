/** What a simple command is given: its words, the variables that are set before it, and what running these texts does by itself. */
import type { Assignment, Command } from "unbash";
import { EMPTY } from "./scope.ts";
import type { Session, Spot } from "./session.ts";
import { maySubstitute, substitutionsIn } from "./substitutions.ts";
import type { Field, Substitution, Words } from "./words.ts";

/** Variables that are there when a shell begins, or that change what programs do whoever set them. */
const EXPORTED =
	/^(?:PATH|HOME|SHELL|ENV|BASH_ENV|PROMPT_COMMAND|EDITOR|VISUAL|PAGER|MANPAGER|BROWSER|LESSOPEN|LESSCLOSE|(?:LD|DYLD|GIT)_\w+|PYTHON\w+|NODE_OPTIONS|PERL5\w+|RUBY(?:OPT|LIB))$/;
/** An index within single quotes. */
const EVALUATED = /'\w+\[([^\]'"]*)\][^']*'/g;
/** What their substitutions put out becomes variables, which nobody is shown. */
const KEEPERS = new Set(["export", "declare", "typeset", "set", "env"]);
const EXPORT = ["export"];

export class CommandWords {
	readonly #session: Session;
	readonly #words: Words;
	readonly #substitution: Substitution;
	readonly #read: (text: string) => void;

	constructor(session: Session, words: Words, substitution: Substitution, read: (text: string) => void) {
		this.#session = session;
		this.#words = words;
		this.#substitution = substitution;
		this.#read = read;
	}

	/** Sets what stands before a command. Settings for it alone are the answer. */
	prefix({ prefix, name }: Command): string[] {
		const env: string[] = [];
		for (const each of prefix) if (each.type === "Assignment") this.#assign(each, name !== undefined, env);
		return env;
	}

	argv(node: Command): Field[] {
		const argv: Field[] = [];
		const { name, suffix } = node;
		if (name !== undefined) {
			this.#words.expand(name, argv);
			if (KEEPERS.has(name.text)) {
				this.#kept(node, argv);
				return argv;
			}
		}
		if (suffix.length > 0) this.#suffix(node, argv);
		return argv;
	}

	/** What runs for its value alone. */
	substitutions(node: Parameters<typeof substitutionsIn>[0]): void {
		for (const script of substitutionsIn(node)) this.#substitution(script, "$(…)");
	}

	/** An index in a text that is taken for a number is expanded: `[[ 'a[$(id)]' -eq 0 ]]`. */
	evaluated(text: string, spot: Spot): void {
		for (const [, index = ""] of text.matchAll(EVALUATED))
			if (maySubstitute(index)) this.#session.nested(`: "${index}"`, spot, ["arithmetic"], false, this.#read);
	}

	/** Apart, as a closure costs whatever stands around it. */
	#kept(node: Command, argv: Field[]): void {
		this.#session.along(EXPORT, () => this.#suffix(node, argv));
	}

	#suffix({ suffix }: Command, argv: Field[]): void {
		for (const each of suffix) {
			if (each.type === "Word") this.#words.expand(each, argv);
			else if (each.type === "Assignment") argv.push(this.#assignmentWord(each));
		}
	}

	#assign(node: Assignment, isForCommand: boolean, env: string[]): void {
		const { scope } = this.#session;
		if (node.index !== undefined) this.substitutions(node.index);
		const value = node.value.type === "ArrayValue" ? this.#array(node.value.elements) : this.#words.single(node.value);
		if (isForCommand) {
			env.push(`${node.name}=${value.text}`);
			return;
		}
		if (value.isStatic) this.evaluated(`'${value.text}'`, node);
		if (node.append === true) scope.append(node.name, value);
		else if (node.index !== undefined) scope.append(node.name, { ...value, items: [value.text] });
		else scope.set(node.name, value);
	}

	/** Setting a variable that programs are given anyway sets it for all that follow, as `export` does. */
	exported({ prefix, pos, end }: Command, argv: Field[]): void {
		for (const each of prefix) {
			if (each.type !== "Assignment" || !EXPORTED.test(each.name)) continue;
			if (argv.length === 0) argv.push({ text: "export", isStatic: true, pos, end });
			const { text, isStatic } = this.#session.scope.get(each.name) ?? EMPTY;
			argv.push({ text: `${each.name}=${text}`, isStatic, pos: each.pos, end: each.end });
		}
	}

	#array(elements: readonly Parameters<Words["single"]>[0][]): { text: string; isStatic: boolean; items: string[] } {
		const fields: Field[] = [];
		for (const element of elements) this.#words.expand(element, fields);
		const items = fields.map(({ text }) => text);
		return { text: items[0] ?? "", isStatic: fields.every(({ isStatic }) => isStatic), items };
	}

	/** `NAME=value` as a word of `export`, `declare`, `env`, `dd`. */
	#assignmentWord(node: Assignment): Field {
		const value = node.value.type === "ArrayValue" ? EMPTY : this.#words.single(node.value);
		return {
			text: `${node.name}${node.append === true ? "+" : ""}=${value.text}`,
			isStatic: value.isStatic,
			pos: node.pos,
			end: node.end,
		};
	}
}
