/** Words of a shell into the fields that they stand for: quotes taken away, what is constant expanded, the rest as it is spelled. */
import {
	type ArithmeticExpression,
	type DoubleQuotedChild,
	type ParsedScript,
	parse,
	type Word,
	type WordPart,
} from "unbash";
import { arithmetic } from "./arithmetic.ts";
import { expandBraces } from "./braces.ts";
import { parameterValue } from "./parameters.ts";
import type { Scope, Value } from "./scope.ts";
import { maySubstitute, substitutionsIn } from "./substitutions.ts";

export interface Field extends Value {
	readonly pos: number;
	readonly end: number;
}

/** The words that are no options. */
export const operandsOf = (fields: readonly Field[]): readonly string[] =>
	fields.filter(({ text }) => !text.startsWith("-")).map(({ text }) => text);

/** What a substitution puts out, or the path of what it does, where that is constant; reads what it runs. */
export type Substitution = (script: ParsedScript | undefined, kind: "$(…)" | "<(…)" | ">(…)") => string | null;

/** UTF-16 units of one field. */
const FIELD_MAX = 65_536;

export class Words {
	readonly #of: { readonly scope: Scope };
	readonly #substitution: Substitution;
	/** Substitutions that the value of the part that is being read has taken. */
	#taken: Set<ParsedScript> | null = null;

	/** Words are read in the scope that there is then. */
	constructor(of: { readonly scope: Scope }, substitution: Substitution) {
		this.#of = of;
		this.#substitution = substitution;
	}

	/** The fields of a command's word: none or several where an expansion is split. */
	expand(word: Word, out: Field[]): void {
		const { parts } = word;
		if (parts === undefined) {
			out.push({ text: word.value, isStatic: true, pos: word.pos, end: word.end });
			return;
		}
		if (parts.some(({ type }) => type === "BraceExpansion")) this.#expandBraces(word, out);
		else {
			const items = this.#listed(parts);
			if (items === null) this.#expandParts(word, parts, out);
			else for (const text of items) out.push({ text, isStatic: true, pos: word.pos, end: word.end });
		}
	}

	/** The fields of `"$@"` and `"${name[@]}"`; null: the word is another. */
	#listed(parts: readonly WordPart[]): readonly string[] | null {
		const [quoted] = parts;
		const child =
			parts.length === 1 && quoted?.type === "DoubleQuoted" && quoted.parts.length === 1 ? quoted.parts[0] : undefined;
		if (child?.type === "SimpleExpansion") return child.text === "$@" ? (this.#of.scope.get("@")?.items ?? null) : null;
		if (child?.type !== "ParameterExpansion" || child.prefix !== undefined) return null;
		const isOfParameters = child.parameter === "@";
		if (!isOfParameters && child.index?.value !== "@") return null;
		const value = this.#of.scope.get(child.parameter);
		const items = value?.isStatic === true ? (value.items ?? null) : null;
		if (child.operation === undefined || items === null) return items;
		if (child.operation.type !== "Slice") return null;
		const [offset, length] = [child.operation.offset, child.operation.length].map((each) =>
			each === undefined ? undefined : Number(this.single(each).text.trim()),
		);
		if (offset === undefined || Number.isNaN(offset) || offset < 0 || (length !== undefined && !(length >= 0)))
			return null;
		const from = isOfParameters ? Math.max(0, offset - 1) : offset;
		return items.slice(from, length === undefined ? undefined : from + length);
	}

	/** One field, unsplit: of an assignment, a redirect, a here-string. */
	single(word: Word): Field {
		const { parts } = word;
		if (parts === undefined) return { text: word.value, isStatic: true, pos: word.pos, end: word.end };
		const value = this.joined(parts);
		return { ...value, pos: word.pos, end: word.end };
	}

	joined(parts: readonly (WordPart | DoubleQuotedChild)[]): Value {
		let text = "";
		let isStatic = true;
		for (const part of parts) {
			const value = this.#valueOf(part);
			text += value.text;
			isStatic &&= value.isStatic;
			if (text.length > FIELD_MAX) return { text: text.slice(0, FIELD_MAX), isStatic: false };
		}
		return { text, isStatic };
	}

	/** Reads the substitutions in the part that its value does not need: an index, a pattern. */
	#withSubstitutions(part: WordPart | DoubleQuotedChild, read: () => Value | null): Value | null {
		const outer = this.#taken;
		const taken = new Set<ParsedScript>();
		this.#taken = taken;
		const value = read();
		this.#taken = outer;
		for (const script of substitutionsIn(part)) if (!taken.has(script)) this.#substitution(script, "$(…)");
		for (const script of taken) outer?.add(script);
		return value;
	}

	/** Reads the substitutions in a part that nothing else looks into. */
	#substitutes(part: WordPart | DoubleQuotedChild): boolean {
		if (!maySubstitute(part.text)) return false;
		const scripts = substitutionsIn(part);
		for (const script of scripts) this.#substitution(script, "$(…)");
		return scripts.length > 0;
	}

	/** What an arithmetic expression comes to, where that is constant; reads what it runs. */
	number(expression: ArithmeticExpression | undefined): number | null {
		if (expression === undefined) return null;
		return arithmetic(expression, {
			scope: this.#of.scope,
			read: (parts) => this.joined(parts),
			run: (script) => {
				if (script !== undefined) this.#taken?.add(script);
				return this.#substitution(script, "$(…)");
			},
		});
	}

	#expandBraces(word: Word, out: Field[]): void {
		for (const source of expandBraces(word.text)) {
			const statement = parse(`: ${source}`).commands[0]?.command;
			if (statement?.type !== "Command") continue;
			for (const each of statement.suffix) {
				if (each.type !== "Word") continue;
				const placed = { ...each, text: each.text, value: each.value, parts: each.parts, pos: word.pos, end: word.end };
				if (each.parts === undefined) out.push({ text: each.value, isStatic: true, pos: word.pos, end: word.end });
				else this.#expandParts(placed, each.parts, out);
			}
		}
	}

	#expandParts({ pos, end }: Word, parts: readonly WordPart[], out: Field[]): void {
		let text = "";
		let isStatic = true;
		let isField = false;
		for (const part of parts) {
			const value = this.#valueOf(part);
			const splits = SPLIT.has(part.type) && value.isStatic ? this.#splits() : null;
			if (splits === null || !splits.test(value.text)) {
				text += value.text;
				isStatic &&= value.isStatic;
				isField ||= value.text !== "" || !SPLIT.has(part.type);
				if (text.length > FIELD_MAX) break;
				continue;
			}
			const pieces = value.text.split(splits);
			for (let index = 0; index < pieces.length; index++) {
				if (index > 0) {
					if (isField) out.push({ text, isStatic, pos, end });
					text = "";
					isStatic = true;
					isField = false;
				}
				text += pieces[index] as string;
				isField ||= pieces[index] !== "";
			}
		}
		if (isField) out.push({ text: text.slice(0, FIELD_MAX), isStatic: isStatic && text.length <= FIELD_MAX, pos, end });
	}

	/** What IFS splits at; null: nothing. */
	#splits(): RegExp | null {
		const ifs = this.#of.scope.get("IFS")?.text ?? BLANKS;
		if (ifs === BLANKS) return AT_BLANKS;
		return ifs === "" ? null : new RegExp(`${anyOf(ifs)}+`);
	}

	#valueOf(part: WordPart | DoubleQuotedChild): Value {
		switch (part.type) {
			case "Glob":
			case "ExtendedGlob":
				return { text: part.text, isStatic: !this.#substitutes(part) };
			case "Literal":
			case "SingleQuoted":
			case "AnsiCQuoted":
				return { text: part.value, isStatic: true };
			case "DoubleQuoted":
			case "LocaleString":
				return this.joined(part.parts);
			case "SimpleExpansion":
				return this.#of.scope.get(part.text.slice(1)) ?? { text: part.text, isStatic: false };
			case "ParameterExpansion": {
				const read = (): Value | null => parameterValue(part, this.#of.scope, (word) => this.single(word));
				const value = maySubstitute(part.text) ? this.#withSubstitutions(part, read) : read();
				return value ?? { text: part.text, isStatic: false };
			}
			case "CommandExpansion": {
				if (part.script !== undefined) this.#taken?.add(part.script);
				const put = this.#substitution(part.script, "$(…)");
				return put === null ? { text: part.text, isStatic: false } : { text: put.replace(/\n+$/, ""), isStatic: true };
			}
			case "ProcessSubstitution": {
				if (part.script !== undefined) this.#taken?.add(part.script);
				const path = this.#substitution(part.script, part.operator === "<" ? "<(…)" : ">(…)");
				return path === null ? { text: part.text, isStatic: false } : { text: path, isStatic: true };
			}
			case "ArithmeticExpansion":
				return (
					this.#withSubstitutions(part, () => {
						const value = this.number(part.expression);
						return value === null ? null : { text: String(value), isStatic: true };
					}) ?? { text: part.text, isStatic: false }
				);
			case "BraceExpansion":
				return { text: part.text, isStatic: true };
		}
	}
}

/** A pattern of any of the characters of `IFS`. */
export const anyOf = (ifs: string): string => `[${ifs.replace(/[\\\]^-]/g, "\\$&")}]`;

/** Parts whose values bash splits where they stand outside quotes. */
const SPLIT: ReadonlySet<WordPart["type"]> = new Set(["SimpleExpansion", "ParameterExpansion", "CommandExpansion"]);

const BLANKS = " \t\n";
const AT_BLANKS = /[ \t\n]+/;
