/**
 * What a condition says of the rows it is asked of: all of them, none, or some.
 *
 * `1=1`, `'a'='a'`, `NOT FALSE`, `id = id`, `x IS NULL OR x IS NOT NULL` hold for every row; so does what reads no column at all, as far as
 * anybody can see. Everything else is about some rows.
 */
import { Asked } from "./asked.ts";
import { COMPARISONS } from "./condition-words.ts";
import { compare, isEveryKey, type Value } from "./constants.ts";
import { isGiven, isKey } from "./keys.ts";
import { type Endless, readOperand } from "./operand.ts";
import { NUMBER, SIGN, TEXT, type Token, WORD } from "./token.ts";

export type Rows = "always" | "never" | "some";

export interface Condition {
	readonly rows: Rows;
	/** A part that holds whatever the row is stands beside another by OR: `name = 'x' OR 1=1`, `… OR a=a`. */
	readonly isWidened: boolean;
	/** Rows are named by what tells them from others, or by a value that is given later: `id = 5`, `email = ?`, `key IN ('a', 'b')`. */
	readonly isKeyed: boolean;
}

const DEPTH_MAX = 40;
const NEGATED: Readonly<Record<string, string>> = { "<>": "=", "!=": "=", "==": "=", ">=": "<", "<=": ">" };

interface Truth {
	readonly value: boolean | undefined;
	readonly hasColumn: boolean;
	/** Of something unknown: what is asked, and which answer is wanted. */
	readonly key?: string;
	readonly wanted?: boolean;
}

/** Reads the condition that begins at `from`. */
export function readCondition(tokens: readonly Token[], from: number, to: number): Condition {
	const reading = new Reading(tokens, from, to);
	const truth = reading.either(0);
	const value = truth.value ?? (truth.hasColumn || reading.isUnsure ? undefined : true);
	return {
		rows: value === undefined ? "some" : value ? "always" : "never",
		isWidened: reading.isWidened,
		isKeyed: reading.isKeyed,
	};
}

class Reading {
	isWidened = false;
	isKeyed = false;
	/** Too deep, or empty. */
	isUnsure = false;
	readonly #tokens: readonly Token[];
	readonly #to: number;
	#at: number;
	readonly #endless: Endless = { from: -1, hasColumn: false };

	constructor(tokens: readonly Token[], from: number, to: number) {
		this.#tokens = tokens;
		this.#at = from;
		this.#to = to;
	}

	either(depth: number): Truth {
		let whole = this.#both(depth);
		const asked = new Asked();
		if (this.#isWord("or") || this.#isSign("||")) asked.isComplement(whole);
		while (this.#isWord("or") || this.#isSign("||")) {
			this.#at++;
			const next = this.#both(depth);
			if (next.value === true && !isFree(whole)) this.isWidened = true;
			const isComplement = asked.isComplement(next);
			const isTrue = isComplement || whole.value === true || next.value === true;
			const isFalse = whole.value === false && next.value === false;
			whole = {
				value: isTrue ? true : isFalse ? false : undefined,
				hasColumn: whole.hasColumn || next.hasColumn,
			};
		}
		return whole;
	}

	#both(depth: number): Truth {
		let whole = this.#one(depth);
		while (this.#isWord("and") || this.#isSign("&&")) {
			this.#at++;
			const next = this.#one(depth);
			const isFalse = whole.value === false || next.value === false;
			const isTrue = whole.value === true && next.value === true;
			whole = {
				value: isFalse ? false : isTrue ? true : undefined,
				hasColumn: whole.hasColumn || next.hasColumn,
			};
		}
		return whole;
	}

	#one(depth: number): Truth {
		if (depth > DEPTH_MAX || this.#at >= this.#to) {
			this.isUnsure = true;
			return { value: undefined, hasColumn: true };
		}
		if (this.#isWord("not") || this.#isSign("!")) {
			this.#at++;
			const wasKeyed = this.isKeyed;
			const truth = this.#one(depth + 1);
			this.isKeyed = wasKeyed;
			return {
				...truth,
				value: truth.value === undefined ? undefined : !truth.value,
				...(truth.wanted === undefined ? {} : { wanted: !truth.wanted }),
			};
		}
		if (this.#isWord("exists")) return this.#exists();
		const start = this.#at;
		if (this.#isSign("(") && !this.#isQuery(this.#at + 1)) {
			this.#at++;
			const truth = this.either(depth + 1);
			// In what breaks out of a statement, the bracket is closed by what follows there.
			if (this.#isSign(")") || this.#at >= this.#to) {
				this.#at++;
				if (!this.#goesOn()) return truth;
			}
			this.#at = start;
		}
		return this.#comparison();
	}

	/** What follows a bracket makes it an operand: `(a + b) > 3`. */
	#goesOn(): boolean {
		const token = this.#tokens[this.#at];
		if (token === undefined || this.#at >= this.#to) return false;
		if (token.kind === SIGN)
			return token.text !== ")" && token.text !== ";" && token.text !== "||" && token.text !== "&&";
		return (
			token.kind === WORD && ["is", "in", "between", "like", "not", "ilike", "rlike", "regexp"].includes(token.text)
		);
	}

	#exists(): Truth {
		this.#at++;
		const from = this.#at;
		this.#operand();
		// A query over no table, or over all of one.
		let isFiltered = false;
		for (let at = from; at < this.#at; at++) {
			const token = this.#tokens[at] as Token;
			if (token.kind === WORD && (token.text === "where" || token.text === "having" || token.text === "join"))
				isFiltered = true;
		}
		return { value: isFiltered ? undefined : true, hasColumn: isFiltered };
	}

	#comparison(): Truth {
		const left = this.#operand();
		const token = this.#tokens[this.#at];
		if (token === undefined || this.#at >= this.#to) return ofValue(left);
		if (token.kind === SIGN && COMPARISONS.has(token.text)) return this.#compared(left, token.text);
		if (token.kind !== WORD) return ofValue(left);
		if (token.text === "is") return this.#is(left);
		const isNot = token.text === "not";
		if (isNot) this.#at++;
		const word = this.#tokens[this.#at]?.text;
		if (word === "between") return this.#between(left);
		if (word === "in") return this.#in(left, isNot);
		if (
			word === "like" ||
			word === "ilike" ||
			word === "rlike" ||
			word === "regexp" ||
			word === "glob" ||
			word === "similar"
		) {
			return this.#like(left, isNot);
		}
		return ofValue(left);
	}

	#compared(left: Value, sign: string): Truth {
		this.#at++;
		if (sign === "<=" && this.#isSign(">")) this.#at++;
		if (this.#isWord("any") || this.#isWord("all") || this.#isWord("some")) this.#at++;
		const right = this.#operand();
		const isQuoted = left.spelled === right.spelled && left.spelled.startsWith('"');
		const hasColumn = !isQuoted && (left.hasColumn || right.hasColumn);
		if (left.constant !== undefined && right.constant !== undefined) {
			return { value: compare(left.constant, right.constant, sign), hasColumn };
		}
		if (left.spelled === right.spelled && left.spelled !== "") {
			return { value: sign === "=" || sign === "==" || sign === ">=" || sign === "<=" || sign === "<=>", hasColumn };
		}
		if (isEveryKey(left, right, sign)) return { value: true, hasColumn };
		if (sign === "=" || sign === "==") this.isKeyed ||= isGiven(right) || (isKey(left) && right.constant !== undefined);
		const base = NEGATED[sign];
		return {
			value: undefined,
			hasColumn,
			key: `${left.spelled} ${base ?? sign} ${right.spelled}`,
			wanted: base === undefined || sign === "==",
		};
	}

	#is(left: Value): Truth {
		this.#at++;
		const isNot = this.#isWord("not");
		if (isNot) this.#at++;
		const what = this.#tokens[this.#at]?.text ?? "";
		if (what === "distinct") this.#at++;
		this.#operand();
		if (what === "null" && left.constant !== undefined) {
			return { value: (left.constant === null) !== isNot, hasColumn: false };
		}
		return { value: undefined, hasColumn: left.hasColumn, key: `${left.spelled} is ${what}`, wanted: !isNot };
	}

	#between(left: Value): Truth {
		this.#at++;
		const low = this.#operand();
		if (this.#isWord("and")) this.#at++;
		const high = this.#operand();
		const hasColumn = left.hasColumn || low.hasColumn || high.hasColumn;
		if (left.constant === undefined || low.constant === undefined || high.constant === undefined) {
			return { value: undefined, hasColumn };
		}
		return {
			value: compare(left.constant, low.constant, ">=") && compare(left.constant, high.constant, "<="),
			hasColumn,
		};
	}

	#in(left: Value, isNot: boolean): Truth {
		this.#at++;
		const from = this.#at;
		this.#operand();
		if (!isNot && isKey(left) && !this.#isQuery(from + 1)) this.isKeyed = true;
		let isAmong = false;
		for (let at = from; at < this.#at && left.constant !== undefined; at++) {
			const token = this.#tokens[at] as Token;
			if ((token.kind === NUMBER || token.kind === TEXT) && token.text === String(left.constant)) isAmong = true;
		}
		return { value: isAmong ? !isNot : undefined, hasColumn: left.hasColumn };
	}

	#like(left: Value, isNot: boolean): Truth {
		this.#at++;
		const pattern = this.#operand();
		if (this.#isWord("escape")) {
			this.#at++;
			this.#operand();
		}
		const isAny = typeof pattern.constant === "string" && /^(?:%+|\.\*|\*)$/u.test(pattern.constant);
		if (isAny || (left.constant !== undefined && left.constant === pattern.constant)) {
			return { value: !isNot, hasColumn: left.hasColumn };
		}
		return { value: undefined, hasColumn: left.hasColumn || pattern.hasColumn };
	}

	#operand(): Value {
		const { value, end } = readOperand(this.#tokens, this.#at, this.#to, this.#endless);
		this.#at = end;
		return value;
	}

	#isWord(word: string): boolean {
		const token = this.#at < this.#to ? this.#tokens[this.#at] : undefined;
		return token?.kind === WORD && token.text === word;
	}

	#isSign(sign: string): boolean {
		const token = this.#at < this.#to ? this.#tokens[this.#at] : undefined;
		return token?.kind === SIGN && token.text === sign;
	}

	#isQuery(at: number): boolean {
		const token = this.#tokens[at];
		return token?.kind === WORD && (token.text === "select" || token.text === "with" || token.text === "values");
	}
}

/** Holds whatever the row is, and reads nothing of it. */
const isFree = (truth: Truth): boolean => truth.value === true && !truth.hasColumn;

function ofValue(value: Value): Truth {
	if (value.constant === undefined)
		return { value: undefined, hasColumn: value.hasColumn, key: value.spelled, wanted: true };
	const { constant } = value;
	const isTrue =
		typeof constant === "string" ? constant !== "" && constant !== "0" : constant !== null && Boolean(constant);
	return { value: isTrue, hasColumn: false };
}
