/** The events of a deployment (E1, E2 of operations/events.ts): all that counts, and nothing else. */
import { describe, expect, it } from "vitest";
import { encodeEntry } from "../../../src/core/codec/encode.ts";
import { EVENT_TYPES, type EventType } from "../../../src/core/ledger/projections/events.ts";
import { claimHeaders, ledgerHeaders } from "../../../src/core/ledger/validity.ts";
import type { LedgerEntry } from "../../../src/core/model/entries.ts";
import { parsePlace } from "../../../src/operations/event-place.ts";
import { type EventOptions, governanceEvents, type PlacedEvent } from "../../../src/operations/events.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

/** What there is to tell now: reads until nothing more comes. */
async function told(world: LogWorld, part: Partial<EventOptions> = {}): Promise<readonly PlacedEvent[]> {
	const end = new AbortController();
	const seen: PlacedEvent[] = [];
	const types: ReadonlySet<EventType> = new Set(EVENT_TYPES);
	const options = { types, from: "start" as const, isWanted: () => true, idleMs: 30, signal: end.signal, ...part };
	let isFirst = true;
	for await (const each of governanceEvents(world.handle(), world.layout, options)) {
		if (each.event === null && !isFirst) end.abort();
		if (each.event !== null) seen.push(each);
		isFirst = false;
	}
	return seen;
}

const idsOf = (seen: readonly PlacedEvent[]) => seen.map(({ event }) => `${event?.type ?? ""} ${event?.id ?? ""}`);

async function decidedWorld(): Promise<LogWorld> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world);
	for (const [id, tool] of [
		["a", "shell.run"],
		["b", "wipe"],
		["c", "pay.send"],
	] as const)
		await world.submit({ id, tool });
	await world.consumed();
	await processor.drain();
	return world;
}

describe("events", () => {
	it("from any place on are those behind it: whoever goes on from the last one misses none", async () => {
		const world = await decidedWorld();
		const all = await told(world);
		expect(all.map(({ event }) => event?.type)).toEqual([
			...["policy_check", "policy_check", "tool_call_blocked", "policy_violation", "policy_check"],
		]);
		for (const [at, { place }] of all.entries()) {
			const from = parsePlace(place, world.layout.partitions);
			if (from === null) throw new Error(place);
			const rest = idsOf(await told(world, { from }));
			// What is left is there; of an entry that was half told all of it comes again.
			expect(rest.slice(rest.length - (all.length - at - 1))).toEqual(idsOf(all).slice(at + 1));
			expect(idsOf(all).slice(-rest.length || all.length)).toEqual(rest);
		}
	});

	it("are not told of records that do not count: of no claim, and of one that was superseded", async () => {
		const world = await decidedWorld();
		const forged = (await world.entries()).find(({ kind }) => kind === "decision.made") as LedgerEntry;
		const value = encodeEntry({ ...forged, seq: 99 });
		const other = new LogWorld();
		const put = (target: LogWorld, headers: Readonly<Record<string, string>>, bytes = value) =>
			target.put(TOPICS.decisions, 0, bytes, { ...headers });
		await put(other, ledgerHeaders({ claim: "f".repeat(32), seq: 0, first: 0 }), encodeEntry({ ...forged, seq: 0 }));
		expect(await told(other)).toEqual([]);

		const before = await told(world);
		const { seq } = (await world.entries()).at(-1) as LedgerEntry;
		await put(world, ledgerHeaders({ claim: "f".repeat(32), seq: seq + 1, first: seq + 1 }));
		await put(world, claimHeaders("e".repeat(32)), Uint8Array.of(1));
		await put(world, ledgerHeaders({ claim: "f".repeat(32), seq: seq + 1, first: seq + 1 }));
		expect(idsOf(await told(world))).toEqual(idsOf(before));
		const from = parsePlace(before.at(-1)?.place ?? "", world.layout.partitions);
		expect(await told(world, { from: from ?? "end" })).toEqual([]);
	});

	it("tell that a hold has expired, and of an intent that was refused before it was decided", async () => {
		const clock = {
			at: 1_800_000_000_000,
			now(): number {
				return this.at;
			},
		};
		const world = new LogWorld({ clock });
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world);
		await world.submit({ id: "h", tool: "pay.send" });
		await world.submit({ id: "r", tool: "shell.run", args: { n: 1 } });
		await world.submit({ id: "r", tool: "shell.run", args: { n: 2 } });
		await world.consumed();
		clock.at += 6 * 60_000;
		await world.submit({ id: "later" });
		await world.consumed();
		await processor.drain();
		const blocked = (await told(world, { types: new Set(["tool_call_blocked"]) })).map(({ event }) => event);
		expect(blocked).toMatchObject([
			{ intent: "r", code: "intent.id_reused", severity: "high" },
			{ intent: "h", code: "approval.expired", tool: "pay.send", session: "run-1" },
		]);
	});
});
