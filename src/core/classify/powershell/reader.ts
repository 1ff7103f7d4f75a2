/** Reads PowerShell: commands, .NET calls, redirections, and what runs within them. Linear, but for blocks that make texts. */
import type { Findings, Place } from "../fact.ts";
import { isLoaderVariable } from "../windows/loader-variables.ts";
import { programOf } from "../windows/program-names.ts";
import { addRedirect, readWord } from "./arguments.ts";
import { readCommand } from "./command.ts";
import { Expressions } from "./expression.ts";
import { type Draft, Reading } from "./reading.ts";
import { isQuote } from "./strings.ts";
import { known, listed, partial, shown, UNKNOWN, type Value } from "./value.ts";

const KEYWORD =
	/(?:if|elseif|else|while|until|do|for|switch|try|catch|finally|begin|process|end|dynamicparam|param|return|throw|trap|in|exit|break|continue|default)(?![\w.`-])/iy;
const LOOP = /^(?:while|until|do|for)$/i;
const FOREACH = /foreach\s*\(/iy;
const FUNCTION = /(?:function|filter|workflow|configuration)\s+([\w:-]+)/iy;
const HEADER = /(?:using|namespace)\s+[^\n;]*|(?:class|enum)\s+\w+(?:\s*:\s*[\w., ]+)?/iy;
const ASSIGNMENT = /(?:[+\-*/%]|\?\?)?=(?!=)/y;
const ASSIGNED = /^(?:\[[^\]]*\]\s*)*\$(?:\{([^}]*)\}|((?:\w+:)?\w+))\s*$/;

/** Programs of a pipeline that are named on either side. */
const PIPELINE_MAX = 30;

const expressions: Expressions = new Expressions(readStatements);

/** Reads one script or line. */
export function readPowerShell(text: string, at: Place, to: Findings): void {
	const reading = new Reading(text, at, to);
	while (reading.pos < text.length) {
		readStatements(reading, "");
		// What closes nothing is passed over.
		reading.pos += 1;
	}
	// A text that is values alone puts them out.
	if (reading.isSilent && text.trim() !== "") {
		const has = { program: ["write-output"], os: ["windows"], shape: ["plain"] };
		reading.add("command", 0, text.length, has);
	}
}

/** Statements up to the closing bracket, behind which the reader stands then; `;` stands for one pipeline. */
function readStatements(r: Reading, closing: string): Value {
	if (closing === ";") return readStatement(r);
	const values: Value[] = [];
	while (r.pos < r.text.length && r.mayGoOn()) {
		r.skip(true);
		const { char, pos: from } = r;
		if (char === ")" || char === "}") {
			if (char === closing) r.pos += 1;
			// A bracket of the other kind is a slip of the text: it ends nothing here but is not lost.
			if (char === closing || closing === "") return whole(values);
			r.pos += 1;
			continue;
		}
		if (char === ";" || (char === "&" && !startsCall(r))) {
			r.pos += 1;
			continue;
		}
		const value = readStatement(r);
		if (value.kind !== "unknown" || closing !== "") values.push(value);
		if (r.pos === from) r.pos += 1;
		if (values.length > 1_000) values.splice(0, 500);
	}
	return whole(values);
}

function whole(values: readonly Value[]): Value {
	const [first = UNKNOWN, ...others] = values;
	return others.length === 0 ? first : listed(values);
}

const startsCall = (r: Reading): boolean =>
	/[^&]/.test(r.text[r.pos + 1] ?? "") && !/[&|>]/.test(r.text[r.pos + 1] ?? "");

function readStatement(r: Reading): Value {
	const loop = matched(r, FOREACH, true);
	if (loop !== null) {
		r.hasLoop = true;
		noteLoopOverFile(r);
		return UNKNOWN;
	}
	const named = matched(r, FUNCTION);
	if (named !== null) {
		r.functions.add((named[1] ?? "").toLowerCase());
		return UNKNOWN;
	}
	if (matched(r, HEADER) !== null) return UNKNOWN;
	const keyword = matched(r, KEYWORD)?.[0];
	if (keyword !== undefined) {
		if (LOOP.test(keyword)) r.hasLoop = true;
		return UNKNOWN;
	}
	return readPipeline(r);
}

const OVER = /\(\s*\$(\w+)\s+in\s+(?:\(?\s*(?:get-content|gc|cat|type|import-csv)\b|\$(\w+)\s*\))/iy;

/** `foreach ($line in Get-Content …)`: the variable carries what is read. */
function noteLoopOverFile(r: Reading): void {
	OVER.lastIndex = r.pos;
	const [, variable, list] = OVER.exec(r.text) ?? [];
	if (variable !== undefined && (list === undefined || r.carrying.has(list.toLowerCase())))
		r.carrying.add(variable.toLowerCase());
}

function matched(r: Reading, pattern: RegExp, keepsBracket = false): RegExpExecArray | null {
	pattern.lastIndex = r.pos;
	const found = pattern.exec(r.text);
	if (found !== null) r.pos += found[0].length - (keepsBracket ? 1 : 0);
	return found;
}

function readPipeline(r: Reading): Value {
	const drafts: Draft[] = [];
	let value: Value | null = null;
	let isFirst = true;
	const { reads } = r;
	while (r.pos < r.text.length && r.mayGoOn()) {
		value = readElement(r, drafts, value, isFirst);
		isFirst = false;
		r.skip(false);
		if (r.char !== "|" || r.text[r.pos + 1] === "|") break;
		r.pos += 1;
		r.skip(true);
		r.carry("_", reads);
	}
	emit(r, drafts);
	if (r.text.startsWith("||", r.pos) || r.text.startsWith("&&", r.pos)) r.pos += 2;
	return value ?? UNKNOWN;
}

function emit(r: Reading, drafts: readonly Draft[]): void {
	const programs = drafts.map(({ program }) => program);
	for (const [index, { from, until, has }] of drafts.entries()) {
		const before = programs.slice(Math.max(0, index - PIPELINE_MAX), index).filter((name) => name !== "");
		const behind = programs.slice(index + 1, index + 1 + PIPELINE_MAX).filter((name) => name !== "");
		const piped = has["input"] ?? (before.length > 0 ? ["pipe"] : []);
		r.add("command", from, until, { ...has, input: piped, from: before, to: behind });
	}
}

function readElement(r: Reading, drafts: Draft[], prior: Value | null, isFirst: boolean): Value {
	const { char, pos: from } = r;
	if (
		(char === "&" || char === ".") &&
		/[\s$"'({\w\\/%]/.test(r.text[from + 1] ?? "") &&
		!/^\.\d/.test(r.text.slice(from, from + 2))
	) {
		if (char === "&" || /[\s$"'({]/.test(r.text[from + 1] ?? "")) {
			r.pos += 1;
			r.skip(false);
			const place = r.pos;
			const name = r.char === "{" ? expressions.block(r) : readWord(r, expressions);
			const written = /^"?\$(\w+)"?$/.exec(r.text.slice(place, Math.min(r.pos, place + 100)))?.[1];
			const made = command(r, drafts, name, from, prior);
			for (const other of written === undefined ? [] : r.otherTexts(written)) {
				const program = programOf(other);
				drafts.push({ from, until: r.pos, program, has: { ...drafts.at(-1)?.has, program: [program] } });
			}
			return made;
		}
	}
	if (isExpression(r) && !isQuotedProgram(r)) return readExpression(r, isFirst);
	const name = readWord(r, expressions);
	return command(r, drafts, name, from, prior);
}

function command(r: Reading, drafts: Draft[], name: Value, from: number, prior: Value | null): Value {
	const { draft, value } = readCommand(r, expressions, name, from, prior);
	if (draft !== null) {
		const isPiped = prior !== null && draft.has["input"] === undefined;
		drafts.push(isPiped ? { ...draft, has: { ...draft.has, input: ["pipe"] } } : draft);
	}
	return value;
}

const QUOTED_PROGRAM = /^\s*(["'])[^"'\n]*[\\/][^"'\n]*\.(?:exe|bat|cmd|com|ps1|msi|scr)\1[^\n|=,;]*$/i;

/** A whole script that is one quoted path, and words behind it: PowerShell prints it, cmd and the one who wrote it run it. */
const isQuotedProgram = (r: Reading): boolean =>
	isQuote(r.char) && r.text.length < 1_000 && r.text.slice(0, r.pos).trim() === "" && QUOTED_PROGRAM.test(r.text);

const NUMBER = /(?:0x[\da-f]+|\d[\d.]*(?:[kmgtp]b|[ld])?)(?![\w-])/iy;
const SIGNED = /[!,]|[+-](?=[\d($'"])|-(?:join|split|not|bnot)(?![\w-])/iy;

/** Whether a statement begins as an expression; else its first word is a command. */
function isExpression(r: Reading): boolean {
	if (/[$@([{]/.test(r.char) || isQuote(r.char)) return true;
	NUMBER.lastIndex = SIGNED.lastIndex = r.pos;
	return NUMBER.test(r.text) || SIGNED.test(r.text);
}

function readExpression(r: Reading, isFirst: boolean): Value {
	const from = r.pos;
	const value = expressions.read(r);
	const target = r.text.slice(from, Math.min(r.pos, from + 200));
	r.skip(false);
	if (isFirst && matched(r, ASSIGNMENT) !== null) {
		r.skip(true);
		const isAdding = r.text[r.pos - 1] === "+" || /\+=\s*$/.test(r.text.slice(Math.max(0, r.pos - 8), r.pos));
		const { reads } = r;
		const right = readStatement(r);
		const name = ASSIGNED.exec(target);
		if (name === null) addProperty(r, target, right, from);
		else {
			const variable = name[1] ?? name[2] ?? "";
			r.carry(variable, reads);
			if (isLoaderVariable(variable.replace(/^env:/i, ""))) addVariable(r, variable, right, from);
			r.setVariable(
				variable,
				isAdding && known(value) !== null && known(right) !== null ? partialSum(value, right) : right,
			);
		}
		return UNKNOWN;
	}
	const redirect = /(?:[1-6*]?>>?)(?!&)/y;
	const operator = matched(r, redirect)?.[0];
	if (operator !== undefined) {
		const place = r.pos - operator.length;
		r.skip(false);
		const path = known(readWord(r, expressions)) ?? "";
		if (path !== "" && !r.isQuiet) {
			addRedirect(r, operator, path, place);
			r.written.note(path, known(value) ?? "", operator.endsWith(">>"));
		}
	}
	return value;
}

/** `$x.Name = …`: what of an object is set is told like a call. */
function addProperty(r: Reading, target: string, value: Value, from: number): void {
	const name = /\.(\w{2,60})\s*$/.exec(target)?.[1];
	if (name === undefined) return;
	r.add("call", from, r.pos, { name: [`set.${name.toLowerCase()}`], args: shown(value).map(argument) });
}

function addVariable(r: Reading, variable: string, value: Value, from: number): void {
	const name = variable.toLowerCase().replace(/^env:/, "");
	r.add("call", from, r.pos, { name: ["environment.set"], args: [name, ...shown(value).map(argument)] });
}

const argument = (text: string): string => text.slice(0, 500).toLowerCase();

function partialSum(left: Value, right: Value): Value {
	const sum = (known(left) ?? "") + (known(right) ?? "");
	return sum.length > 65_536 ? partial("") : { kind: "texts", texts: [sum] };
}
