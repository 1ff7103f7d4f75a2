import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	abandoned,
	addressed,
	allowed,
	counts,
	denied,
	given,
	granted,
	halted,
	held,
	intent,
	lifted,
	outcome,
	policy,
	rejected,
	repeated,
	resent,
	sessionEnded,
	tick,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import { START, type World } from "../../../support/engine-world.ts";

const guard = policy(
	"approvals: {default: {approvers: [alice], expires: 30m}}\nlimits: [{name: calls, measure: tool_calls, scope: agent, max: 100}]\nobligations: [{message: be brief, deadline: 2m}]",
	{ tools: "{allow: all, hold: [mail.*], deny: [db.drop]}" },
);

describe("an intent that is submitted again (docs/design/step.md#dedupe)", () => {
	it("gets the recorded verdict, its obligations, and is charged once", () => {
		given(guard, intent({ id: "c" }))
			.when(resent("c"), resent("c"))
			.then(repeated("allow", "open"), counts("calls", { reserved: 1 }), (world) => {
				expect(world.last).toMatchObject({ obligations: { messages: ["be brief"], callDeadlineMs: 120_000 } });
			});
	});

	it("gets a denial with its first reason", () => {
		given(guard, intent({ id: "c", tool: "db.drop" }))
			.when(resent("c"))
			.then(repeated("deny", "closed", "tool.denied"));
	});

	it("is told that it is still held, until when, and is answered where it asked last", () => {
		given(guard, intent({ id: "h", tool: "mail.send", marks: { address: addressed("first") } }))
			.when(resent("h", { address: addressed("second") }))
			.then(repeated("hold", "held", "tool.held"), (world) => {
				expect(world.last).toMatchObject({ expiresAt: START + 30 * MINUTE });
				expect(world.call("h").hold?.address).toEqual(addressed("second"));
			})
			.when(resent("h"))
			.then((world) => expect(world.call("h").hold?.address).toEqual(addressed("second")))
			.when(granted("h"))
			.then(allowed(), (world) => expect(world.last).toMatchObject({ address: addressed("second") }));
	});

	it("is closed once the outcome is recorded, the call abandoned, or its deadline past", () => {
		given(guard, intent({ id: "c" }), outcome("c"))
			.when(resent("c"))
			.then(repeated("allow", "closed"));
		given(guard, intent({ id: "c" }), abandoned("c"))
			.when(resent("c"))
			.then(repeated("deny", "closed", "intent.abandoned"));
		given(guard, intent({ id: "c" }), wait(2 * MINUTE))
			.when(resent("c"))
			.then(repeated("allow", "closed"));
		given(guard, intent({ id: "c" }), wait(2 * MINUTE), tick())
			.when(resent("c"))
			.then(repeated("allow", "closed"));
	});

	it("is halted while a halt is in force, and open again when it is lifted", () => {
		given(guard, intent({ id: "c" }), halted({ agent: "coder" }))
			.when(resent("c"))
			.then(repeated("allow", "halted"))
			.when(lifted({ agent: "coder" }), resent("c"))
			.then(repeated("allow", "open"));
	});

	it("may come with another deadline, late or in an ended session: the answer is the recorded one", () => {
		given(guard, intent({ id: "c" }), sessionEnded())
			.when(intent({ id: "c", issuedAt: START, deadline: START + 1, marks: { late: true } }))
			.then(repeated("allow", "open"));
	});

	it("with other arguments, another tool or another salt it is rejected, and the first call stays as it was", () => {
		const scenario = given(guard, intent({ id: "c" }));
		const before = scenario.world.call("c");
		for (const other of [{ args: { command: "rm" } }, { tool: "shell.exec" }, { salt: "other" }]) {
			scenario
				.when(intent({ id: "c", ...other }))
				.then(rejected("intent.id_reused"), (world) => expect(world.call("c")).toBe(before));
		}
	});

	it("under another session it is another call and rejected, its outcome counts for nothing, and nobody's vote reaches it", () => {
		const holds = policy("approvals: {default: {approvers: [alice]}}", { tools: "{allow: all, hold: [mail.*]}" });
		const other = { session: "run-2" };
		const scenario = given(holds, intent({ id: "c" }), intent({ id: "h", tool: "mail.send" }));
		const before = [scenario.world.call("c"), scenario.world.call("h")];
		scenario
			.when(intent({ id: "c", ...other }))
			.then(rejected("intent.id_reused"))
			.when(outcome("c", other))
			.then(rejected("call.ungoverned"))
			.when((world) => {
				const call = { tenant: "acme", agent: "coder", id: "h" };
				const head = { id: "v", issuedBy: "alice", issuedAt: world.now, comment: "" };
				const { commitment } = world.call("h");
				world.publish({ type: "approval.granted", ...head, call, commitment, ...other });
			})
			.then(rejected("approval.unknown"))
			.when((world) => {
				const call = { tenant: "acme", agent: "coder", id: "c" };
				world.publish({ type: "intent.abandoned", actor: [], call, ...other, reason: "", executor: "" });
			})
			.then(rejected("intent.unknown"));
		expect([scenario.world.call("c"), scenario.world.call("h")]).toEqual(before);
	});

	it("from another sub-agent it is another call: only the same one, or one above it, asks again", () => {
		const call = { id: "c", actor: ["lead", "helper"] };
		const scenario = given(guard, intent(call));
		for (const actor of [["helper"], ["lead", "other"], ["lead", "helper", "below"]]) {
			scenario.when(intent({ ...call, actor })).then(rejected("intent.id_reused"));
		}
		for (const actor of [[], ["lead"], call.actor]) {
			scenario.when(intent({ ...call, actor })).then(repeated("allow", "open"));
		}
	});

	it("ids are unique per tenant and agent, not beyond", () => {
		given(guard, intent({ id: "c" }))
			.when(intent({ id: "c", agent: "analyst" }))
			.then(allowed())
			.when(intent({ id: "c", tenant: "other" }))
			.then(allowed());
	});
});

describe("how long an id is remembered", () => {
	it("for the dedupe time after its decision", () => {
		given(guard, intent({ id: "c" }), outcome("c"))
			.when(wait(HOUR), tick(), resent("c"))
			.then(repeated("allow", "closed"));
	});

	it("for as long as it is open, however long that is", () => {
		const slow = policy("obligations: [{deadline: 3h}]");
		given(slow, intent({ id: "c" }))
			.when(wait(2 * HOUR), tick(), resent("c"))
			.then(repeated("allow", "open"));
	});

	it("after that it is stale: nothing that was forgotten is decided again", () => {
		given(guard, intent({ id: "c" }), outcome("c"), wait(HOUR + 1), tick())
			.when((world) => expect(world.state.calls.size).toBe(0), resent("c"))
			.then(denied("intent.stale"))
			.when(resent("c"))
			.then(repeated("deny", "closed", "intent.stale"));
	});

	it("whatever else holds by then: one and the same answer for an id that was forgotten", () => {
		for (const act of [halted(), sessionEnded()]) {
			given(guard, intent({ id: "c" }), outcome("c"), wait(HOUR + 1), tick(), act)
				.when(resent("c", { late: true }))
				.then(denied("intent.stale"));
		}
	});

	it("denies what was issued too long ago or too far in the future, to the millisecond", () => {
		given(guard)
			.when(intent({ issuedAt: START - HOUR }))
			.then(allowed())
			.when(intent({ issuedAt: START - HOUR - 1 }))
			.then(denied("intent.stale"))
			.when(intent({ issuedAt: START + 5 * MINUTE }))
			.then(allowed())
			.when(intent({ issuedAt: START + 5 * MINUTE + 1 }))
			.then(rejected("intent.ahead"));
	});

	it("tells who asked from the future what their answer is about, so that they believe it", () => {
		const { world } = given(guard, intent({ id: "c" }));
		const { commitment } = world.last.kind === "decision.made" ? world.last.call : { commitment: "" };
		intent({ id: "c2", issuedAt: START * 1_000 })(world);
		expect(commitment).not.toBe("");
		expect(world.last).toMatchObject({
			kind: "input.rejected",
			code: "intent.ahead",
			commitment: expect.stringMatching(/^[0-9a-f]{64}$/),
		});
	});

	it("does not remember what was stamped in the future: its id would have to be kept until then", () => {
		const { world } = given(guard);
		const before = world.state.calls.size;
		for (let at = 0; at < 100; at++) intent({ id: `c${at}`, issuedAt: START * 1_000 })(world);
		expect(world.last).toMatchObject({ kind: "input.rejected", code: "intent.ahead", call: { id: "c99" } });
		expect(world.state.calls.size).toBe(before);
		expect(world.state.sessions.size).toBe(0);
	});

	it("from when it was over, however long it was open", () => {
		const slow = policy(
			"obligations: [{deadline: 2h}]\nlimits: [{name: cost, measure: cost, scope: agent, max: 0.0001}]",
		);
		// Lapsed at two hours: known for an hour more, and what it really cost is counted.
		given(slow, intent({ id: "c" }), wait(2 * HOUR), tick(), wait(HOUR))
			.when(outcome("c", { cost: 5_000 }))
			.then(counts("cost", { settled: 5_000 }))
			.when(intent({ cost: 1 }))
			.then(denied("budget.exhausted"));
		// Settled in time, after long: the retry is a repetition and no violation.
		given(slow, intent({ id: "c" }), wait(90 * MINUTE), outcome("c"))
			.when(wait(MINUTE), outcome("c"))
			.then(rejected("outcome.repeated"));
	});

	it("from a late outcome, where that came after its deadline", () => {
		given(guard, intent({ id: "c" }), wait(2 * MINUTE), tick(), wait(48 * MINUTE), outcome("c"))
			.when(wait(20 * MINUTE), tick(), resent("c"))
			.then(repeated("allow", "closed"))
			.when(wait(40 * MINUTE + 1), tick(), resent("c"))
			.then(denied("intent.stale"));
	});

	it("from the expiry of its hold: who asks again is told that nobody approved it", () => {
		const holds = policy("approvals: {default: {approvers: [alice], expires: 4h}}", {
			tools: "{allow: all, hold: ['*']}",
		});
		given(holds, intent({ id: "h" }), wait(4 * HOUR), tick())
			.when(wait(HOUR), resent("h"))
			.then(repeated("deny", "closed", "approval.expired"))
			.when(wait(1), tick(), resent("h"))
			.then(denied("intent.stale"));
	});

	it("by what was forgotten, where the log's clock was ahead once: what may have been decided before is not decided again", () => {
		const jump = (ms: number) => (world: World) => {
			world.now += ms;
			tick()(world);
			world.now -= ms;
		};
		for (const ms of [26 * HOUR, 8 * DAY]) {
			const first = given(guard, intent({ id: "c" }), outcome("c"), wait(MINUTE), intent({ id: "d" }), outcome("d"));
			first
				.when(jump(ms), tick(), resent("c"))
				.then(denied("stream.ahead"))
				.when(intent({ id: "e", issuedAt: START + MINUTE }))
				.then(denied("stream.ahead"))
				.when(wait(6 * MINUTE), intent({ id: "new" }))
				.then(allowed())
				.when(resent("new"))
				.then(repeated("allow", "open"))
				.when(wait(2 * HOUR), intent({ id: "old", issuedAt: START + 8 * MINUTE }))
				.then(denied("intent.stale"))
				.when(intent({ id: "newer" }))
				.then(allowed());
		}
	});

	it("forgets at most 64 rows in a step", () => {
		const { world } = given(
			guard,
			...Array.from({ length: 100 }, (_, at) => intent({ id: `c${at}`, tool: "db.drop" })),
		);
		world.now += 2 * HOUR;
		tick()(world);
		// 100 calls and the activation's id.
		expect(world.state.calls.size + world.state.controls.size).toBe(101 - 64);
		tick()(world);
		expect(world.state.calls.size + world.state.controls.size).toBe(0);
	});
});

describe("control records", () => {
	it("are taken once by their id", () => {
		given(guard, halted({}, "incident", "halt-1"), lifted())
			.when(halted({}, "incident", "halt-1"))
			.then(rejected("control.repeated"), (world) => expect(world.state.halts.size).toBe(0));
	});

	it("votes as well: a grant that comes twice counts once", () => {
		const two = policy("approvals: {default: {approvers: ['*'], quorum: 2}}", { tools: "{allow: all, hold: ['*']}" });
		given(two, intent({ id: "h" }), granted("h", "alice", "vote-1"))
			.when(granted("h", "bob", "vote-1"))
			.then(rejected("control.repeated"))
			.when(granted("h", "bob", "vote-2"))
			.then(allowed());
	});

	it("may repeat what was done under another id", () => {
		given(guard, intent(), toppedUp("calls", 1))
			.when(toppedUp("calls", 1))
			.then(counts("calls", { toppedUp: 2 }));
		given(guard, intent({ id: "h", tool: "mail.send" })).then(held("tool.held"));
	});
});
