/** The facts of one call, and the caps on how many, how deep and how much is read for them. */
import type { Fact, Findings, Language, Place } from "./fact.ts";
import { READERS } from "./readers.ts";

/** Levels of texts within texts: `ssh` of `sh -c` of `eval` of base64. */
const DEPTH_MAX = 8;
const FACTS_MAX = 2_000;
/** UTF-16 units over all texts of one call, and what one text counts beside its length. */
const WORK_MAX = 4_000_000;
const WORK_PER_TEXT = 200;

/** UTF-16 units of one text: those of parsers that are not linear are small. */
const TEXT_MAX: Readonly<Record<Language, number>> = {
	shell: 65_536,
	powershell: 262_144,
	cmd: 262_144,
	sql: 1_000_000,
	python: 65_536,
	javascript: 65_536,
	url: 65_536,
	path: 65_536,
	document: 1_000_000,
	prose: 1_000_000,
};

/** Ends the reading of a text whose further facts would not be taken. */
const FULL = new Error("no more facts are taken");

/** Collects facts; every cap that is met is a fact itself, so that nothing is passed over in silence. */
export class FactList implements Findings {
	readonly facts: Fact[] = [];
	#depth = 0;
	#work = 0;
	#isTruncated = false;

	/** No more is taken: what follows needs not be read. */
	get isFull(): boolean {
		return this.#isTruncated;
	}

	add(fact: Fact): void {
		if (this.facts.length < FACTS_MAX) this.facts.push(fact);
		else {
			this.#truncate(fact);
			if (this.#depth > 0) throw FULL;
		}
	}

	within(language: Language, text: string, at: Place): void {
		if (this.#isTruncated) return;
		const reader = READERS[language];
		if (text.length > TEXT_MAX[language]) {
			this.opaque("too-long", at);
			return;
		}
		if (this.#depth >= DEPTH_MAX) {
			this.opaque("too-deep", at);
			return;
		}
		this.#work += text.length + WORK_PER_TEXT;
		if (this.#work > WORK_MAX) {
			this.#truncate(at);
			return;
		}
		if (reader === undefined) {
			this.opaque("unread", at, language);
			return;
		}
		this.#depth += 1;
		try {
			reader(text, at, this);
		} catch (thrown) {
			// Of a text that brings a parser down nobody knows what it does: that is said, and the others are read.
			if (thrown !== FULL) this.opaque("unreadable", at, language);
			else if (this.#depth > 1) throw FULL;
		} finally {
			this.#depth -= 1;
		}
	}

	/** Says that a place was not read, and why. */
	opaque(why: string, { pointer, span, via }: Place, language?: Language): void {
		const has = language === undefined ? { why: [why] } : { why: [why], language: [language] };
		this.add({ kind: "opaque", pointer, span, via, has });
	}

	#truncate({ pointer, span, via }: Place): void {
		if (this.#isTruncated) return;
		this.#isTruncated = true;
		this.facts.push({ kind: "truncated", pointer, span, via, has: {} });
	}
}
