/** What a shell knows while a text of it is read: variables with constant values, positional parameters, functions. */
import type { CommandNode } from "unbash";

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
	#variables: Map<string, Value>;
	readonly functions: Map<string, CommandNode>;
	/** Of the function that runs, or of `sh -c TEXT NAME ARGUMENT…`; null: unknown, as a script's are. */
	parameters: readonly Value[] | null = null;

	constructor(variables = new Map<string, Value>(), functions = new Map<string, CommandNode>()) {
		this.#variables = variables;
		this.functions = functions;
	}

	/** What a subshell begins with. */
	child(): Scope {
		const child = new Scope(new Map(this.#variables), new Map(this.functions));
		child.parameters = this.parameters;
		return child;
	}

	get(name: string): Value | undefined {
		if (/^[0-9]/.test(name)) {
			const index = Number(name);
			if (this.parameters === null) return undefined;
			return index === 0 ? undefined : (this.parameters[index - 1] ?? EMPTY);
		}
		if (name === "@" || name === "*") return this.parameters === null ? EMPTY : joined(this.parameters);
		return this.#variables.get(name) ?? GIVEN.get(name);
	}

	set(name: string, value: Value): void {
		this.#variables.set(name, value);
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
