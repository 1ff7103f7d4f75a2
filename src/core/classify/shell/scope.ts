/** What a shell knows while a text of it is read: variables with constant values, positional parameters, functions. */
import type { CommandNode } from "unbash";
import { Entries } from "./entries.ts";

/** A value; `isStatic` is false where the text still holds what could not be expanded, as it is spelled. */
export interface Value {
	readonly text: string;
	readonly isStatic: boolean;
	/** Of an array. */
	readonly items?: readonly string[];
}

/** Set in every shell, to what most of them have. */
const GIVEN: ReadonlyMap<string, Value> = new Map(
	Object.entries({ IFS: " \t\n", SHELL: "/bin/bash", BASH: "/bin/bash", "-": "", "!": "" }).map(([name, text]) => [
		name,
		{ text, isStatic: true },
	]),
);

/** Begin with a slash wherever they are set: cutting one out of them is a way to spell it. */
const ROOTED = new Set(["PATH", "HOME", "PWD", "OLDPWD", "SHELL", "BASH", "TMPDIR", "MAIL"]);

export class Scope {
	readonly #variables: Entries<Value>;
	readonly functions: Entries<CommandNode>;
	readonly aliases: Entries<string>;
	/** Names that stand for other names, and what is made of the values of some. */
	readonly #references: Entries<string>;
	readonly #folds: Entries<(text: string) => string>;
	/** Where `cd` has led, from where the shell began; empty: nowhere yet. Variables in it stand as they are spelled. */
	folder = "";
	/** `$0` of `sh -c TEXT NAME`. */
	zero: Value | undefined;
	/** Of the function that runs, or of `sh -c TEXT NAME ARGUMENT…`; null: unknown, as a script's are. */
	parameters: readonly Value[] | null = null;

	constructor(of?: Scope) {
		this.#variables = of === undefined ? new Entries() : Entries.copyOf(of.#variables);
		this.functions = of === undefined ? new Entries() : Entries.copyOf(of.functions);
		this.aliases = of === undefined ? new Entries() : Entries.copyOf(of.aliases);
		this.#references = of === undefined ? new Entries() : Entries.copyOf(of.#references);
		this.#folds = of === undefined ? new Entries() : Entries.copyOf(of.#folds);
	}

	/** What a subshell begins with. */
	child(): Scope {
		const child = new Scope(this);
		child.parameters = this.parameters;
		child.zero = this.zero;
		child.folder = this.folder;
		return child;
	}

	get(name: string): Value | undefined {
		if (/^[0-9]/.test(name)) {
			const index = Number(name);
			if (index === 0) return this.zero;
			// A text of its own has no parameters; scripts that are shown with theirs have few.
			if (this.parameters === null) return index > 4 ? EMPTY : undefined;
			return this.parameters[index - 1] ?? EMPTY;
		}
		if (name === "@" || name === "*") return this.parameters === null ? EMPTY : joined(this.parameters);
		const named = this.#references.get(name) ?? name;
		return this.#variables.get(named) ?? GIVEN.get(named);
	}

	set(name: string, value: Value): void {
		const named = this.#references.get(name) ?? name;
		const fold = this.#folds.get(named);
		this.#variables.set(named, fold === undefined ? value : { ...value, text: fold(value.text) });
	}

	/** `declare -n`, `-l` and `-u`. */
	declare(name: string, flags: string, value: string): void {
		if (flags.includes("n") && value !== "") this.#references.set(name, value);
		if (flags.includes("l")) this.#folds.set(name, (text) => text.toLowerCase());
		if (flags.includes("u")) this.#folds.set(name, (text) => text.toUpperCase());
	}

	append(name: string, value: Value): void {
		const before = this.#variables.get(name);
		if (before === undefined) {
			this.set(name, value);
			return;
		}
		const text = before.text + value.text;
		const items = value.items === undefined ? undefined : [...(before.items ?? [before.text]), ...value.items];
		if (text.length > VALUE_MAX) {
			this.forget(name);
			return;
		}
		this.set(name, { text, isStatic: before.isStatic && value.isStatic, ...(items === undefined ? {} : { items }) });
	}

	forget(name: string): void {
		this.#variables.delete(name);
	}
}

/** UTF-16 units. */
const VALUE_MAX = 65_536;

export const isRooted = (name: string): boolean => ROOTED.has(name);

export const EMPTY: Value = { text: "", isStatic: true };

const joined = (values: readonly Value[]): Value => ({
	text: values.map(({ text }) => text).join(" "),
	isStatic: values.every(({ isStatic }) => isStatic),
	items: values.map(({ text }) => text),
});
