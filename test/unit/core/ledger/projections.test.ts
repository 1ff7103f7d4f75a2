import { describe, expect, it } from "vitest";
import { PROJECTIONS } from "../../../../src/core/ledger/projections/all.ts";
import { checkpointOf } from "../../../../src/core/ledger/projections/checkpoints.ts";
import { deadLetterOf } from "../../../../src/core/ledger/projections/dead-letters.ts";
import { derivedId, type Released } from "../../../../src/core/ledger/projections/projection.ts";
import { repliesOf } from "../../../../src/core/ledger/projections/replies.ts";
import { summaryOf } from "../../../../src/core/ledger/projections/summary.ts";
import { violationsOf } from "../../../../src/core/ledger/projections/violations.ts";
import { MINUTE } from "../../../../src/core/model/units.ts";
import {
	type Act,
	addressed,
	given,
	granted,
	halted,
	intent,
	outcome,
	policies,
	policyText,
	refused,
	resent,
	sessionEnded,
	tick,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import type { World } from "../../../support/engine-world.ts";

const guard = policies(
	policyText(
		"guard",
		`approvals: {default: {approvers: [alice, bob], quorum: 2, expires: 10m}}
obligations: [{message: be brief}]
patterns: [{name: no-rm, substring: rm -rf, severity: critical, message: not this, tags: [ASI02, data loss]}]
limits: [{name: cap, measure: tokens, scope: agent, max: 100, severity: high, tags: [cost]}]`,
		{ tools: "{allow: all, hold: [mail.*], deny: [db.*]}" },
	),
	policyText("watch", "patterns: [{name: ls, substring: ls}]", { mode: "audit" }),
);
const rm = { args: { command: "rm -rf /" } };
const mail = { id: "h", tool: "mail.send", args: { to: "x" }, marks: { address: addressed("first") } };

describe("ids of projections", () => {
	it("come from (partition, seq, index): the same however often they are derived", () => {
		expect(derivedId(3, 14, 1)).toBe("3-14-1");
		const { world } = given(guard, intent({ ...rm, tool: "db.query" }));
		const ids = violationsOf(world.last).map((violation) => violation.id);
		expect(ids).toEqual([`0-${world.last.seq}-0`, `0-${world.last.seq}-1`]);
		expect(violationsOf(world.last)).toEqual(violationsOf(world.last));
	});
});

describe("violations", () => {
	it("are the rules that denied, with their words and places", () => {
		const { world } = given(guard, intent({ id: "c", ...rm }));
		expect(violationsOf(world.last)).toEqual([
			{
				type: "violation.detected",
				id: "0-1-0",
				partition: 0,
				seq: 1,
				index: 0,
				at: world.last.at,
				code: "pattern.matched",
				policy: "guard",
				rule: "no-rm",
				severity: "critical",
				mode: "enforce",
				verdict: "deny",
				call: { tenant: "acme", agent: "coder", id: "c" },
				session: "run-1",
				tool: "shell.run",
				span: { pointer: "/command", start: 0, end: 6 },
				message: "not this",
				tags: ["ASI02", "data loss"],
			},
		]);
	});

	it("and what audit rules would have denied, where the verdict stays allow", () => {
		const { world } = given(guard, intent());
		expect(violationsOf(world.last)).toMatchObject([{ policy: "watch", rule: "ls", mode: "audit", verdict: "allow" }]);
	});

	it("and what was broken beside a hold, or at a grant", () => {
		const { world } = given(guard, intent({ id: "h", tool: "mail.send" }));
		expect(violationsOf(world.last)).toMatchObject([{ policy: "watch", verdict: "hold" }]);
		const strict = policies(policyText("strict", "", { tools: "{allow: none}" }));
		const after = given(guard, intent(mail), granted("h"), strict, granted("h", "bob")).world;
		expect(violationsOf(after.last)).toMatchObject([{ policy: "strict", code: "tool.not_allowed", verdict: "deny" }]);
	});

	it("a budget that was overshot at its settlement", () => {
		const { world } = given(guard, intent({ id: "c", tokens: 90 }), outcome("c", { tokens: 130 }));
		expect(violationsOf(world.last)).toMatchObject([
			{
				code: "budget.overshot",
				tags: ["cost"],
				policy: "guard",
				rule: "cap",
				severity: "high",
				message: "30 over the maximum of tokens for acme/coder; carried as debt",
			},
		]);
	});

	it("an overshot cost, in currency units as the policy has it", () => {
		const priced = policies(
			policyText("guard", "limits: [{name: spend, measure: cost, scope: agent, max: 1, reserve: 1}]"),
		);
		const { world } = given(priced, intent({ id: "c" }), outcome("c", { cost: 2_250_000 }));
		expect(violationsOf(world.last)).toMatchObject([
			{ rule: "spend", message: "1.25 over the maximum of cost for acme/coder; carried as debt" },
		]);
	});

	it("rejections that are grave, not those that are not", () => {
		expect(violationsOf(given(guard, outcome("c")).world.last)).toMatchObject([
			{ code: "call.ungoverned", severity: "critical", verdict: "deny" },
		]);
		expect(violationsOf(given(guard, intent({ id: "c" }), intent({ id: "c", ...rm })).world.last)).toMatchObject([
			{ code: "intent.id_reused", severity: "high" },
		]);
		expect(violationsOf(given(guard, granted("c")).world.last)).toEqual([]);
	});

	it("holds, halts and the engine's own denials break no rule", () => {
		const acts = [[intent(mail)], [halted(), intent()], [tick()], [halted()], [toppedUp("cap", 1)], [sessionEnded()]];
		for (const act of acts) expect(violationsOf(given(guard, ...act).world.last)).toEqual([]);
	});
});

describe("replies", () => {
	const digest = "d".repeat(64);
	const because = (code: string, policyDigest: unknown = expect.any(String)) => ({
		decision: { reasons: [{ rule: { code } }], policyDigest },
	});

	it("carry the decision to the address of the submission, and echo its id", () => {
		const { world } = given(guard, intent({ id: "c", args: { text: "hi" } }));
		expect(repliesOf(world.last, addressed("r-1"), digest)).toEqual([
			{
				address: addressed("r-1"),
				reply: {
					type: "decision.replied",
					replyId: "r-1",
					partition: 0,
					seq: 1,
					call: { tenant: "acme", agent: "coder", id: "c" },
					session: "run-1",
					commitment: world.state.calls.get("acme/coder/c")?.commitment,
					verdict: "allow",
					status: "open",
					decision: {
						reasons: [],
						obligations: { redact: [], callDeadlineMs: 600_000, leaseMs: 3_600_000, messages: ["be brief"] },
						uses: [expect.objectContaining({ max: 100, before: 0 })],
						begins: [],
						policyDigest: world.state.policy.digest,
						classifier: "",
					},
					expiresAt: 0,
					at: world.last.at,
					token: "",
				},
			},
		]);
		expect(repliesOf(world.last, null, digest)).toEqual([]);
	});

	it("say until when a call is held, and answer the latest address once it is decided", () => {
		const scenario = given(guard, intent(mail));
		const { world } = scenario;
		expect(repliesOf(world.last, addressed("first"), digest)[0]?.reply).toMatchObject({
			verdict: "hold",
			status: "held",
			expiresAt: world.now + 10 * MINUTE,
		});
		scenario.when(resent("h", { address: addressed("second") }));
		expect(repliesOf(world.last, addressed("second"), digest)[0]?.reply).toMatchObject({ status: "held" });
		scenario.when(granted("h"));
		expect(repliesOf(world.last, null, digest)).toEqual([]);
		scenario.when(granted("h", "bob"));
		expect(repliesOf(world.last, null, digest)).toMatchObject([
			{ address: addressed("second"), reply: { replyId: "second", verdict: "allow", status: "granted" } },
		]);
	});

	it("tell of holds that ended without a vote, from the effect's own address", () => {
		for (const [act, code] of [
			[wait(10 * MINUTE), "approval.expired"],
			[sessionEnded(), "session.ended"],
		] as const) {
			const { world } = given(guard, intent(mail), act, tick());
			expect(repliesOf(world.last, null, digest)).toMatchObject([
				{ address: addressed("first"), reply: { verdict: "deny", status: "closed", ...because(code) } },
			]);
		}
	});

	it("come one for each effect and one for the input", () => {
		const { world } = given(guard, intent(mail), intent({ ...mail, id: "i" }), wait(10 * MINUTE), intent({ id: "c" }));
		const replies = repliesOf(world.last, addressed("own"), digest).map(
			({ reply }) => `${reply.call.id} ${reply.verdict}`,
		);
		expect(replies).toEqual(["h deny", "i deny", "c allow"]);
	});

	it("deny what was rejected to that submission, and say nothing about votes or control", () => {
		const { world } = given(guard, intent({ id: "c" }), intent({ id: "c", ...rm }));
		expect(repliesOf(world.last, addressed("r"), digest)).toMatchObject([
			{ reply: { verdict: "deny", status: "closed", ...because("intent.id_reused", digest) } },
		]);
		for (const act of [granted("h"), halted(), tick(), toppedUp("cap", 1), sessionEnded()]) {
			expect(repliesOf(given(guard, act).world.last, addressed("r"), digest)).toEqual([]);
		}
	});

	it("say what they are about: the submission, whatever call its id or its address belongs to", () => {
		const answered = (...acts: Act[]): string[] =>
			repliesOf(given(...acts).world.last, addressed("r"), digest).map(({ reply }) => reply.commitment);
		const own = (...acts: Act[]): string | undefined =>
			given(...acts).world.state.calls.get("acme/coder/c")?.commitment;
		const call = intent({ id: "c" });
		const other = intent({ id: "c", ...rm });
		expect(own(guard, call)).toMatch(/^[0-9a-f]{64}$/);
		expect(answered(guard, call)).toEqual([own(guard, call)]);
		expect(answered(guard, call, call)).toEqual([own(guard, call)]);
		// A reused id is answered about the submission, not about the call that had the id first.
		expect(answered(guard, call, other)).toEqual([own(guard, other)]);
		expect(answered(guard, intent({ ...mail, id: "c" }))).toEqual([own(guard, intent({ ...mail, id: "c" }))]);
		expect(answered(guard, intent({ ...mail, id: "c" }), wait(10 * MINUTE), intent({ id: "d" }))[0]).toBe(
			own(guard, intent({ ...mail, id: "c" })),
		);
	});

	it("a refusal is a denial", () => {
		const { world } = given(guard, intent(mail), refused("h"));
		expect(repliesOf(world.last, null, digest)).toMatchObject([
			{ address: addressed("first"), reply: { verdict: "deny", ...because("approval.rejected") } },
		]);
	});
});

describe("checkpoints", () => {
	it("are made by entries that carry a state digest, and cover the leaves before them", () => {
		const { world } = given(guard, ...Array.from({ length: 64 }, () => tick()));
		const [first, second] = [world.entries[0], world.entries[64]];
		if (first === undefined || second === undefined) throw new Error("too few entries");
		expect(checkpointOf(first, "r", "p")).toBeNull();
		expect(checkpointOf(world.entries[63] ?? first, "r", "p")).toBeNull();
		expect(checkpointOf(second, "a".repeat(64), "p")).toEqual({
			type: "checkpoint.created",
			id: "0-64-0",
			partition: 0,
			size: 64,
			at: second.at,
			root: "a".repeat(64),
			stateDigest: world.entries[0]?.stateDigest,
			policyDigest: "p",
		});
	});
});

describe("dead letters", () => {
	it("say where an unreadable record lies and what was wrong, without its bytes", () => {
		const { world } = given(guard);
		world.step({
			kind: "unreadable",
			cause: { topic: "control", partition: 0, offset: 1 },
			causeTime: world.now,
			late: false,
			ahead: false,
			address: null,
			code: "RECORD_TRUNCATED",
			detail: "too short",
			call: null,
			recordDigest: "e".repeat(64),
		});
		expect(deadLetterOf(world.last)).toEqual({
			type: "record.dead",
			topic: "control",
			partition: 0,
			offset: 1,
			code: "record.unreadable",
			detail: "RECORD_TRUNCATED: too short",
			recordDigest: "e".repeat(64),
		});
	});

	it("are for what could not be read, not for what was rejected", () => {
		expect(deadLetterOf(given(guard, outcome("c")).world.last)).toBeNull();
		expect(deadLetterOf(given(guard).world.last)).toBeNull();
	});
});

describe("summaries", () => {
	it("name call, verdict and first reason of every kind of entry", () => {
		const rows = given(
			guard,
			intent({ id: "c", ...rm }),
			intent(mail),
			resent("h"),
			granted("h"),
			intent({ id: "o" }),
			outcome("o"),
			outcome("x"),
			toppedUp("cap", 1),
			halted({ agent: "coder" }),
			sessionEnded(),
			tick(),
		).world.entries.map((entry) => {
			const { kind, intent: of, verdict, code } = summaryOf(entry);
			return [kind, of, verdict, code].join(" ").trim();
		});
		expect(rows.slice(1)).toEqual([
			"decision.made c deny pattern.matched",
			"decision.held h hold tool.held",
			"decision.repeated h hold tool.held",
			"approval.recorded h pending",
			"decision.made o allow pattern.matched",
			"usage.settled o",
			"input.rejected x deny call.ungoverned",
			"budget.adjusted   topup",
			"halt.set",
			"session.ended",
			"clock.ticked",
		]);
	});
});

describe("all projections of a released entry", () => {
	const released = (world: World, part: Partial<Released> = {}): Released => ({
		entry: world.last,
		input: world.inputs.at(-1) ?? null,
		isOwn: true,
		root: "",
		policyDigest: world.state.policy.digest,
		...part,
	});
	const all = (each: Released) => PROJECTIONS.flatMap((project) => project(each));

	it("go to the topic that each belongs to, replies to the address on the input", () => {
		const { world } = given(guard, intent({ id: "c", ...rm, marks: { address: addressed("r-1") } }));
		expect(all(released(world)).map(({ to, record, isOfInput }) => [to, record.type, isOfInput])).toEqual([
			[addressed("r-1"), "decision.replied", true],
			["violations", "violation.detected", true],
		]);
	});

	it("answer nobody for what another process decided, and whom the input does not name", () => {
		const { world } = given(guard, intent({ id: "c", args: { text: "hi" }, marks: { address: addressed("r-1") } }));
		expect(all(released(world))).toHaveLength(1);
		expect(all(released(world, { isOwn: false }))).toEqual([]);
		expect(all(released(world, { input: null }))).toEqual([]);
	});

	it("of a hold that ended are not about the input under which it did", () => {
		const { world } = given(
			guard,
			intent({ ...mail, marks: { address: addressed("first") } }),
			wait(10 * MINUTE),
			tick(),
		);
		expect(all(released(world)).map(({ to, isOfInput }) => [to, isOfInput])).toEqual([[addressed("first"), false]]);
	});
});
