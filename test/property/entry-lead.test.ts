/** The beginning of an entry says what the whole entry says. */
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeEntry } from "../../src/core/codec/encode.ts";
import { decodeLead, isWhole } from "../../src/core/codec/entry-lead.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { entriesByKind } from "../support/arbitraries.ts";

describe.each(Object.entries(entriesByKind))("the beginning of an entry %s", (kind, entries) => {
	it("is that of the whole entry", () => {
		fc.assert(
			fc.property(entries as Arbitrary<LedgerEntry>, (entry) => {
				const lead = decodeLead(encodeEntry(entry));
				expect(lead.ok && lead.value.kind).toBe(kind);
				expect(entry).toMatchObject(lead.ok ? lead.value : {});
			}),
		);
	});

	it("that cannot be read is refused as the entry is", () => {
		fc.assert(
			fc.property(entries as Arbitrary<LedgerEntry>, fc.nat(40), fc.nat(255), (entry, place, byte) => {
				const bytes = encodeEntry(entry).slice();
				bytes[place % bytes.length] = byte;
				const [lead, whole] = [decodeLead(bytes), decodeEntry(bytes)];
				if (!lead.ok) expect(lead).toEqual(whole);
				else if (whole.ok) expect(whole.value).toMatchObject(lead.value);
				else expect(isWhole(lead.value)).toBe(false);
			}),
		);
	});
});
