/** A PowerShell text while it is read: where the reader stands, and what it knows of variables, aliases and downloads. */
import type { Fact, FactKind, Findings, Place } from "../fact.ts";
import { placeIn } from "../windows/place.ts";
import { Written } from "../windows/written.ts";
import { constantValue } from "./constants.ts";
import type { Value } from "./value.ts";

/** Brackets within brackets. */
const DEPTH_MAX = 48;
/** Steps over all evaluations of script blocks. */
const WORK_MAX = 400_000;

const OTHERS_MAX = 4;

/** A command that waits for the end of its pipeline, which says what comes before and behind it. */
export interface Draft {
	readonly from: number;
	readonly until: number;
	readonly program: string;
	readonly has: Record<string, readonly string[]>;
}

export class Reading {
	readonly text: string;
	readonly at: Place;
	readonly to: Findings;
	readonly variables = new Map<string, Value>();
	readonly aliases = new Map<string, string>();
	/** Functions that the text itself defines. */
	readonly functions = new Set<string>();
	/** Files that the text has downloaded, in lower case. */
	readonly fetched = new Set<string>();
	pos = 0;
	/** Whether a loop began before where the reader stands: what comes behind it may be done many times. */
	hasLoop = false;
	/** How often something of the machine's was read so far: a file, its processes, its users. What is made of it meanwhile carries it. */
	reads = 0;
	/** Scripts that the text has written. */
	readonly written = new Written();
	/** Variables that carry what was read. */
	readonly carrying = new Set<string>();
	readonly #others = new Map<string, readonly string[]>();
	#depth = 0;
	#quiet = 0;
	#isSilent = true;
	#work = 0;

	constructor(text: string, at: Place, to: Findings) {
		this.text = text;
		this.at = at;
		this.to = to;
	}

	get char(): string {
		return this.text[this.pos] ?? "";
	}

	/** Whether facts are put aside: a block is read again for its value alone. */
	get isQuiet(): boolean {
		return this.#quiet > 0;
	}

	/** Whether nothing was said of the text yet. */
	get isSilent(): boolean {
		return this.#isSilent;
	}

	/** Reads without adding facts. */
	quietly<T>(read: () => T): T {
		this.#quiet += 1;
		const result = read();
		this.#quiet -= 1;
		return result;
	}

	/** Counts a step; false when the text has had its share. */
	mayGoOn(): boolean {
		this.#work += 1;
		if (this.#work === WORK_MAX) this.add("opaque", this.pos, this.text.length, { why: ["too-long"] });
		return this.#work < WORK_MAX;
	}

	/** Reads one level deeper, or leaves the rest of the text unread and says so. */
	deeper<T>(read: () => T, otherwise: T): T {
		if (this.#depth >= DEPTH_MAX) {
			this.add("opaque", this.pos, this.text.length, { why: ["too-deep"] });
			this.pos = this.text.length;
			return otherwise;
		}
		this.#depth += 1;
		const result = read();
		this.#depth -= 1;
		return result;
	}

	add(kind: FactKind, from: number, until: number, has: Fact["has"], decoded?: string): void {
		if (this.isQuiet) return;
		this.#isSilent = false;
		const fact = { kind, ...this.placeOf(from, until), has };
		this.to.add(decoded === undefined ? fact : { ...fact, decoded: decoded.slice(0, 1_000) });
	}

	within(language: "powershell" | "cmd" | "url" | "shell" | "sql", text: string, from: number, via?: string): void {
		if (!this.isQuiet && text.trim() !== "") this.to.within(language, text, this.placeOf(from, this.pos, via));
	}

	placeOf(from: number, until: number, via?: string): Place {
		return placeIn(this.at, this.text, from, until, via);
	}

	/** Skips blanks, line continuations and block comments; with `lines` also line ends and comments. */
	skip(lines: boolean): void {
		const { text } = this;
		for (;;) {
			const char = text[this.pos];
			if (char === " " || char === "\t" || char === "\r" || char === "\u00a0" || char === "\v" || char === "\f")
				this.pos += 1;
			else if (char === "\n" && lines) this.pos += 1;
			else if (char === "`" && (text[this.pos + 1] === "\n" || text.startsWith("\r\n", this.pos + 1))) {
				this.pos = text.indexOf("\n", this.pos) + 1;
			} else if (char === "<" && text[this.pos + 1] === "#") {
				const end = text.indexOf("#>", this.pos);
				this.pos = end < 0 ? text.length : end + 2;
			} else if (char === "#" && lines) {
				const end = text.indexOf("\n", this.pos);
				this.pos = end < 0 ? text.length : end;
			} else return;
		}
	}

	variable(name: string): Value {
		const lower = name.toLowerCase().replace(/^(?:global|script|local|private|variable):/, "");
		return this.variables.get(lower) ?? constantValue(lower);
	}

	/** A variable carries what was read since `reads` stood at `before`, or does so no more. */
	carry(name: string, before: number): void {
		const lower = name.toLowerCase();
		if (this.reads > before) this.carrying.add(lower);
		else this.carrying.delete(lower);
	}

	setVariable(name: string, value: Value): void {
		const lower = name.toLowerCase().replace(/^(?:global|script|local|private|variable):/, "");
		const before = this.variables.get(lower);
		if (before?.kind === "texts" && before.texts.length === 1 && lower !== "_") {
			const others = this.#others.get(lower) ?? [];
			if (others.length < OTHERS_MAX) this.#others.set(lower, [...others, before.texts[0] ?? ""]);
		}
		this.variables.set(lower, value);
	}

	/** Texts that a variable was given before its present one: in a branch that may have been the one that was taken. */
	otherTexts(name: string): readonly string[] {
		return this.#others.get(name.toLowerCase()) ?? [];
	}
}
