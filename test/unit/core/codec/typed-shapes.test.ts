/**
 * A shape that differs from its type in one place does not compile: tsc holds each `@ts-expect-error` here to an error that
 * is there, and fails where there is none.
 */
import { describe, expect, it } from "vitest";
import { type BodyOf, definitionsOf, type Placed } from "../../../../src/core/codec/schemas/definition.ts";
import {
	count,
	type FieldsOf,
	field,
	key,
	list,
	name,
	nullable,
	oneOf,
	record,
} from "../../../../src/core/codec/shape.ts";

interface Place {
	readonly pointer: string;
	readonly start: number;
	readonly side: "left" | "right" | null;
}

const pointer = field(key, "Where.");
const start = field(count, "From.");
const side = field(nullable(oneOf("left", "right")), "On which side.");

const place = record<Place>("Place", "A place.", { pointer, start, side });

type Event =
	| { readonly kind: "came"; readonly at: number }
	| { readonly kind: "went"; readonly at: number; readonly where: string }
	| { readonly kind: "slept" | "woke"; readonly at: number };

const at = field(count, "When.");
const placed = <Body>(shape: Placed<Body>["shape"]): Placed<Body> => ({ family: "entry", lead: null, shape });
const came = placed(record<{ readonly at: number }>("Came", "Came.", { at }));
const went = placed(record<BodyOf<Event, "kind", "went">>("Went", "Went.", { at, where: field(name, "Where.") }));
const slept = placed(
	record<BodyOf<Event, "kind", "slept">>("Slept", "Slept.", { at, kind: field(oneOf("slept", "woke"), "Which.") }),
);

type Events = { readonly [Kind in Event["kind"]]: Placed<BodyOf<Event, "kind", Kind>> };

describe("a shape", () => {
	it("has the fields of its type, in the order in which they are written", () => {
		expect(place.fields.map(({ name, doc }) => [name, doc])).toEqual([
			["pointer", "Where."],
			["start", "From."],
			["side", "On which side."],
		]);
	});

	it("does not compile without a field of its type, or with one more", () => {
		// @ts-expect-error `side` is missing.
		record<Place>("Place", "A place.", { pointer, start });
		// @ts-expect-error `end` is no field of a place.
		record<Place>("Place", "A place.", { pointer, start, side, end: start });
		// @ts-expect-error `begin` is misspelt.
		record<Place>("Place", "A place.", { pointer, begin: start, side });
		// @ts-expect-error A head is held to its type as well.
		const head: FieldsOf<Pick<Place, "pointer">> = { pointer, start };
		expect(Object.keys(head)).toEqual(["pointer", "start"]);
	});

	it("does not compile with a field of another type", () => {
		// @ts-expect-error A text is no count.
		record<Place>("Place", "A place.", { pointer, start: field(key, "From."), side });
		// @ts-expect-error It may be null.
		record<Place>("Place", "A place.", { pointer, start, side: field(oneOf("left", "right"), "On which side.") });
		// @ts-expect-error One word is missing.
		record<Place>("Place", "A place.", { pointer, start, side: field(nullable(oneOf("left")), "On which side.") });
		const wide = nullable(oneOf("left", "right", "top"));
		// @ts-expect-error One word too many.
		record<Place>("Place", "A place.", { pointer, start, side: field(wide, "On which side.") });
		// @ts-expect-error A start may be no list.
		record<Place>("Place", "A place.", { pointer, start: field(list(count), "From."), side });
		// @ts-expect-error A record inside is held to its own type.
		record<{ readonly of: Omit<Place, "side"> }>("Outer", "Around a place.", { of: field(place, "The place.") });
		expect(record<{ readonly of: Place }>("Outer", "Around.", { of: field(place, "The place.") }).fields).toHaveLength(
			1,
		);
	});

	it("does not compile without words for a field", () => {
		// @ts-expect-error There are none.
		record<Place>("Place", "A place.", { pointer, start: { of: count }, side });
		expect(place.fields.every(({ doc }) => doc !== "")).toBe(true);
	});
});

describe("a list of schemas", () => {
	it("has one for each kind; kinds that share one have one definition", () => {
		const all: Events = { came, went, slept, woke: slept };
		expect(definitionsOf(all).map(({ types }) => types)).toEqual([["came"], ["went"], ["slept", "woke"]]);
	});

	it("does not compile without a kind, with one more, or with the schema of another", () => {
		// @ts-expect-error `woke` is missing.
		const short: Events = { came, went, slept };
		// @ts-expect-error Nothing is of the kind `left`.
		const long: Events = { came, went, slept, woke: slept, left: came };
		// @ts-expect-error What went has a place.
		const crossed: Events = { came, went: came, slept, woke: slept };
		// @ts-expect-error A schema for two kinds has the kind among its fields.
		const bare: Events = { came, went, slept: came, woke: came };
		expect([short, long, crossed, bare].map((all) => Object.keys(all).length)).toEqual([3, 5, 4, 4]);
	});
});
