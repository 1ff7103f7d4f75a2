import { describe, expect, it } from "vitest";
import { encodeEntry } from "../../../../src/core/codec/encode.ts";
import { nextDueAt } from "../../../../src/core/engine/due.ts";
import { MINUTE } from "../../../../src/core/model/units.ts";
import { stateDigest } from "../../../../src/core/state/digest.ts";
import { emptyState } from "../../../../src/core/state/state.ts";
import {
	type Act,
	allowed,
	counts,
	denied,
	effects,
	given,
	granted,
	held,
	intent,
	outcome,
	policy,
	rejected,
	repeated,
	resent,
	tick,
	wait,
} from "../../../support/engine.ts";
import { LAYOUT, START } from "../../../support/engine-world.ts";

const holding = policy("approvals: {default: {approvers: [alice], expires: 10m}}", {
	tools: "{allow: all, hold: [mail.*]}",
});
const calls = policy("limits: [{name: calls, measure: tool_calls, scope: agent, max: 5}]");
const slots = (max: number) => policy(`limits: [{name: slots, measure: concurrent_calls, scope: agent, max: ${max}}]`);
const mail = { tool: "mail.send" };
const many = (count: number, part: object): Act[] =>
	Array.from({ length: count }, (_, at) => intent({ ...part, id: `m-${String(at).padStart(3, "0")}` }));

describe("stream time (docs/design/step.md#time)", () => {
	it("is the largest timestamp seen, and never goes back", () => {
		given(policy(), wait(5_000), intent())
			.when(wait(-60_000), intent({ issuedAt: START }))
			.then(allowed(), (world) => {
				expect(world.last).toMatchObject({ at: START + 5_000, causeTime: START - 55_000 });
			});
	});

	it("is not advanced by a record that is stamped ahead of the processor's clock", () => {
		given(policy(), intent())
			.when(intent({ issuedAt: START, marks: { ahead: true, time: START + 3_600_000 } }))
			.then(allowed(), (world) => {
				expect(world.last).toMatchObject({ at: START, causeTime: START + 3_600_000, ahead: true });
				expect(world.state.streamTime).toBe(START);
			})
			.when(wait(1), intent())
			.then((world) => expect(world.last.at).toBe(START + 1));
	});
});

describe("what falls due (docs/design/step.md#order-of-a-step)", () => {
	it("a hold that nobody approved expires with the next entry, and gives its reservation back", () => {
		given(
			policy(
				"approvals: {default: {approvers: [alice], expires: 10m}}\nlimits: [{name: calls, measure: tool_calls, scope: agent, max: 1}]",
				{ tools: "{allow: all, hold: [mail.*]}" },
			),
			intent({ ...mail, id: "h" }),
		)
			.when(wait(10 * MINUTE), tick())
			.then(effects("hold.expired h"), counts("calls", { reserved: 0, settled: 0 }), (world) => {
				expect(world.call("h")).toMatchObject({
					phase: "denied",
					hold: null,
					firstReason: { rule: { code: "approval.expired" } },
				});
			});
	});

	it("a call that never reported settles at what it had reserved, and keeps its slot until its lease ends", () => {
		given(
			policy(
				"limits: [{name: tokens, measure: tokens, scope: agent, max: 100, reserve: 40}, {name: slots, measure: concurrent_calls, scope: agent, max: 1}]",
			),
			intent({ id: "c", tokens: 60 }),
		)
			.when(wait(10 * MINUTE), tick())
			.then(
				effects("reservation.expired c"),
				counts("tokens", { reserved: 0, settled: 60 }),
				counts("slots", { reserved: 1, settled: 0 }),
				(world) => expect(nextDueAt(world.state)).toBe(START + 60 * MINUTE),
			)
			.when(wait(50 * MINUTE), tick())
			.then(effects("slot.expired c"), counts("slots", { reserved: 0, settled: 0 }), (world) => {
				expect(world.call("c")).toMatchObject({ phase: "lapsed", dueAt: 0 });
				expect(nextDueAt(world.state)).toBeNull();
			});
	});

	it("due means at the very millisecond, not one before", () => {
		given(holding, intent({ ...mail, id: "h" }))
			.when(wait(10 * MINUTE - 1), tick())
			.then(effects())
			.when(wait(1), tick())
			.then(effects("hold.expired h"));
	});

	it("goes by (due, id), at most 32 in an entry; the rest rides on the inputs that follow", () => {
		const scenario = given(holding, ...many(40, mail).reverse());
		const ids = Array.from({ length: 40 }, (_, at) => `hold.expired m-${String(at).padStart(3, "0")}`);
		scenario
			.when(wait(10 * MINUTE), tick())
			.then(effects(...ids.slice(0, 32)))
			.when(intent({ issuedAt: START + 10 * MINUTE }))
			.then(effects(...ids.slice(32)), allowed())
			.when(tick())
			.then(effects());
	});

	it("takes at most 8 KiB of effects into an entry", () => {
		const session = "長".repeat(256);
		const scenario = given(holding, ...many(20, { ...mail, session, tool: `mail.${"字".repeat(250)}` }));
		let written = 0;
		scenario.when(wait(10 * MINUTE));
		for (let entry = 0; written < 20; entry++) {
			expect(entry).toBeLessThan(20);
			scenario.when(tick());
			const { last } = scenario.world;
			const bare = encodeEntry({ ...last, effects: [] });
			expect(encodeEntry(last).length - bare.length).toBeLessThanOrEqual(8_192);
			expect(last.effects.length).toBeGreaterThan(0);
			written += last.effects.length;
		}
		expect(written).toBe(20);
	});

	it("an overdue hold refuses its grant even before its effect is written", () => {
		given(holding, ...many(33, mail))
			.when(wait(10 * MINUTE), granted("m-032"))
			.then(rejected("approval.late"), (world) => {
				expect(world.last.effects).toHaveLength(32);
				expect(world.call("m-032").phase).toBe("held");
			})
			.when(tick())
			.then(effects("hold.expired m-032"));
	});

	it("an overdue hold is denied to a caller that asks again, before its effect is written", () => {
		given(holding, ...many(33, mail))
			.when(wait(10 * MINUTE), resent("m-032"))
			.then(repeated("deny", "closed", "approval.expired"));
	});

	it("capacity comes back by a written effect alone, and at once in the entry that writes it", () => {
		given(slots(33), ...many(33, {}), wait(10 * MINUTE), tick(), tick())
			.when(wait(50 * MINUTE), intent({ id: "next", issuedAt: START + 60 * MINUTE }))
			.then(allowed(), (world) => expect(world.last.effects).toHaveLength(32));
		given(slots(1), intent({ id: "first" }))
			.when(wait(60 * MINUTE - 1), intent({ issuedAt: START + 60 * MINUTE }))
			.then(effects("reservation.expired first"), denied("budget.exhausted"))
			.when(wait(1), intent({ issuedAt: START + 60 * MINUTE }))
			.then(effects("slot.expired first"), allowed());
	});

	it("what the cap leaves over still counts", () => {
		given(slots(40), ...many(40, {}), slots(8), wait(10 * MINUTE), tick(), tick(), wait(50 * MINUTE))
			.when(intent({ issuedAt: START + 60 * MINUTE }))
			.then(denied("budget.exhausted"), counts("slots", { reserved: 8 }))
			.when(intent({ issuedAt: START + 60 * MINUTE }))
			.then(allowed(), counts("slots", { reserved: 1 }));
	});

	it("an outcome settles its own overdue call itself: nothing is settled twice", () => {
		given(calls, intent({ id: "c" }), intent({ id: "d" }))
			.when(wait(10 * MINUTE), outcome("c"))
			.then(effects("reservation.expired d"), counts("calls", { reserved: 0, settled: 2 }), (world) => {
				expect(world.last).toMatchObject({ kind: "usage.settled", afterDeadline: true });
			});
	});

	it("says when the next item falls due", () => {
		const { world } = given(holding, intent({ ...mail, id: "h" }), wait(1_000), intent({ id: "c" }));
		expect(nextDueAt(world.state)).toBe(START + 10 * MINUTE);
		expect(nextDueAt(given(holding).world.state)).toBeNull();
	});
});

describe("the state digest (docs/design/audit.md#digests)", () => {
	it("stands in every 64th entry, of the state 64 entries before it", () => {
		const { world } = given(policy(), ...many(140, {}), intent({ ...mail }));
		const carrying = world.entries.filter((entry) => entry.stateDigest !== "").map((entry) => entry.seq);
		expect(carrying).toEqual([0, 64, 128]);
		const empty = stateDigest(emptyState(LAYOUT, 0));
		expect(world.entries[0]?.stateDigest).toBe(empty);
		expect(world.entries[64]?.stateDigest).toBe(empty);
		expect(world.entries[128]?.stateDigest).toBe(world.digests[63]);
	});
});

describe("marks of the processor's clock", () => {
	it("a late intent is denied and reserves nothing", () => {
		given(calls)
			.when(intent({ marks: { late: true } }))
			.then(denied("intent.late"), counts("calls", { reserved: 0 }))
			.when(intent())
			.then(allowed());
	});

	it("are stored in the entry", () => {
		given(holding)
			.when(intent({ marks: { late: true, ahead: true } }))
			.then((world) => expect(world.last).toMatchObject({ late: true, ahead: true }));
		given(holding).when(intent(mail)).then(held("tool.held"));
	});
});
