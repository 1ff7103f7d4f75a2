import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDerived } from "../../src/core/codec/decode.ts";
import { encodeDerived } from "../../src/core/codec/encode.ts";
import { REGISTRY } from "../../src/core/codec/registry.ts";
import { ENTRY_DEFINITIONS } from "../../src/core/codec/schemas/entries.ts";
import type { Shape } from "../../src/core/codec/shape.ts";
import { checkpointOf } from "../../src/core/ledger/projections/checkpoints.ts";
import { deadLetterOf, deadLetterOfProjection } from "../../src/core/ledger/projections/dead-letters.ts";
import { repliesOf } from "../../src/core/ledger/projections/replies.ts";
import { violationsOf } from "../../src/core/ledger/projections/violations.ts";
import { INTEGER_MAX, KEY_LENGTH_MAX, NAME_LENGTH_MAX } from "../../src/core/model/bounds.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import type { DerivedRecord } from "../../src/core/model/records.ts";

/** One UTF-8 byte a unit, three, two units of four bytes together, and what percent-encoding makes nine of. */
const FILLS = ["a", "名", "🙂", "%E5%90%8D"];

function text(lengthMin: number, lengthMax: number): Arbitrary<string> {
	const largest = fc.constantFrom(...FILLS).map((fill) => {
		const whole = fill.repeat(Math.floor(lengthMax / fill.length));
		return whole.padEnd(lengthMax, "z");
	});
	return fc.oneof({ weight: 6, arbitrary: largest }, { weight: 1, arbitrary: fc.constant("z".repeat(lengthMin)) });
}

/** Values of a shape at its bounds. */
function extreme(shape: Shape): Arbitrary<unknown> {
	switch (shape.shape) {
		case "boolean":
			return fc.boolean();
		case "count":
			return fc.constantFrom(0, INTEGER_MAX);
		case "text":
			return text(shape.lengthMin, shape.lengthMax);
		case "word":
			return fc.constantFrom(...shape.words);
		case "digest":
			return fc.constantFrom("f".repeat(64), ...(shape.optional ? [""] : []));
		case "bytes":
			return fc.constantFrom(new Uint8Array(shape.lengthMin), new Uint8Array(shape.lengthMax));
		case "nullable":
			return fc.option(extreme(shape.of), { nil: null, freq: 8 });
		case "list":
			return fc.array(extreme(shape.of), { maxLength: 2 });
		case "record":
			return fc.record(Object.fromEntries(shape.fields.map(({ name, of }) => [name, extreme(of)])), {
				noNullPrototype: true,
			});
	}
}

const derivedFrom = (entry: LedgerEntry): DerivedRecord[] => {
	const digest = "0".repeat(64);
	const address = { topic: "replies", replyId: "名".repeat(NAME_LENGTH_MAX) };
	const checkpoint = checkpointOf(entry, digest, digest);
	const letter = deadLetterOf(entry);
	return [
		...violationsOf(entry),
		...repliesOf(entry, address, digest).map(({ reply }) => reply),
		...(checkpoint === null ? [] : [checkpoint]),
		...(letter === null ? [] : [letter]),
		deadLetterOfProjection(entry, "violation.detected", "名".repeat(KEY_LENGTH_MAX)),
	];
};

describe("whatever an entry may hold", () => {
	for (const { types, shape } of ENTRY_DEFINITIONS) {
		for (const kind of types) {
			it(`each projection of \`${kind}\` can be written and read`, () => {
				expect(REGISTRY.writerOf("entry", kind)?.shape).toBe(shape);
				fc.assert(
					fc.property(extreme(shape), (fields) => {
						const entry = { kind, ...(fields as object) } as LedgerEntry;
						for (const record of derivedFrom(entry)) {
							const read = decodeDerived(encodeDerived(record));
							if (!read.ok) throw new Error(read.error.message);
						}
					}),
					{ numRuns: 150 },
				);
			});
		}
	}
});
