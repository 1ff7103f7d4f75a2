/** What readers say about a call: facts with their places, and what a reader is. */

export type Language =
	| "shell"
	| "powershell"
	| "cmd"
	| "sql"
	| "python"
	| "javascript"
	| "code"
	| "url"
	| "path"
	| "document"
	| "prose";

/** Kinds of facts: docs/classifier.md has their attributes. */
export const FACT_KINDS = [
	"command",
	"redirect",
	"path",
	"host",
	"request",
	"sql",
	"call",
	"import",
	"tool",
	"document",
	"message",
	"secret",
	"encoding",
	"oddity",
	"opaque",
	"truncated",
] as const;

export type FactKind = (typeof FACT_KINDS)[number];

/** Where in a call something was read. */
export interface Place {
	/** As `leafPointer()` names leaves; `#tool` for the tool's name. */
	readonly pointer: string;
	/** UTF-16 units in the leaf's own text; of what was decoded: the span it was decoded from. */
	readonly span: readonly [start: number, end: number];
	/** How it was come upon, outermost first: `sudo`, `sh -c`, `base64`, `xargs`, `$(…)`. */
	readonly via: readonly string[];
}

export interface Fact extends Place {
	readonly kind: FactKind;
	/** Texts by attribute name; none: the attribute is absent. Lower case where the interpreter does not mind case. */
	readonly has: Readonly<Record<string, readonly string[]>>;
	/** What was read after decoding, where that differs from the span's text (at most 1,000 characters). */
	readonly decoded?: string;
}

/** Where readers put facts, and ask for what is within: a shell in Python, SQL in a shell. */
export interface Findings {
	add(fact: Fact): void;
	/** Counts work that a reader does beside reading, in UTF-16 units; false when the call has had its share. */
	spend(work: number): boolean;
	/** Reads a text within, as another language; counts depth and work: over a cap it adds `opaque`. */
	within(language: Language, text: string, at: Place): void;
}

/** Reads one text of its language. Never throws on bad text: what it cannot read is the fact `opaque`. */
export type Reader = (text: string, at: Place, to: Findings) => void;
