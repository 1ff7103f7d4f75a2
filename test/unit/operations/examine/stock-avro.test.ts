import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry } from "../../../../src/core/codec/decode.ts";
import { encodeEntry } from "../../../../src/core/codec/encode.ts";
import type { LedgerEntry } from "../../../../src/core/model/entries.ts";
import { checkPartition } from "../../../../src/operations/examine/ledger-check.ts";
import { StockAvro } from "../../../../src/operations/examine/stock-avro.ts";
import { entriesByKind } from "../../../support/arbitraries.ts";
import { LogWorld, startProcessor, TEST_POLICY } from "../../../support/world.ts";

const entries = fc.oneof(...Object.values(entriesByKind)) as fc.Arbitrary<LedgerEntry>;

function read(value: Uint8Array): LedgerEntry {
	const entry = decodeEntry(value);
	if (!entry.ok) throw new Error(entry.error.message);
	return entry.value;
}

describe("a stock Avro library", () => {
	it("reads every kind of entry as this program does", () => {
		fc.assert(
			fc.property(entries, (entry) => {
				const value = encodeEntry(entry);
				const stock = new StockAvro();
				stock.take(read(value), value);
				expect(stock.compared).toBe(1);
				expect(stock.differsAt).toBeNull();
			}),
		);
	});

	it("tells an entry that it reads otherwise", () => {
		fc.assert(
			fc.property(entries, (entry) => {
				const value = encodeEntry(entry);
				const stock = new StockAvro();
				stock.take({ ...read(value), causeTime: entry.causeTime + 1 }, value);
				expect(stock.differsAt).toBe(entry.seq);
			}),
		);
	});

	it("is asked for a ledger that is read in full", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world);
		for (let call = 0; call < 130; call++) await world.submit({ id: `call-${call}` });
		await world.consumed();
		await processor.drain();
		const { stockAvro } = await checkPartition(world.log, world.layout, 0, { now: Date.now() });
		expect(stockAvro.compared).toBeGreaterThanOrEqual(3);
		expect(stockAvro.differsAt).toBeNull();
	});
});
