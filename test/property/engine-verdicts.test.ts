import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { repliesOf } from "../../src/core/ledger/projections/replies.ts";
import { callKey } from "../../src/core/model/ids.ts";
import type { DecisionReplied } from "../../src/core/model/records.ts";
import { inputsByType } from "../support/arbitraries.ts";
import { beginning, happen, histories, lived, policySets } from "../support/engine-history.ts";
import { LAYOUT, World } from "../support/engine-world.ts";

/** Activations of unknown bundles are rare: nothing would be decided by rules behind them. */
const anyInput = fc
	.oneof(...Object.values(inputsByType))
	.map((record) => (record.type === "policy.activated" ? { ...record, generation: record.generation % 4 } : record));

/** What was forgotten and is asked again: the intent is too old, or the log's time has run ahead of it. */
const isStale = (code: string | undefined): boolean => code === "intent.stale" || code === "stream.ahead";

describe("verdicts under any history", () => {
	it("an intent is decided at most once, finally", () => {
		fc.assert(
			fc.property(histories({ days: true }), (history) => {
				const finals = new Map<string, string>();
				const decideOnce = (key: string, verdict: string, why: string): void => {
					const before = finals.get(key);
					// What was forgotten and is asked again is denied as stale, and only so.
					if (before !== undefined && !isStale(why)) throw new Error(`${key}: ${before}, then ${verdict} ${why}`);
					if (before === undefined) finals.set(key, verdict);
				};
				for (const entry of lived(history).entries) {
					for (const effect of entry.effects) {
						if (effect.kind.startsWith("hold.")) decideOnce(callKey(effect.call), "deny", effect.kind);
					}
					if (entry.kind === "decision.made") {
						decideOnce(callKey(entry.call), entry.verdict, entry.decision.reasons[0]?.rule.code ?? "");
					} else if (entry.kind === "approval.recorded" && (entry.result === "allow" || entry.result === "deny")) {
						decideOnce(callKey(entry.call), entry.result, "vote");
					} else if (entry.kind === "decision.held" && finals.has(callKey(entry.call))) {
						throw new Error(`${callKey(entry.call)} is held after it was decided`);
					}
				}
			}),
			{ numRuns: 100 },
		);
	});

	it("replies never contradict: no call may run after its denial, and none is held after its allow", () => {
		let replies = 0;
		fc.assert(
			fc.property(histories({ days: true }), (history) => {
				const world = beginning();
				const last = new Map<string, DecisionReplied>();
				const abandoned = new Set<string>();
				for (const each of history) {
					happen(world, each);
					const entry = world.last;
					if (entry.kind === "intent.abandoned") abandoned.add(callKey(entry.call));
					const input = world.inputs.at(-1);
					for (const { reply } of repliesOf(entry, input?.address ?? null, world.state.policy.digest)) {
						replies += 1;
						if (entry.kind === "input.rejected" && reply.decision.reasons[0]?.rule.code === entry.code) continue;
						const key = callKey(reply.call);
						const before = last.get(key);
						last.set(key, reply);
						if (before === undefined) continue;
						const why = reply.decision.reasons[0]?.rule.code;
						const contradicts =
							before.verdict === "deny"
								? reply.verdict !== "deny"
								: before.verdict === "allow"
									? reply.verdict === "hold" || (reply.verdict === "deny" && !abandoned.has(key) && !isStale(why))
									: false;
						const isAgain = before.status === "closed" && reply.status !== "closed";
						if (contradicts || isAgain) {
							throw new Error(`${key}: ${before.verdict} ${before.status}, then ${reply.verdict} ${reply.status}`);
						}
					}
				}
			}),
			{ numRuns: 100 },
		);
		expect(replies).toBeGreaterThan(1_000);
	});
});

describe("any input at all", () => {
	it("gets exactly one entry: nothing throws, everything encodes", () => {
		const input = fc.record({
			record: anyInput,
			time: fc.nat(),
			far: fc.nat(60),
			late: fc.boolean(),
			ahead: fc.boolean(),
		});
		fc.assert(
			fc.property(fc.array(input, { maxLength: 80, size: "max" }), histories(), (inputs, history) => {
				const world = beginning();
				for (const [at, { record, time, far, late, ahead }] of inputs.entries()) {
					const marks = { late, ahead, time: far === 0 ? Number.MAX_SAFE_INTEGER - 1 : world.now + time };
					world.publish(record, marks);
					const known = history[at];
					if (known !== undefined) happen(world, known);
				}
				world.checkImage();
			}),
			{ numRuns: 100 },
		);
	});

	it("as the first of a ledger, without any policy", () => {
		fc.assert(
			fc.property(anyInput, fc.nat(Number.MAX_SAFE_INTEGER - 1), (record, time) => {
				const world = new World(LAYOUT);
				for (const set of policySets()) world.know(set);
				world.publish(record, { time });
				expect(world.entries).toHaveLength(1);
			}),
			{ numRuns: 300 },
		);
	});
});
