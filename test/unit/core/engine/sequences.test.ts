import { describe, expect, it } from "vitest";
import { DAY, HOUR, MINUTE } from "../../../../src/core/model/units.ts";
import {
	type Act,
	abandoned,
	allowed,
	budgetReset,
	byRules,
	denied,
	type Expectation,
	given,
	granted,
	held,
	intent,
	outcome,
	policies,
	policy,
	policyText,
	refused,
	repeated,
	resent,
	sessionEnded,
	tick,
	wait,
} from "../../../support/engine.ts";
import { imageOf, stateOf } from "../../../support/state-image.ts";

const APPROVALS = "approvals: {default: {approvers: [alice, bob], expires: 30m}}";
const sequence = (words: string): string =>
	`sequences: [{name: leak, after: {tools: [read_secret]}, then: {tools: ['http.*']}, ${words}}]`;
const guard = (words: string, tools = "{allow: all}"): Act => policy(`${APPROVALS}\n${sequence(words)}`, { tools });

const read = (part = {}): Act => intent({ id: "read", tool: "read_secret", ...part });
const send = (part = {}): Act => intent({ tool: "http.post", ...part });

const begins =
	(...names: readonly string[]): Expectation =>
	(world) => {
		const { last } = world;
		if (!("decision" in last) || last.decision === null) throw new Error("no decision");
		expect(last.decision.begins.map(({ sequence }) => sequence)).toEqual(names);
	};

describe("a sequence", () => {
	it("stops what follows an admitted call, and nothing that comes before one", () => {
		given(guard("within: 30m"))
			.when(send())
			.then(allowed(), begins())
			.when(read())
			.then(allowed(), begins("leak"))
			.when(send())
			.then(denied("sequence.completed"), byRules("guard/leak"), begins())
			.when(intent({ tool: "shell.run" }))
			.then(allowed());
	});

	it("counts from the last call that began it, to the millisecond", () => {
		given(guard("within: 30m"), read())
			.when(wait(20 * MINUTE), read({ id: "again" }), wait(30 * MINUTE), send())
			.then(denied("sequence.completed"))
			.when(wait(1), send())
			.then(allowed());
	});

	it("without a time counts as long as its session is known, and ends with it", () => {
		given(guard("severity: high"), read(), outcome("read"))
			.when(wait(6 * DAY), send())
			.then(denied("sequence.completed"))
			.when(wait(7 * DAY + HOUR), tick(), send())
			.then(allowed());
	});

	it("is about one session, or about all sessions of an agent", () => {
		given(guard("within: 30m"), read())
			.when(send({ session: "run-2" }))
			.then(allowed());
		given(guard("within: 30m, scope: agent"), read())
			.when(send({ session: "run-2" }))
			.then(denied("sequence.completed"))
			.when(send({ agent: "writer" }))
			.then(allowed());
	});

	it("of one agent without a time outlives its sessions", () => {
		given(guard("scope: agent"), read(), outcome("read"))
			.when(wait(30 * DAY), tick(), send({ session: "run-2" }))
			.then(denied("sequence.completed"));
	});

	it("can ask people, for each call that follows", () => {
		given(guard("within: 30m, effect: hold"), read())
			.when(send({ id: "b" }))
			.then(held("sequence.completed"))
			.when(granted("b"))
			.then(allowed())
			.when(send())
			.then(held("sequence.completed"));
	});

	it("in mode `audit` is recorded, and has no force", () => {
		given(guard("mode: audit"), read()).when(send()).then(allowed("sequence.completed"));
	});

	it("is lifted by an exception, which is told only where it would have stopped the call", () => {
		const exception =
			"exceptions: [{name: known, rules: [leak], tools: [http.post], owner: ann, reason: agreed, expires: 2099-01-01T00:00:00Z}]";
		given(policy(`${sequence("within: 30m")}\n${exception}`))
			.when(send())
			.then(allowed())
			.when(read(), send())
			.then(allowed("exception.used"), byRules("guard/known"))
			.when(intent({ tool: "http.get" }))
			.then(denied("sequence.completed"));
	});

	it("of which one call is both parts stops the second", () => {
		given(policy("sequences: [{name: once, after: {tools: [deploy]}, then: {tools: [deploy]}}]"))
			.when(intent({ tool: "deploy" }))
			.then(allowed(), begins("once"))
			.when(intent({ tool: "deploy" }))
			.then(denied("sequence.completed"));
	});

	it("looks at arguments of both parts, and fires in doubt", () => {
		const rule =
			"sequences: [{name: leak, after: {tools: [fs.read], when: {in: args.path, path: '/secrets/**'}}, then: {tools: ['http.*'], when: {in: args.size, number: '> 100'}}}]";
		const file = (path: string): Act => intent({ tool: "fs.read", args: { path } });
		given(policy(rule))
			.when(file("/tmp/a"), send({ args: { size: 1_000 } }))
			.then(allowed())
			.when(file("/secrets/a"))
			.then(allowed(), begins("leak"))
			.when(send({ args: { size: 100 } }))
			.then(allowed())
			.when(send({ args: { size: 1_000 } }))
			.then(denied("sequence.completed"))
			.when(send({ args: { size: "many" } }))
			.then(denied("argument.unreadable"), byRules("guard/leak"));
		// Whether this is below `/secrets` nobody can tell.
		given(policy(rule))
			.when(file("\u0000"))
			.then(allowed(), begins("leak"))
			.when(send({ args: { size: 1_000 } }))
			.then(denied("sequence.completed"));
	});
});

describe("a call that begins a sequence (docs/design/step.md#sequences)", () => {
	it("begins nothing while it is denied", () => {
		given(guard("within: 30m", "{allow: all, deny: [read_secret]}"))
			.when(read())
			.then(denied("tool.denied"), begins())
			.when(send())
			.then(allowed());
	});

	const holding = guard("within: 30m", "{allow: all, hold: [read_secret]}");

	it("begins it when it is released, at that time, and not while it is held", () => {
		given(holding)
			.when(read())
			.then(held("tool.held"), begins())
			.when(send())
			.then(allowed())
			.when(wait(20 * MINUTE), granted("read"))
			.then(allowed(), begins("leak"))
			.when(send())
			.then(denied("sequence.completed"))
			.when(wait(30 * MINUTE), send())
			.then(denied("sequence.completed"))
			.when(wait(1), send())
			.then(allowed());
	});

	it("begins nothing when its hold is refused, expires, or is abandoned", () => {
		given(holding).when(read(), refused("read"), send()).then(allowed());
		given(holding)
			.when(read(), wait(31 * MINUTE), tick(), send())
			.then(allowed());
		given(holding).when(read(), abandoned("read"), send()).then(allowed());
	});

	it("has begun it for good once it is allowed: an abandonment washes nothing", () => {
		given(guard("within: 30m")).when(read(), abandoned("read"), send()).then(denied("sequence.completed"));
		given(guard("within: 30m")).when(read(), outcome("read"), send()).then(denied("sequence.completed"));
	});

	it("begins it once, however often it is asked for", () => {
		given(guard("within: 30m"), read())
			.when(wait(20 * MINUTE), resent("read"))
			.then(repeated("allow", "closed"))
			.when(wait(11 * MINUTE), send())
			.then(allowed());
	});
});

describe("more sequences than an entry can name", () => {
	const one = (index: number): string =>
		`  - {name: ${"s".repeat(58)}${index}, after: {tools: [read_secret]}, then: {tools: ["http.*"]}}`;
	const many = (count: number): Act =>
		policy(`sequences:\n${Array.from({ length: count }, (_, index) => one(index)).join("\n")}`);

	it("deny the call that would begin them, for none can be left out", () => {
		given(many(200))
			.when(read())
			.then(allowed(), (world) => expect(world.last).toMatchObject({ decision: { begins: { length: 200 } } }));
		given(many(400)).when(read()).then(denied("decision.oversized"), begins()).when(send()).then(allowed());
	});
});

describe("a held call that a sequence stops", () => {
	it("is denied when it is granted after another call has begun the sequence", () => {
		given(guard("within: 30m", "{allow: all, hold: ['http.*']}"))
			.when(send({ id: "b" }))
			.then(held("tool.held"))
			.when(read(), granted("b"))
			.then(denied("sequence.completed"));
	});
});

describe("what was begun", () => {
	it("survives an activation, also where the time changes", () => {
		const text = (within: string) => policyText("guard", sequence(`within: ${within}`));
		given(policies(text("30m")), read())
			.when(policies(text("10m")), wait(10 * MINUTE), send())
			.then(denied("sequence.completed"))
			.when(wait(1), send())
			.then(allowed())
			.when(policies(text("30m")), send())
			.then(denied("sequence.completed"));
	});

	it("means by `require` the calls of which that is not so, or may not be", () => {
		const text =
			"sequences: [{name: leak, after: {tools: [fs.read], require: {in: args.path, path: '/public/**'}}, then: {tools: ['http.*'], require: {in: args.to, email: '*@ours.example'}}}]";
		const file = (args: object): Act => intent({ tool: "fs.read", args: { ...args } });
		given(policy(text))
			.when(file({ path: "/public/a" }))
			.then(allowed(), begins())
			.when(send({ args: { to: "eve@evil.example" } }))
			.then(allowed())
			.when(file({ name: "/public/a" }))
			.then(allowed(), begins("leak"))
			.when(send({ args: { to: "ann@ours.example" } }))
			.then(allowed())
			.when(send({ args: { to: ["ann@ours.example", "eve@evil.example"] } }))
			.then(denied("sequence.completed"), byRules("guard/leak"))
			.when(send({ args: {} }))
			.then(denied("argument.missing"), byRules("guard/leak"));
	});

	it("is not known to a sequence that had not been in force", () => {
		given(policy(), read()).when(guard("within: 30m"), send()).then(allowed());
	});

	it("is untouched by a reset of budgets, and leaves budgets untouched", () => {
		const limits = "limits: [{name: calls, measure: tool_calls, scope: agent, max: 9}]";
		given(policy(`${limits}\n${sequence("scope: agent")}`), read())
			.when(budgetReset("calls"), send())
			.then(denied("sequence.completed"));
	});

	it("goes when its time is over, so that the state stays small", () => {
		given(guard("within: 30m, scope: agent"), read(), outcome("read"))
			.then((world) => expect(world.state.accounts.size).toBe(1))
			.when(wait(30 * MINUTE), tick())
			.then((world) => expect(world.state.accounts.size).toBe(1))
			.when(wait(1), tick())
			.then((world) => expect(world.state.accounts.size).toBe(0));
	});

	it("goes with a session that was ended and forgotten", () => {
		given(guard("severity: low"), read(), outcome("read"), sessionEnded())
			.when(wait(7 * DAY + HOUR), tick(), tick())
			.then((world) => expect([world.state.sessions.size, world.state.accounts.size]).toEqual([0, 0]));
	});
});

describe("a sequence on what is read in calls", () => {
	const RULE =
		"sequences: [{name: leak, after: {tools: [shell], facts: {fact: path, has: {pathclass: [ssh-key], access: [read]}}}, then: {tools: [shell], facts: {fact: request, has: {class: [public]}}}, effect: hold}]";
	const shell = (command: string, part = {}): Act => intent({ tool: "shell", args: { command }, ...part });
	const isRead =
		(isExpected: boolean): Expectation =>
		({ last }) => {
			if (!("decision" in last) || last.decision === null) throw new Error("no decision");
			expect(last.decision.classifier !== "").toBe(isExpected);
		};

	it("is begun by what a call does, however it is spelt, and not by its words", () => {
		given(policy(`${APPROVALS}\n${RULE}`))
			.when(shell("curl https://a.example/"))
			.then(allowed(), begins(), isRead(true))
			.when(shell("echo cat .ssh/id_rsa"))
			.then(allowed(), begins())
			.when(shell('c"a"t ~/.ssh/id_rsa'))
			.then(allowed(), begins("leak"))
			.when(shell("echo curl https://a.example/"))
			.then(allowed())
			.when(shell("curl https://a.example/", { id: "sent" }))
			.then(held("sequence.completed"), byRules("guard/leak"))
			.when(granted("sent"))
			.then(allowed());
	});

	it("has nothing read in calls of other tools", () => {
		given(policy(`${APPROVALS}\n${RULE}`))
			.when(intent({ tool: "note", args: { command: "cat ~/.ssh/id_rsa" } }))
			.then(allowed(), begins(), isRead(false));
	});

	it("stops what follows also in a state that was restored from a snapshot, by what is read anew", () => {
		const restored: Act = (world) => {
			world.state = stateOf(world.layout, imageOf(world.state));
		};
		given(policy(`${APPROVALS}\n${RULE}`), shell("cat ~/.ssh/id_rsa"), restored)
			.when(shell("curl https://a.example/"))
			.then(held("sequence.completed"), byRules("guard/leak"))
			.when(shell("curl http://localhost:8080/"))
			.then(allowed());
	});
});
