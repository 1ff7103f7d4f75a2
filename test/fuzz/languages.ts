/** Damaged texts for every reader of a language: none crashes or hangs, and each fact lies in the text. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../src/core/base/json.ts";
import type { Fact, Language } from "../../src/core/classify/fact.ts";
import { READERS } from "../../src/core/classify/readers.ts";
import type { Dice } from "../kill-loop/dice.ts";
import { damageText } from "./mutate.ts";
import type { Target } from "./target.ts";

const CASES = join(import.meta.dirname, "../cases/classify");

const pick = (dice: Dice, of: readonly string[]): string => of[dice.upTo(of.length)] as string;

/** One target for each language that is read; the project's own cases are what is damaged. */
export function languages(): readonly Target[] {
	const seeds = readdirSync(CASES)
		.filter((name) => name.endsWith(".jsonl"))
		.flatMap((name) => readFileSync(join(CASES, name), "utf8").split("\n"))
		.filter((line) => line !== "")
		.flatMap((line) => texts((JSON.parse(line) as { args: Json }).args));
	return (Object.keys(READERS) as Language[]).map((language) => ({
		name: `texts of ${language}`,
		longestMs: 1_000,
		draw: (dice) => {
			const input = damageText(dice, pick(dice, seeds), pick(dice, seeds));
			return { input, read: () => readAs(language, input) };
		},
	}));
}

function texts(value: Json): string[] {
	if (typeof value === "string") return [value];
	return value === null || typeof value !== "object" ? [] : Object.values(value).flatMap(texts);
}

function readAs(language: Language, text: string): void {
	let left = 4_000_000;
	READERS[language]?.(
		text,
		{ pointer: "/text", span: [0, text.length], via: [] },
		{ add: assertInside, spend, within: assertText },
	);

	function spend(work: number): boolean {
		left -= work;
		return left > 0;
	}

	function assertInside({ kind, span: [start, end] }: Fact): void {
		if (start < 0 || end < start || end > text.length) throw new Error(`${kind} at ${start}–${end} of ${text.length}`);
	}

	function assertText(_: Language, inner: string, at: { readonly span: readonly [number, number] }): void {
		if (typeof inner !== "string") throw new Error("what is within is no text");
		if (at.span[0] < 0 || at.span[1] > text.length) throw new Error(`a text within at ${at.span}`);
	}
}
