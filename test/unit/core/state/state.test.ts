import { describe, expect, it } from "vitest";
import { HOUR } from "../../../../src/core/model/units.ts";
import type { Account } from "../../../../src/core/state/accounts.ts";
import { type CallPhase, callForgetAt, verdictOf } from "../../../../src/core/state/call.ts";
import { stateDigest } from "../../../../src/core/state/digest.ts";
import { haltKey } from "../../../../src/core/state/halt.ts";
import { emptyState, putAccount, sessionOfAccount } from "../../../../src/core/state/state.ts";
import {
	addressed,
	given,
	halted,
	intent,
	outcome,
	policies,
	policyText,
	sessionEnded,
	toppedUp,
	wait,
} from "../../../support/engine.ts";
import { LAYOUT } from "../../../support/engine-world.ts";
import { imageOf, stateOf } from "../../../support/state-image.ts";

const accountOf = (scopeKey: string): Account => ({
	scope: "agent",
	scopeKey,
	counters: [
		{
			name: { policy: "guard", limit: "cap", measure: "tokens", windowMs: HOUR, scope: "agent" },
			reserved: 1,
			settled: 0,
			toppedUp: 0,
			buckets: [],
			topUps: [],
		},
	],
	begun: [],
});

describe("a halt's key", () => {
	it("tells a missing part from every name", () => {
		const none = { tenant: null, agent: null, session: null };
		expect(haltKey(none)).not.toBe(haltKey({ ...none, tenant: "null" }));
		expect(haltKey({ ...none, tenant: "a" })).not.toBe(haltKey({ ...none, agent: "a" }));
	});
});

describe("a call", () => {
	it("says what it is asked again by its phase", () => {
		const { world } = given(policies(policyText("open")), intent({ id: "c" }));
		const verdicts: [CallPhase, string][] = [
			["held", "hold"],
			["open", "allow"],
			["lapsed", "allow"],
			["settled", "allow"],
			["denied", "deny"],
			["abandoned", "deny"],
		];
		for (const [phase, verdict] of verdicts) expect(verdictOf({ ...world.call("c"), phase })).toBe(verdict);
	});

	it("is remembered for the dedupe time after it was over, or its `issuedAt` where that is later", () => {
		const { world } = given(policies(policyText("open")), intent({ id: "c" }));
		const call = { ...world.call("c"), decidedAt: 10, closedAt: 100, issuedAt: 50 };
		expect(callForgetAt(LAYOUT, call)).toBe(100 + HOUR);
		expect(callForgetAt(LAYOUT, { ...call, issuedAt: 170 })).toBe(170 + HOUR);
	});
});

describe("an image", () => {
	const everything = () =>
		given(
			policies(
				policyText(
					"guard",
					`approvals: {default: {approvers: [alice, bob], quorum: 2}}
obligations: [{redact: [args.command], message: careful}]
limits:
  - {name: life, measure: tokens, scope: session, max: 100}
  - {name: hour, measure: tool_calls, scope: agent, max: 9, per: 1h}
  - {name: same, measure: identical_calls, scope: session, max: 9}`,
					{ tools: "{allow: all, hold: [mail.*], deny: [db.drop]}" },
				),
				policyText("seen", "patterns: [{name: ls, substring: ls}]", { mode: "audit" }),
			),
			intent({ id: "settled", tokens: 5 }),
			outcome("settled", { tokens: 9 }),
			intent({ id: "unseen" }),
			outcome("unseen", { status: "unknown" }),
			intent({ id: "open", actor: ["helper"], onBehalfOf: "dana" }),
			intent({ id: "held", tool: "mail.send", onBehalfOf: "dana", marks: { address: addressed("r") } }),
			intent({ id: "denied", tool: "db.drop" }),
			toppedUp("life", 4),
			toppedUp("hour", 4),
			wait(5_000),
			halted({ tenant: "umbra", session: "x" }),
			sessionEnded("run-9"),
		).world;

	it("holds every table, and gives back the same state", () => {
		const world = everything();
		const image = world.image();
		for (const table of ["calls", "sessions", "accounts", "halts", "controls"] as const) {
			expect(image[table].length).toBeGreaterThan(0);
		}
		const state = stateOf(LAYOUT, image);
		expect(imageOf(state)).toEqual(image);
		expect(stateDigest(state)).toBe(stateDigest(world.state));
		for (const [key, call] of world.state.calls.entries()) expect(state.calls.get(key)).toEqual(call);
		for (const [key, account] of world.state.accounts.entries()) expect(state.accounts.get(key)).toEqual(account);
	});

	it("rebuilds the indexes that are derived from the tables", () => {
		const world = everything();
		const state = stateOf(LAYOUT, world.image());
		expect(state.heldBySession).toEqual(world.state.heldBySession);
		const sessions = [...world.state.accounts.keys()].map(sessionOfAccount);
		const sorted = ({ accountsBySession: of }: typeof state) => sessions.map((name) => [...of.keysOf(name)].sort());
		expect(sorted(state)).toEqual(sorted(world.state));
		expect(sorted(state).some((keys) => keys.length > 0)).toBe(true);
		expect(state.due.peek()).toEqual(world.state.due.peek());
		expect(world.state.lapsed.size).toBeGreaterThan(0);
		expect([...state.lapsed].sort()).toEqual([...world.state.lapsed].sort());
	});
});

describe("what falls due", () => {
	it("holds no call that is settled, so that no later step has to clear them away", () => {
		const calls = Array.from({ length: 50 }, (_, at) => `c${at}`);
		const { world } = given(
			policies(policyText("open")),
			intent({ id: "first" }),
			...calls.map((id) => intent({ id })),
			...calls.map((id) => outcome(id)),
		);
		expect(world.state.due.size).toBe(1);
	});
});

describe("the state digest", () => {
	it("depends on the head, on every table and on the partition", () => {
		const { world } = given(policies(policyText("open")), intent({ id: "c" }));
		const image = imageOf(world.state);
		const head = (change: object) => ({ head: { ...image.head, ...change } });
		const changes = [
			head({ partition: 1 }),
			head({ streamTime: image.head.streamTime + 1 }),
			head({ nextSeq: image.head.nextSeq + 1 }),
			head({ inputs: { ...image.head.inputs, control: 9 } }),
			head({ policy: { ...image.head.policy, generation: 9 } }),
			{ calls: [] },
			{ sessions: [] },
			{ controls: [] },
		];
		const digests = changes.map((change) => stateDigest(stateOf(LAYOUT, { ...image, ...change })));
		expect(new Set([...digests, stateDigest(world.state)]).size).toBe(changes.length + 1);
	});

	it("does not depend on the order in which rows came", () => {
		const states = [emptyState(LAYOUT, 0), emptyState(LAYOUT, 0)] as const;
		const accounts = ["a", "b", "c"].map((agent) => accountOf(`acme/${agent}`));
		for (const account of accounts) putAccount(states[0], account);
		for (const account of accounts.toReversed()) putAccount(states[1], account);
		expect(stateDigest(states[0])).toBe(stateDigest(states[1]));
	});

	it("is kept only where a ledger stands behind the state", () => {
		const account = accountOf("acme/coder");
		const state = emptyState(LAYOUT, 0, { isDigested: false });
		putAccount(state, account);
		expect(stateDigest(state)).toBe("");
		expect(state.accounts.get("acme/coder")).toEqual(account);
		expect(stateDigest(emptyState(LAYOUT, 0))).toMatch(/^[0-9a-f]{64}$/);
	});
});
