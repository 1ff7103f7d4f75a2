/** Over the tree of a shell's text in the order in which it runs: lists, pipelines, branches, loops, functions. */
import type {
	AndOr,
	Command,
	CommandNode,
	CompoundList,
	ParsedScript,
	PipelineNode,
	Redirection,
	Statement,
} from "unbash";
import { CommandWords } from "./command-words.ts";
import { Entries } from "./entries.ts";
import { firstProgram } from "./heads.ts";
import { type Input, NO_INPUT, Redirects } from "./redirects.ts";
import { Run } from "./run.ts";
import type { Session } from "./session.ts";
import type { Position } from "./standing.ts";
import { type Field, type Substitution, Words } from "./words.ts";

const ALONE: Position = { input: NO_INPUT, from: [], to: [], isBackground: false };
/** Programs behind one in its pipeline that are known to it. */
const NEIGHBOURS_MAX = 64;
/** Values of a loop's variable that are each tried. */
const LOOP_VALUES_MAX = 8;

export class Walk {
	readonly #session: Session;
	readonly #words: Words;
	readonly #commandWords: CommandWords;
	readonly #redirects: Redirects;
	readonly #run: Run;
	readonly #read: (text: string) => void;
	readonly #uncalled = new Entries<CommandNode>();

	constructor(session: Session, read: (text: string) => void) {
		this.#session = session;
		this.#read = read;
		const substitution: Substitution = (script, kind) => this.#substitution(script, kind);
		this.#words = new Words(session, substitution);
		this.#commandWords = new CommandWords(session, this.#words, substitution, read);
		this.#redirects = new Redirects(session, this.#words);
		this.#run = new Run(session, read, (name, parameters, position) => this.#call(name, parameters, position));
	}

	statements(statements: readonly Statement[]): void {
		this.#list(statements, ALONE);
	}

	/** Functions that the text defines and does not call: somebody else may. */
	uncalled(): void {
		for (const [name, body] of this.#uncalled) {
			this.#session.along([`${name}()`], () => this.#session.subshell(() => this.#node(body, ALONE)));
		}
	}

	/** What the statements put out, where all of it is constant. */
	#list(statements: readonly Statement[], position: Position): string | null {
		let output: string | null = "";
		for (const { command, background } of statements) {
			if (this.#session.isSpent) return null;
			const inner = background === true && !position.isBackground ? { ...position, isBackground: true } : position;
			const put = command.type === "AndOr" ? this.#several(command, inner) : this.#pipeline(command, inner);
			output = output === null || put === null ? null : output + put;
		}
		return output;
	}

	#several({ commands, operators }: AndOr, position: Position): string | null {
		let output: string | null = "";
		for (const [index, command] of commands.entries()) {
			const put = this.#pipeline(command, position);
			// What has put something out has gone well: what is behind `||` does not run.
			if (operators[index - 1] === "||" && output !== null && output !== "") continue;
			output = output === null || put === null ? null : output + put;
		}
		return output;
	}

	#pipeline(node: PipelineNode, position: Position): string | null {
		if (node.type !== "Pipeline") return this.#node(node, position);
		const { programs } = this.#session;
		const heads = node.commands.map(firstProgram);
		const start = programs.length;
		let { input } = position;
		let output: string | null = null;
		for (let index = 0; index < node.commands.length && !this.#session.isSpent; index++) {
			const isLast = index + 1 === heads.length;
			const to = isLast ? position.to : neighbours(heads, index + 1);
			const from = index === 0 ? position.from : eachOnce(programs.slice(start));
			const { isBackground } = position;
			output = this.#node(node.commands[index] as CommandNode, { input, from, to, isBackground });
			input = { kind: "pipe", text: output, layers: this.#run.layers };
		}
		this.#run.layers = [];
		return output;
	}

	#node(node: CommandNode, position: Position): string | null {
		switch (node.type) {
			case "Command":
				return this.#command(node, position);
			case "Redirected":
				return this.#node(node.command, { ...position, input: this.#compoundInput(node.redirects, position.input) });
			case "Subshell": {
				let output: string | null = null;
				this.#session.subshell(() => {
					output = this.#list(node.body.commands, position);
				});
				return output;
			}
			case "BraceGroup":
				return this.#list(node.body.commands, position);
			case "If": {
				this.#bodies([node.clause, node.then, ...node.elif.flatMap((each) => [each.clause, each.then])], position);
				if (node.else !== undefined) this.#list(node.else.commands, position);
				return null;
			}
			case "While":
				this.#bodies([node.clause, node.body], position);
				return null;
			case "For":
			case "Select":
				this.#loop(node.name.value, node.wordlist ?? [], node.body, position);
				return null;
			case "ArithmeticFor":
				for (const part of [node.initialize, node.test, node.update])
					if (part !== undefined) this.#commandWords.substitutions(part);
				this.#list(node.body.commands, position);
				return null;
			case "Case":
				this.#words.single(node.word);
				for (const { pattern } of node.items) for (const word of pattern) this.#commandWords.substitutions(word);
				this.#bodies(
					node.items.map(({ body }) => body),
					position,
				);
				return null;
			case "Function":
				this.#define(node.name.value, node.body.type === "CompoundList" ? null : node.body);
				return "";
			case "Coproc":
				if (node.body.type === "CompoundList") return this.#list(node.body.commands, position);
				return this.#node(node.body, position);
			case "TestCommand":
			case "ArithmeticCommand":
				this.#commandWords.substitutions(node);
				this.#commandWords.evaluated(this.#session.frame.text.slice(node.pos, node.end), node);
				return "";
		}
	}

	#bodies(lists: readonly CompoundList[], position: Position): void {
		for (const { commands } of lists) this.#list(commands, position);
	}

	#loop(
		name: string,
		wordlist: NonNullable<Extract<CommandNode, { type: "For" }>["wordlist"]>,
		body: CompoundList,
		position: Position,
	): void {
		const values: Field[] = [];
		for (const word of wordlist) this.#words.expand(word, values);
		const { scope } = this.#session;
		if (values.length === 0 || values.length > LOOP_VALUES_MAX) {
			const [first] = values;
			if (first === undefined) scope.forget(name);
			else scope.set(name, { text: first.text, isStatic: false });
			this.#list(body.commands, position);
			return;
		}
		for (const value of values) {
			if (!this.#session.step()) return;
			scope.set(name, value);
			this.#list(body.commands, position);
		}
	}

	#define(name: string, body: CommandNode | null): void {
		if (body === null) return;
		this.#session.scope.functions.set(name, body);
		this.#uncalled.set(name, body);
	}

	/** Null: no function of that name. A function that calls itself is not followed. */
	#call(
		name: string,
		parameters: readonly Field[],
		position: Position,
	): "unknown" | "recursive" | { readonly output: string | null } {
		const { scope, calls, along } = this.#session;
		const body = scope.functions.get(name);
		if (body === undefined) return "unknown";
		if (calls.includes(name)) return "recursive";
		this.#uncalled.delete(name);
		const before = scope.parameters;
		scope.parameters = parameters;
		calls.push(name);
		let output: string | null = null;
		along.call(this.#session, [`${name}()`], () => {
			output = this.#node(body, position);
		});
		calls.pop();
		scope.parameters = before;
		return { output };
	}

	#command(node: Command, position: Position): string | null {
		const session = this.#session;
		if (!session.step()) return null;
		const { substituted, scope } = session;
		session.substituted = [];
		const env = node.prefix.length === 0 ? NONE : this.#commandWords.prefix(node);
		const argv = this.#commandWords.argv(node);
		const redirects =
			node.redirects.length === 0 ? null : this.#redirects.read(node.redirects, position.input, node.name?.text);
		if (node.name === undefined) this.#commandWords.exported(node, argv);
		const alias = node.name === undefined ? undefined : scope.aliases.get(node.name.text);
		if (alias !== undefined && !session.calls.includes(alias)) {
			const rest = session.frame.text.slice(node.name?.end ?? node.end, node.end);
			session.calls.push(alias);
			session.nested(`${alias}${rest}`, node, ["alias"], false, this.#read);
			session.calls.pop();
			return null;
		}
		const output = this.#run.run(argv, {
			input: redirects?.input ?? position.input,
			from: position.from,
			to: position.to,
			isBackground: position.isBackground,
			env,
			outputs: redirects?.outputs ?? NONE,
			isEmptying: redirects?.isEmptying ?? false,
			sends: redirects?.sends ?? NONE,
			spot: node,
			isWrapped: false,
		});
		session.substituted = substituted;
		for (const path of redirects?.outputs ?? NONE) session.keep(path, output, node);
		return redirects !== null && redirects.outputs.length > 0 ? null : output;
	}

	#compoundInput(redirects: readonly Redirection[], input: Input): Input {
		return this.#redirects.read(redirects, input, "{").input;
	}

	#substitution(script: ParsedScript | undefined, kind: "$(…)" | "<(…)" | ">(…)"): string | null {
		if (script === undefined) return null;
		const session = this.#session;
		const start = session.programs.length;
		const { substituted } = session;
		const layers = this.#run.layers;
		let output: string | null = null;
		if (session.nesting(1)) {
			session.along([kind], () =>
				session.subshell(() => {
					output = this.#list(script.commands, ALONE);
				}),
			);
			session.nesting(-1);
		}
		this.#run.layers = layers;
		session.substituted = [...substituted, ...session.programs.slice(start)];
		if (kind === "$(…)" || output === null) return output;
		const path = `/dev/fd/${60 + session.written.size}`;
		if (kind === "<(…)") session.written.set(path, output);
		return path;
	}
}

function neighbours(heads: readonly (readonly string[])[], from: number): readonly string[] {
	if (from + 1 === heads.length) return heads[from] as readonly string[];
	const all: string[] = [];
	for (let at = from; at < heads.length && at < from + NEIGHBOURS_MAX; at++)
		all.push(...(heads[at] as readonly string[]));
	return all;
}

const eachOnce = (names: readonly string[]): readonly string[] => (names.length < 2 ? names : [...new Set(names)]);

const NONE: readonly string[] = [];
