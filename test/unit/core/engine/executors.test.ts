import { describe, expect, it } from "vitest";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import type { IntentSubmitted } from "../../../../src/core/model/inputs.ts";
import {
	abandoned,
	addressed,
	allowed,
	denied,
	given,
	granted,
	halted,
	intent,
	lifted,
	outcome,
	policy,
	rejected,
	repeated,
	sessionEnded,
	wait,
} from "../../../support/engine.ts";
import { START } from "../../../support/engine-world.ts";

const guard = policy("approvals: {default: {approvers: [alice], expires: 30m}}\nobligations: [{deadline: 2m}]", {
	tools: "{allow: all, hold: [mail.*]}",
});

/** The same call, asked for by an executor. */
const asked = (executor: string, of: { id?: string; tool?: string } = {}) =>
	intent({ id: "c", issuedAt: START, executor, ...of });
const mail = { id: "h", tool: "mail.send" };

describe("a granted call that nobody has begun", () => {
	it("is closed once its session has ended, as calls are that still wait", () => {
		given(guard, intent(mail), granted("h"), sessionEnded())
			.when(intent({ ...mail, issuedAt: START, executor: "late" }))
			.then(repeated("allow", "closed"));
	});

	it("is its executor's still where it was begun before", () => {
		given(guard, intent({ ...mail, executor: "one" }), granted("h"))
			.when(intent({ ...mail, issuedAt: START, executor: "one" }))
			.then(repeated("allow", "open"))
			.when(sessionEnded(), intent({ ...mail, issuedAt: START, executor: "one" }))
			.then(repeated("allow", "open"));
	});
});

describe("an allowed call", () => {
	it("is open to the executor that asked first, however often it asks, and taken for every other", () => {
		given(guard, asked("one"))
			.when(asked("two"))
			.then(repeated("allow", "taken"))
			.when(asked("one"))
			.then(repeated("allow", "open"))
			.when(asked(""))
			.then(repeated("allow", "taken"))
			.when(asked("two"))
			.then(repeated("allow", "taken"));
	});

	it("is answered once to an executor without a name, for its resend could be anybody's", () => {
		given(guard, asked(""))
			.then(allowed())
			.when(asked(""))
			.then(repeated("allow", "taken"))
			.when(asked("one"))
			.then(repeated("allow", "taken"));
	});

	it("is closed for all once it is settled, and its row keeps no executor", () => {
		given(guard, asked("one"), outcome("c"))
			.then((world) => expect(world.call("c").executor).toBeNull())
			.when(asked("two"))
			.then(repeated("allow", "closed"))
			.when(asked("one"))
			.then(repeated("allow", "closed"));
		given(guard, asked("one"), wait(2 * 60_000), asked("two")).then(repeated("allow", "closed"));
	});

	it("names the entry that allowed it, to whom it is open and to nobody else", () => {
		const scenario = given(guard, asked("one"));
		const { seq, at } = scenario.world.last;
		const allow = { seq, at, policyDigest: scenario.world.state.policy.digest };
		const repetition = (executor: string) => scenario.when(wait(1_000), asked(executor)).world.last;
		expect(repetition("one")).toMatchObject({ status: "open", allow });
		expect(repetition("two")).toMatchObject({ status: "taken", allow: null });
		scenario.when(halted());
		expect(repetition("one")).toMatchObject({ status: "halted", allow: null });
		scenario.when(lifted(), policy("limits: [{name: other, measure: tool_calls, scope: agent, max: 9}]"));
		expect(repetition("one")).toMatchObject({ status: "open", allow });
		scenario.when(outcome("c"));
		expect(repetition("one")).toMatchObject({ status: "closed", allow: null });
	});

	it("was allowed by the last vote where it was held", () => {
		const scenario = given(guard, intent(mail), granted("h"));
		const { seq, at } = scenario.world.last;
		scenario.when(wait(1_000), intent({ ...mail, issuedAt: START, executor: "late" }));
		expect(scenario.world.last).toMatchObject({ status: "open", allow: { seq, at } });
	});

	it("stays the executor's while its agent is halted", () => {
		given(guard, asked("one"), halted({ agent: "coder" }))
			.when(asked("two"))
			.then(repeated("allow", "halted"))
			.when(lifted({ agent: "coder" }), asked("two"))
			.then(repeated("allow", "taken"))
			.when(asked("one"))
			.then(repeated("allow", "open"));
	});

	it("is abandoned by its executor, or by one that attests for all, not by one that was told that it is taken", () => {
		const abandonedBy = (executor: string) => abandoned("c", "coder", executor);
		given(guard, asked("one"), asked("two"))
			.when(abandonedBy("two"))
			.then(rejected("intent.taken"), (world) => expect(world.call("c").phase).toBe("open"))
			.when(abandonedBy("one"))
			.then((world) => expect(world.call("c").phase).toBe("abandoned"));
		given(guard, asked("one"), abandonedBy("")).then((world) => expect(world.call("c").phase).toBe("abandoned"));
	});
});

describe("a held call", () => {
	it("goes, once it is granted, to the first who asks again, whoever asked before", () => {
		for (const first of ["one", "two", "three", ""]) {
			const scenario = given(guard, asked("one", mail), asked("two", mail), granted("h"));
			scenario.then((world) => {
				expect(world.last).toMatchObject({ kind: "approval.recorded", result: "allow" });
				expect(world.call("h").executor).toBeNull();
			});
			scenario.when(asked(first, mail)).then(repeated("allow", "open"));
			for (const other of ["one", "two", "three", ""]) {
				const status = other === first && first !== "" ? "open" : "taken";
				scenario.when(asked(other, mail)).then(repeated("allow", status));
			}
		}
	});

	it("is handed to nobody while it is held, or halted after the grant", () => {
		given(guard, intent({ ...mail, issuedAt: START, executor: "one", marks: { address: addressed("a") } }))
			.when(asked("two", mail))
			.then(repeated("hold", "held", "tool.held"))
			.when(granted("h"), halted({ agent: "coder" }), asked("two", mail))
			.then(repeated("allow", "halted"), (world) => expect(world.call("h").executor).toBeNull())
			.when(lifted({ agent: "coder" }), asked("one", mail))
			.then(repeated("allow", "open"));
	});

	it("that was granted is not taken away by a caller that gave up waiting", () => {
		given(guard, asked("one", mail), asked("two", mail), granted("h"))
			.when(abandoned("h", "coder", "one"))
			.then(rejected("intent.taken"))
			.when(asked("two", mail))
			.then(repeated("allow", "open"));
	});
});

describe("what lies where a held call's intent was", () => {
	it.each([
		["other arguments", { args: { command: "rm" }, argsText: canonicalize({ command: "rm" }) }],
		["another id", { id: "other" }],
		["another session", { principal: { session: "run-2" } }],
		["another agent", { principal: { agent: "analyst" } }],
		["another tenant", { principal: { tenant: "evil" } }],
	])("is not decided in its place when it is a record of %s", (_what, part) => {
		given(guard, asked("one", mail))
			.when((world) => {
				const [offset, intent] = [...world.intents].at(-1) as [number, IntentSubmitted];
				const principal = { ...intent.principal, ...("principal" in part ? part.principal : {}) };
				world.intents.set(offset, { ...intent, ...part, principal });
			}, granted("h"))
			.then(denied("intent.unreadable"));
	});
});
