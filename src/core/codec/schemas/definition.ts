/** What the codec knows of a record: its schema, where it belongs, and which of its strings come first. */
import type { RecordShape, RecordShapeOf } from "../shape.ts";

/** `intents` and `control` are input topics; entries are the ledger; derived records follow from it or are beside it. */
export type Family = "intents" | "control" | "entry" | "derived";

/**
 * The strings with which the body begins, so that a damaged record can still be answered:
 * `intent` id, tenant, agent, session; `call` tenant, agent, id, session.
 */
export type Lead = "intent" | "call" | null;

export interface Definition {
	readonly family: Family;
	/** Values of `type` (of `kind` for entries) that the schema covers. If there are several, the schema has the field. */
	readonly types: readonly string[];
	readonly lead: Lead;
	readonly shape: RecordShape;
	/** Earlier v1 schemas of the same record, which are read forever. v1 grows by addition, at the end of a record. */
	readonly older: readonly RecordShape[];
}

/** The schema says what a record is; the value says it too. Empty where the schema serves several types and has the field. */
export function stampOf({ family, types }: Definition): Readonly<Record<string, string>> {
	const [type] = types;
	return types.length > 1 || type === undefined ? {} : { [family === "entry" ? "kind" : "type"]: type };
}

/** A record without the field `Tag`, which its schema says for it. A schema that serves several types keeps the field. */
export type BodyOf<Records, Tag extends PropertyKey, Type> = Records extends { readonly [_ in Tag]: infer Types }
	? Type extends Types
		? [Types] extends [Type]
			? Omit<Records, Tag>
			: Records
		: never
	: never;

/** The schema of one type of record, and its place. */
export interface Placed<Body> {
	readonly family: Family;
	readonly lead: Lead;
	readonly shape: RecordShapeOf<Body>;
}

/** One definition for each schema, with all types that are listed with it. */
export function definitionsOf(
	placed: Readonly<Record<string, Omit<Definition, "types" | "older">>>,
): readonly Definition[] {
	const shapes = new Set(Object.values(placed).map(({ shape }) => shape));
	return [...shapes].map((shape) => {
		const listed = Object.entries(placed).filter(([, each]) => each.shape === shape);
		const [[, first]] = listed as [(typeof listed)[number]];
		return { family: first.family, types: listed.map(([type]) => type), lead: first.lead, shape, older: [] };
	});
}
