/**
 * Most commands are words, quotes, pipes and redirects on one line: these are parsed here, with the same tree as the parser of whole
 * scripts gives, in a fifth of its time. Anything else is left to that one.
 */
import type { AndOr, Command, Pipeline, PipelineNode, Redirection, RedirectOperator, Statement, Word } from "unbash";

/** Null: not so plain. */
export function plainScript(source: string): readonly Statement[] | null {
	const reader = new PlainReader(source);
	return reader.statements();
}

/** What a unit is outside quotes: part of a word, a blank, the end of a word, or nothing that is read here. */
const PART = 1;
const BLANK = 2;
const ENDS = 3;
const KINDS = new Uint8Array(128);
for (const unit of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=*?'\"")
	KINDS[unit.charCodeAt(0)] = PART;
for (const unit of " \t") KINDS[unit.charCodeAt(0)] = BLANK;
for (const unit of "|&;<>\n") KINDS[unit.charCodeAt(0)] = ENDS;

/** As a command's name these begin something else, or change how the words behind them are read. */
const SPECIAL: ReadonlySet<string> = new Set(
	(
		"if then else elif fi do done case esac while until for select in function time coproc " +
		"export declare local readonly typeset alias eval let"
	).split(" "),
);

const SINGLE = 39;
const DOUBLE = 34;
const DIGITS_END = 57;
const PIPE = 124;
const AND = 38;
const SEMICOLON = 59;
const NEWLINE = 10;
const LESS = 60;
const GREATER = 62;

class PlainReader {
	readonly #source: string;
	#at = 0;

	constructor(source: string) {
		this.#source = source;
	}

	statements(): readonly Statement[] | null {
		const source = this.#source;
		const all: Statement[] = [];
		this.#blanks();
		while (this.#at < source.length) {
			const command = this.#several();
			if (command === null) return null;
			all.push({ type: "Statement", pos: command.pos, end: command.end, command, background: undefined });
			const unit = source.charCodeAt(this.#at);
			if (this.#at < source.length && unit !== SEMICOLON && unit !== NEWLINE) return null;
			this.#at += 1;
			this.#blanks();
			while (source.charCodeAt(this.#at) === NEWLINE) {
				this.#at += 1;
				this.#blanks();
			}
		}
		return all.length === 0 ? null : all;
	}

	/** Commands, joined by pipes to pipelines, and these by `&&` and `||`. */
	#several(): AndOr | PipelineNode | null {
		let command = this.#command();
		if (command === null) return null;
		let joint = this.#joint();
		if (joint === null) return command;
		const pipelines: PipelineNode[] = [];
		const operators: ("&&" | "||")[] = [];
		let piped: Command[] = [];
		while (command !== null) {
			piped.push(command);
			if (joint !== "|") {
				pipelines.push(pipeline(piped));
				if (joint === null) return andOr(pipelines, operators);
				operators.push(joint);
				piped = [];
			}
			command = this.#command();
			joint = this.#joint();
		}
		return null;
	}

	/** `&&`, `||` or `|`, but not `|&`: steps behind it. */
	#joint(): "&&" | "||" | "|" | null {
		const source = this.#source;
		const unit = source.charCodeAt(this.#at);
		if (unit !== AND && unit !== PIPE) return null;
		const next = source.charCodeAt(this.#at + 1);
		if (next !== unit && (unit === AND || next === AND)) return null;
		this.#at += next === unit ? 2 : 1;
		this.#blanks();
		if (next !== unit) return "|";
		return unit === AND ? "&&" : "||";
	}

	#command(): Command | null {
		const source = this.#source;
		const name = this.#word();
		if (name === null || SPECIAL.has(name.value) || !isName(name.value)) return null;
		const suffix: Word[] = [];
		let redirects: Redirection[] | null = null;
		let { end } = name;
		for (this.#blanks(); this.#at < source.length; this.#blanks()) {
			const unit = source.charCodeAt(this.#at);
			if (unit === LESS || unit === GREATER) {
				const redirect = this.#redirect(suffix, end);
				if (redirect === null) return null;
				redirects ??= [];
				redirects.push(redirect);
				({ end } = redirect);
				continue;
			}
			if (KINDS[unit] === ENDS) break;
			const word = this.#word();
			if (word === null) return null;
			suffix.push(word);
			({ end } = word);
		}
		return {
			type: "Command",
			pos: name.pos,
			end,
			name,
			prefix: NONE,
			suffix,
			args: suffix,
			redirects: redirects ?? NONE,
		};
	}

	/** Null: not so plain, or no word. */
	#word(): Word | null {
		const source = this.#source;
		const start = this.#at;
		let value = "";
		/** Where what is not in `value` yet begins. */
		let from = start;
		let at = start;
		for (; at < source.length; at++) {
			const unit = source.charCodeAt(at);
			if (unit !== SINGLE && unit !== DOUBLE) {
				const kind = unit < 128 ? KINDS[unit] : 0;
				if (kind === PART) continue;
				if (kind === 0) return null;
				break;
			}
			const close = source.indexOf(unit === SINGLE ? "'" : '"', at + 1);
			if (close < 0 || (unit === DOUBLE && isExpanded(source, at + 1, close))) return null;
			value += source.slice(from, at) + source.slice(at + 1, close);
			at = close;
			from = close + 1;
		}
		if (at === start) return null;
		this.#at = at;
		const text = source.slice(start, at);
		return {
			type: "Word",
			text,
			value: from === start ? text : value + source.slice(from, at),
			pos: start,
			end: at,
			parts: undefined,
		};
	}

	/** A number right before it is its descriptor, and the last of the words so far. */
	#redirect(words: Word[], end: number): Redirection | null {
		const start = this.#at;
		const last = words.at(-1);
		let descriptor: Extract<Redirection, { type: "Redirect" }>["descriptor"];
		let pos = start;
		if (end === start && last !== undefined && last.end === start && /^\d/.test(last.text)) {
			if (last.text.length > 1) return null;
			words.pop();
			({ pos } = last);
			descriptor = { type: "FileDescriptor", pos, end: start, value: Number(last.text) };
		}
		const operator = this.#redirectOperator();
		if (operator === null) return null;
		this.#blanks();
		const target = this.#word();
		if (target === null || (operator === ">&" && !/^\d$/.test(target.text))) return null;
		return { type: "Redirect", pos, end: target.end, operator, descriptor, target };
	}

	#redirectOperator(): RedirectOperator | null {
		const isOutput = this.#source.charCodeAt(this.#at) === GREATER;
		this.#at += 1;
		const next = this.#source.charCodeAt(this.#at);
		if (KINDS[next] !== ENDS) return isOutput ? ">" : "<";
		if (!isOutput || (next !== GREATER && next !== AND)) return null;
		this.#at += 1;
		return next === GREATER ? ">>" : ">&";
	}

	#blanks(): void {
		const source = this.#source;
		let at = this.#at;
		while (at < source.length && KINDS[source.charCodeAt(at)] === BLANK) at++;
		this.#at = at;
	}
}

function pipeline(commands: Command[]): PipelineNode {
	const [first] = commands as [Command];
	if (commands.length === 1) return first;
	const { end } = commands.at(-1) as Command;
	const operators = commands.slice(1).map(() => "|" as const);
	return { type: "Pipeline", pos: first.pos, end, prefixes: NONE, commands, operators } satisfies Pipeline;
}

function andOr(commands: PipelineNode[], operators: ("&&" | "||")[]): AndOr | PipelineNode {
	const [first] = commands as [PipelineNode];
	if (operators.length === 0) return first;
	return { type: "AndOr", pos: first.pos, end: (commands.at(-1) as PipelineNode).end, commands, operators };
}

/** Neither a number, which may be a descriptor, nor a setting. */
const isName = (text: string): boolean =>
	!text.includes("=") && !(text.charCodeAt(0) <= DIGITS_END && /^\d+$/.test(text));

/** Something within double quotes is more than the letters that stand there. */
function isExpanded(text: string, from: number, to: number): boolean {
	for (let at = from; at < to; at++) {
		const unit = text.charCodeAt(at);
		if (unit === 36 || unit === 92 || unit === 96) return true;
	}
	return false;
}

const NONE: readonly never[] = [];
