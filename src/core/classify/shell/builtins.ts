/** Commands of the shell itself that change what it knows, or that run a text. */

import { addProxies } from "./hosts.ts";
import { EMPTY } from "./scope.ts";
import type { Session } from "./session.ts";
import type { Standing } from "./standing.ts";
import { staticOutput } from "./static-output.ts";
import { maySubstitute } from "./substitutions.ts";
import { anyOf, type Field } from "./words.ts";

interface Own {
	readonly text: string;
	readonly via: string;
}

/** Programs that somebody calls soon, and expects no other behind. */
const CALLED_SOON = /^(?:ls|cd|cat|sudo|su|ssh|ps|man|less|vim?|git|clear|exit|find|grep)$/;

/** What runs in place of such a program, if that is another one. */
function otherThanNamed(args: readonly Field[]): Own | null {
	for (const { text } of args) {
		const [, name = "", behind = ""] = /^([\w-]+)=([\s\S]+)$/.exec(text) ?? [];
		if (CALLED_SOON.test(name) && !new RegExp(`^\\s*(?:command\\s+)?${name}\\b[^;&|]*$`).test(behind))
			return { text: behind, via: "alias" };
	}
	return null;
}

export class Builtins {
	readonly #session: Session;

	constructor(session: Session) {
		this.#session = session;
	}

	/** The text that it runs; null: none. */
	run(program: string, args: readonly Field[], { input, env, spot }: Standing): Own | null {
		const { scope } = this.#session;
		switch (program) {
			case "eval": {
				const text = (args[0]?.text === "--" ? args.slice(1) : args).map((field) => field.text).join(" ");
				return /^(?:\$\([\s\S]*\)|`[^`]*`)$/.test(text) && !args.every(({ isStatic }) => isStatic)
					? null
					: { text, via: "eval" };
			}
			case "cd":
			case "pushd": {
				const to = args.find((field) => !field.text.startsWith("-"));
				if (to === undefined || /^[/~$]/.test(to.text)) scope.folder = to?.text ?? "~";
				else scope.folder = scope.folder === "" ? to.text : `${scope.folder}/${to.text}`;
				return null;
			}
			case "let": {
				const run = args.filter(({ text }) => maySubstitute(text)).map(({ text }) => `: "${text}"`);
				return run.length === 0 ? null : { text: run.join("\n"), via: "let" };
			}
			case "trap": {
				const [text] = args.filter((field) => !field.text.startsWith("-"));
				return text === undefined || args.length < 2 ? null : { text: text.text, via: "trap" };
			}
			case "at":
			case "batch":
				return input.text === null ? null : { text: input.text, via: program };
			case "crontab":
				return input.text === null
					? null
					: { text: input.text.replace(/^\s*(?:@\w+|(?:\S+\s+){5})/gm, ""), via: "crontab" };
			case "source":
			case ".":
				return args[0]?.text === "/dev/stdin" && input.text !== null ? { text: input.text, via: "source" } : null;
			case "export":
			case "declare":
			case "typeset":
			case "local":
			case "readonly": {
				const flags = args.flatMap(({ text }) => (/^-[a-zA-Z]+$/.test(text) ? [text] : [])).join("");
				for (const { text, isStatic } of args) {
					const [name = "", ...value] = text.split("=");
					if (flags !== "") scope.declare(name, flags, value.join("="));
					if (flags.includes("n") && program !== "export") continue;
					if (name.endsWith("_proxy") || name.endsWith("_PROXY")) addProxies(this.#session, program, [text], spot);
					if (name !== "" && value.length > 0) scope.set(name, { text: value.join("="), isStatic });
				}
				return null;
			}
			case "unset":
				for (const { text } of args) {
					scope.forget(text);
					scope.functions.delete(text);
				}
				return null;
			case "alias":
				for (const { text, isStatic } of args) {
					const equals = text.indexOf("=");
					if (equals > 0 && isStatic) scope.aliases.set(text.slice(0, equals), text.slice(equals + 1));
				}
				return otherThanNamed(args);
			case "unalias":
				for (const { text } of args) scope.aliases.delete(text);
				return null;
			case "mapfile":
			case "readarray":
				this.#array(args.at(-1)?.text ?? "MAPFILE", input.text?.replace(/\n$/, "").split("\n") ?? null);
				return null;
			case "read":
				this.#read(args, input.text, env);
				return null;
			case "set":
				if (args[0]?.text === "--" || args[0]?.text === "-") scope.parameters = args.slice(1);
				else if (args[0] !== undefined && !/^[-+]/.test(args[0].text)) scope.parameters = args;
				return null;
			case "shift":
				scope.parameters = scope.parameters?.slice(Number(args[0]?.text ?? 1) || 1) ?? null;
				return null;
			case "printf":
				if (args[0]?.text === "-v" && args[1] !== undefined) {
					const text = args.every(({ isStatic }) => isStatic)
						? staticOutput(
								"printf",
								args.slice(2).map((field) => field.text),
								null,
							)
						: null;
					if (text === null) scope.forget(args[1].text);
					else scope.set(args[1].text, { text, isStatic: true });
				}
				return null;
			default:
				return null;
		}
	}

	#array(name: string, items: readonly string[] | null): void {
		const { scope } = this.#session;
		if (items === null || !/^[A-Za-z_]\w*$/.test(name)) scope.forget(name);
		else scope.set(name, { text: items[0] ?? "", isStatic: true, items });
	}

	#read(args: readonly Field[], input: string | null, env: readonly string[]): void {
		const { scope } = this.#session;
		const separators = env.find((each) => each.startsWith("IFS="))?.slice("IFS=".length) ?? " \t";
		const split = (line: string): readonly string[] =>
			separators.trim() === "" ? line.trim().split(/\s+/) : line.split(new RegExp(anyOf(separators)));
		const list = args.findIndex(({ text }) => /^-[a-z]*a$/.test(text));
		if (list >= 0) {
			this.#array(args[list + 1]?.text ?? "", input === null ? null : split(input.split("\n")[0] as string));
			return;
		}
		const names = args.filter(({ text }) => /^[A-Za-z_]\w*$/.test(text)).map(({ text }) => text);
		if (input === null) {
			for (const name of names) scope.forget(name);
			return;
		}
		const line = input.split("\n")[0] as string;
		const words = split(line);
		names.forEach((name, index) => {
			const text = index === names.length - 1 ? words.slice(index).join(separators[0]) : words[index];
			scope.set(name, text === undefined ? EMPTY : { text, isStatic: true });
		});
	}
}
