import { describe, expect, it } from "vitest";
import { sessionKey } from "../../../../src/core/model/ids.ts";
import type { SessionFacts } from "../../../../src/core/model/inputs.ts";
import { DAY, MINUTE } from "../../../../src/core/model/units.ts";
import {
	allowed,
	denied,
	type Expectation,
	given,
	granted,
	halted,
	held,
	intent,
	lifted,
	outcome,
	policies,
	policy,
	policyText,
	repeated,
	resent,
	sessionEnded,
	tick,
	wait,
} from "../../../support/engine.ts";

const APP: SessionFacts = { workspace: "/code/app", home: "/home/ann" };
const ROOT: SessionFacts = { workspace: "/", home: "/home/ann" };
const RULE = "conditions: [{name: own, require: {in: args.path, path: '{workspace}/**'}}]";
const guard = policy(RULE);
const own = { path: "/code/app/src/a.ts" };
const others = { path: "/etc/passwd" };
const key = sessionKey({ tenant: "acme", agent: "coder", session: "run-1" });

const declares =
	(expected: SessionFacts | null): Expectation =>
	(world) =>
		expect(world.state.sessions.get(key)?.facts).toEqual(expected);

/** Does the last entry say what the session declares from now on? */
const says =
	(expected: SessionFacts | null): Expectation =>
	(world) =>
		expect(world.last).toMatchObject({ facts: expected });

describe("the facts of a session (docs/design/step.md#sessions)", () => {
	it("are those of its first intent, for all intents that say nothing or the same", () => {
		given(guard)
			.when(intent({ args: own, facts: APP }))
			.then(allowed(), says(APP), declares(APP))
			.when(intent({ args: { path: "src/a.ts" } }))
			.then(allowed(), says(null), declares(APP))
			.when(intent({ args: own, facts: APP }))
			.then(allowed(), says(null))
			.when(intent({ args: others }))
			.then(denied("condition.met"));
	});

	it("are declared by an intent that is denied or held, too", () => {
		given(guard)
			.when(intent({ args: others, facts: APP }))
			.then(denied("condition.met"), says(APP), declares(APP))
			.when(intent({ args: own }))
			.then(allowed());
		given(policy("approvals: {default: {approvers: [alice]}}", { tools: "{allow: all, hold: [mail.*]}" }))
			.when(intent({ tool: "mail.send", facts: APP }))
			.then(held("tool.held"), says(APP), declares(APP));
	});

	it.each([
		["one part changed", ROOT],
		["one part left out", { workspace: "/code/app", home: null }],
		["another spelling", { workspace: "/code/app/", home: "/home/ann" }],
	])("deny an intent that says otherwise: %s", (_what, facts) => {
		given(guard, intent({ args: own, facts: APP }))
			.when(intent({ args: own, facts }))
			.then(denied("session.facts"), says(null), declares(APP))
			.when(intent({ args: others, session: "run-2", facts: ROOT }))
			.then(allowed());
	});

	it("are none where the first intent says nothing: no later one widens them", () => {
		given(guard)
			.when(intent({ args: own }))
			.then(denied("argument.unreadable"), declares(null))
			.when(intent({ args: own, facts: ROOT }))
			.then(denied("session.facts"), declares(null));
	});

	it("are not declared by an intent that no policy was asked about, for it leaves no session", () => {
		given(guard)
			.when(intent({ args: own, facts: ROOT, marks: { late: true } }))
			.then(denied("intent.late"), says(null))
			.when(halted({ agent: "coder" }), intent({ args: own, facts: ROOT }))
			.then(denied("agent.halted"), says(null))
			.when(lifted({ agent: "coder" }), intent({ args: own, facts: APP }))
			.then(allowed(), declares(APP));
	});

	it("are those under which a held call is decided again", () => {
		const texts = [
			policyText("guard", "approvals: {default: {approvers: [alice]}}", { tools: "{allow: all, hold: [fs.*]}" }),
		];
		given(policies(...texts))
			.when(
				intent({ id: "in", tool: "fs.write", args: own, facts: APP }),
				intent({ id: "out", tool: "fs.write", args: others }),
			)
			.then(held("tool.held"))
			.when(policies(...texts, policyText("paths", RULE)), granted("in"))
			.then(allowed())
			.when(granted("out"))
			.then(denied("condition.met"));
	});

	it("count for a repeated answer as little as anything else it says", () => {
		given(guard, intent({ id: "c", args: own, facts: APP }))
			.when(resent("c"))
			.then(repeated("allow", "open"), declares(APP));
	});

	it("are kept when the session is ended, and forgotten with it", () => {
		given(guard, intent({ id: "c", args: own, facts: APP }), outcome("c"))
			.when(sessionEnded())
			.then(declares(APP))
			.when(wait(7 * DAY + 6 * MINUTE), tick())
			.then((world) => expect(world.state.sessions.has(key)).toBe(false))
			.when(intent({ args: others, facts: ROOT }))
			.then(allowed(), declares(ROOT));
	});

	it("of a session that was ended before it began are none", () => {
		given(guard, sessionEnded()).then(declares(null));
	});
});
