/** The facts of one call, and the caps on how many, how deep and how much is read for them. */
import type { Fact, Findings, Language, Place } from "./fact.ts";
import { beginningIn, pieceOf, piecesOf } from "./pieces.ts";
import { READERS } from "./readers.ts";

/** Levels of texts within texts: `ssh` of `sh -c` of `eval` of base64. */
const DEPTH_MAX = 8;
const FACTS_MAX = 2_000;
/** UTF-16 units over all texts of one call, and what one text counts beside its length. */
const WORK_MAX = 4_000_000;
const WORK_PER_TEXT = 200;

/** UTF-16 units of one text: those of parsers that are not linear are small. A longer one is read in pieces. */
const TEXT_MAX: Readonly<Record<Language, number>> = {
	shell: 65_536,
	powershell: 262_144,
	cmd: 262_144,
	sql: 1_000_000,
	python: 65_536,
	javascript: 65_536,
	code: 65_536,
	url: 65_536,
	path: 65_536,
	document: 1_000_000,
	prose: 1_000_000,
};

/** UTF-16 units that are read of a text in pieces: by what the reader takes for them. The first and the last are at most half. */
const PIECES_MAX: Readonly<Partial<Record<Language, number>>> = {
	shell: 1_048_576,
	powershell: 196_608,
	cmd: 393_216,
	sql: 524_288,
	python: 65_536,
	javascript: 98_304,
};

/** UTF-16 units of one piece. */
const PIECE_MAX = 65_536;
/** UTF-16 units at the end of a text that are read by themselves where something before them was left out, and facts that are kept for them. */
const END = 2_048;
const END_FACTS = 400;

const isOfCap = ({ has }: Fact): boolean => has["why"]?.[0]?.startsWith("too-") === true;

/** Ends the reading of a text whose further facts would not be taken. */
const FULL = new Error("no more facts are taken");

/** Collects facts; every cap that is met is a fact itself, so that nothing is passed over in silence. */
export class FactList implements Findings {
	readonly facts: Fact[] = [];
	#depth = 0;
	#work = 0;
	#isTruncated = false;
	/** Facts that there may be for now. */
	#room = FACTS_MAX;
	/** Something of the outermost text that is being read was left out. */
	#isCut = false;
	#isOver = false;

	/** No more is taken: what follows needs not be read. */
	get isFull(): boolean {
		return this.#isTruncated;
	}

	add(fact: Fact): void {
		if (this.facts.length >= this.#room) {
			if (this.#room === FACTS_MAX) this.#truncate(fact);
			this.#isCut = true;
			this.#isOver = true;
			if (this.#depth > 0) throw FULL;
			return;
		}
		this.facts.push(fact);
		if (fact.kind === "truncated" || (fact.kind === "opaque" && isOfCap(fact))) this.#isCut = true;
	}

	spend(work: number): boolean {
		if (this.#work + work > WORK_MAX) return false;
		this.#work += work;
		return true;
	}

	within(language: Language, text: string, at: Place): void {
		if (this.#isTruncated) return;
		if (this.#depth >= DEPTH_MAX) {
			this.opaque("too-deep", at);
			return;
		}
		const most = PIECES_MAX[language];
		if (this.#depth > 0 || most === undefined || text.length <= 2 * END) this.#inPieces(language, text, at, most ?? 0);
		else {
			this.#isCut = false;
			this.#room = FACTS_MAX - END_FACTS;
			this.#inPieces(language, text, at, most);
			this.#room = FACTS_MAX;
			if (this.#isCut) this.#readEnd(language, text, at);
		}
	}

	/** A text that is too long as a whole in pieces: that is said, as what spans two of them is seen in neither. */
	#inPieces(language: Language, text: string, at: Place, most: number): void {
		if (text.length <= TEXT_MAX[language]) {
			this.#read(language, text, at);
			return;
		}
		this.opaque("too-long", at);
		if (most === 0) return;
		let left = most;
		for (const [from, to] of piecesOf(text, Math.min(PIECE_MAX, most / 2))) {
			left -= to - from;
			if (left >= 0 && !this.#isOver) this.#read(language, text.slice(from, to), pieceOf(at, text, from, to));
		}
	}

	/** What stands last, so that nothing is hidden by filling up in front of it what there is room for. */
	#readEnd(language: Language, text: string, at: Place): void {
		const from = text.length - END + beginningIn(text.slice(-END, -END / 2));
		this.#read(language, text.slice(from), pieceOf(at, text, from, text.length));
		if (this.#isOver) this.#sayTruncated(at);
		this.#isOver = false;
	}

	#read(language: Language, text: string, at: Place): void {
		if (this.#isTruncated) return;
		this.#work += text.length + WORK_PER_TEXT;
		if (this.#work > WORK_MAX) {
			this.#truncate(at);
			return;
		}
		const reader = READERS[language];
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

	#truncate(at: Place): void {
		if (this.#isTruncated) return;
		this.#sayTruncated(at);
		this.#isTruncated = true;
	}

	#sayTruncated({ pointer, span, via }: Place): void {
		if (!this.#isTruncated) this.facts.push({ kind: "truncated", pointer, span, via, has: { why: ["facts"] } });
	}
}
