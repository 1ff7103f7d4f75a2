/** The simulation's agents and operators: they publish what real ones do, and what broken and hostile ones do. */
import { canonicalize } from "../../src/core/base/canonical-json.ts";
import { encodeInput } from "../../src/core/codec/encode.ts";
import { commitmentOf } from "../../src/core/engine/decide/rejection.ts";
import type { IntentSubmitted } from "../../src/core/model/inputs.ts";
import { intentOf } from "../support/engine-world.ts";
import type { LogWorld } from "../support/world.ts";

const policyText = (of: { calls: number; quorum: number; spend: number; concurrent: number }): string => `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: guard}
tools:
  allow: all
  deny: [{name: no-wipe, tools: [wipe], severity: high}]
  hold: [{name: pay, tools: ["pay.*"], approval: people}]
patterns:
  - {name: no-rm, substring: rm -rf, severity: high}
  - {name: watch-ls, substring: ls, mode: audit}
conditions:
  - {name: own-files, require: {in: args.path, path: "{workspace}/**", missing: ignore}}
sequences:
  - {name: secrets, after: {tools: [secret.read]}, within: 10m, then: {tools: [http.*]}, severity: high}
  - {name: pays, after: {tools: [pay.*]}, scope: agent, then: {tools: [secret.*]}, effect: hold, approval: people}
limits:
  - {name: calls, measure: tool_calls, scope: agent, max: ${of.calls}, severity: high}
  - {name: tokens, measure: tokens, scope: agent, max: 1500, per: 10m, reserve: 40}
  - {name: at-once, measure: concurrent_calls, scope: session, max: ${of.concurrent}}
  - {name: same, measure: identical_calls, scope: session, max: 6}
  - {name: spend, measure: cost, scope: agent, max: ${(of.spend / 1_000_000).toFixed(6)}, effect: hold, approval: people}
  - {name: hard-spend, measure: cost, scope: agent, max: 0.009}
  - {name: time, measure: execution_time, scope: session, max: 5m, reserve: 1s}
approvals:
  people: {approvers: [alice, bob], quorum: ${of.quorum}, expires: 3m}
obligations:
  - {deadline: 2m}
`;

const POLICIES = [
	policyText({ calls: 60, quorum: 1, spend: 2_000, concurrent: 8 }),
	policyText({ calls: 25, quorum: 2, spend: 500, concurrent: 3 }),
	policyText({ calls: 90, quorum: 1, spend: 4_000, concurrent: 20 }),
];

/** A credential, and the one that it was issued from. */
const CAPS = [
	{ name: "child", measure: "tool_calls", max: 2 },
	{ name: "parent", measure: "tool_calls", max: 5 },
	{ name: "parent", measure: "tokens", max: 900 },
] as const;
const FACTS = { workspace: "/code/app", home: null };

export class Agents {
	readonly #world: LogWorld;
	readonly #random: () => number;
	readonly #known: IntentSubmitted[] = [];
	readonly #halted: string[] = [];
	/** Bundles that were activated before they were published. */
	readonly #owed: string[] = [];
	#next = 0;

	constructor(world: LogWorld, random: () => number) {
		this.#world = world;
		this.#random = random;
	}

	async begin(): Promise<void> {
		await this.#world.policies(POLICIES[0] as string);
	}

	/** One thing that somebody does. */
	async act(): Promise<void> {
		const dice = this.#random();
		if (dice < 0.42) return this.#intents();
		if (dice < 0.54) return this.#outcome();
		if (dice < 0.62) return this.#vote();
		if (dice < 0.7) return this.#again();
		if (dice < 0.74) return this.#abandon();
		if (dice < 0.8) return this.#poison();
		if (dice < 0.84) return this.#halt();
		if (dice < 0.9) return this.#budget();
		if (dice < 0.93) return this.#endSession();
		return this.#policy();
	}

	/** Publishes what partitions may be waiting for. */
	async settle(): Promise<void> {
		for (const text of this.#owed.splice(0)) await this.#world.bundle(text);
	}

	async #intents(): Promise<void> {
		const now = this.#world.clock.now();
		for (let count = this.#below(4) + 1; count > 0; count--) {
			const dice = this.#random();
			const issuedAt = dice < 0.04 ? now + 400_000 : dice < 0.08 ? now - 700_000 : now - this.#below(50);
			const intent = intentOf({
				id: `call-${this.#next++}`,
				agent: this.#pick(["coder", "analyst", "writer"]),
				session: this.#pick(["run-1", "run-2", "run-3"]),
				tool: this.#pick(["shell.run", "shell.run", "http.get", "secret.read", "pay.send", "wipe"]),
				args: this.#pick([
					{ command: "ls" },
					{ command: "rm -rf /" },
					{ path: this.#pick(["/tmp", "src/a.ts"]), n: this.#below(1_000) },
				]),
				tokens: this.#below(200),
				cost: this.#below(400),
				issuedAt,
				onBehalfOf: this.#pick([null, "alice"]),
				sessionStartedAt: this.#pick([null, now - 60_000, now - 4_000_000]),
				caps: this.#pick([[], [], CAPS, CAPS.slice(1)]),
				facts: this.#pick([null, null, FACTS, FACTS, { ...FACTS, workspace: "/" }]),
				deadline: this.#random() < 0.1 ? now - 1 : now + 5_000,
			});
			this.#known.push(intent);
			await this.#world.publish(intent, `${intent.id}-first`);
		}
	}

	/** The same once more, or another call under the same id, or the same where it does not belong. */
	async #again(): Promise<void> {
		const intent = this.#known[this.#below(this.#known.length)];
		if (intent === undefined) return;
		const dice = this.#random();
		if (dice < 0.7) {
			// Of whoever asked first, or of somebody else, with a name or without one.
			const executor = this.#pick([intent.executor, intent.executor, "executor-2", "executor-3", ""]);
			const deadline = this.#world.clock.now() + 5_000;
			return this.#world.publish({ ...intent, deadline, executor }, intent.id);
		}
		const args = { command: "something else" };
		const other = { ...intent, args, argsText: canonicalize(args) };
		if (dice < 0.85) return this.#world.publish(other, intent.id);
		const partition = this.#below(this.#world.layout.partitions);
		await this.#world.put("intents", partition, encodeInput(intent));
	}

	async #outcome(): Promise<void> {
		const intent = this.#recent();
		if (intent === undefined) return;
		await this.#world.publish({
			type: "outcome.reported",
			actor: [],
			call: this.#callOf(intent),
			session: intent.principal.session,
			status: this.#pick(["ok", "error", "unknown"]),
			sketch: "",
			usage: { tokens: this.#told(300), costMicros: this.#told(600), executionMs: this.#told(4_000) },
		});
	}

	async #abandon(): Promise<void> {
		const intent = this.#recent();
		if (intent === undefined) return;
		const { session } = intent.principal;
		await this.#world.publish({
			type: "intent.abandoned",
			actor: [],
			call: this.#callOf(intent),
			session,
			reason: "cancelled",
			executor: "",
		});
	}

	async #vote(): Promise<void> {
		const held = this.#known.filter(({ tool }) => tool === "pay.send");
		const intent = held[this.#below(held.length)] ?? this.#recent();
		if (intent === undefined) return;
		const call = this.#callOf(intent);
		await this.#world.control({
			type: this.#random() < 0.8 ? "approval.granted" : "approval.rejected",
			issuedBy: this.#pick(["alice", "bob", "mallory"]),
			call,
			session: intent.principal.session,
			commitment: commitmentOf(intent),
			comment: "",
		});
	}

	async #halt(): Promise<void> {
		const halted = this.#halted.pop();
		const agent = halted ?? this.#pick(["coder", "analyst", "writer"]);
		const scope = { tenant: "acme", agent, session: null };
		if (halted === undefined) this.#halted.push(agent);
		await this.#world.control({ type: halted === undefined ? "halt.set" : "halt.lifted", scope, reason: "drill" });
	}

	/** What an outcome says of an amount: now and then nothing. */
	#told(below: number): number | null {
		return this.#random() < 0.1 ? null : this.#below(below);
	}

	async #budget(): Promise<void> {
		const isTopUp = this.#random() < 0.7;
		await this.#world.control({
			type: "budget.adjusted",
			policy: "guard",
			limit: this.#pick(["calls", "tokens", "spend", "at-once", "unheard-of"]),
			tenant: "acme",
			agent: this.#pick(["coder", "analyst", "writer"]),
			session: "run-1",
			change: isTopUp ? "topup" : "reset",
			amount: isTopUp ? this.#below(50) : 0,
		});
	}

	async #endSession(): Promise<void> {
		await this.#world.control({
			type: "session.ended",
			tenant: "acme",
			agent: this.#pick(["coder", "analyst", "writer"]),
			session: this.#pick(["run-1", "run-2", "run-3"]),
		});
	}

	async #policy(): Promise<void> {
		await this.settle();
		const dice = this.#random();
		if (dice < 0.15) {
			const digest = "ab".repeat(32);
			await this.#world.publishBundle({
				type: "policy.bundle",
				digest,
				sources: [{ name: "p.yaml", text: "kind: X" }],
				signature: "",
			});
			return this.#world.activate(digest);
		}
		const text = this.#pick(POLICIES);
		if (dice < 0.8) {
			const part = { issuedBy: this.#pick(["ops", "ann", "Ann"]), needsReview: dice < 0.3 };
			await this.#world.activate(await this.#world.bundle(text), part);
			return;
		}
		// The activation before its bundle: partitions must wait for it.
		const fresh = text.replace("name: guard}", `name: guard, description: v${this.#next++}}`);
		this.#owed.push(fresh);
		await this.#world.activate(this.#world.digestOf(fresh));
	}

	/** Bytes that are no record, or one that nobody here can read. */
	async #poison(): Promise<void> {
		const partition = this.#below(this.#world.layout.partitions);
		const intent = intentOf({ id: `poison-${this.#next++}`, issuedAt: this.#world.clock.now() });
		const whole = encodeInput(intent);
		const unknown = whole.slice();
		unknown[4] = (unknown[4] as number) ^ 0xff;
		const oversized = new Uint8Array(1_000_100);
		oversized.set(whole);
		const bytes = this.#pick([
			new Uint8Array(),
			Uint8Array.of(1, 2, 3),
			whole.slice(0, 20 + this.#below(whole.length - 20)),
			unknown,
			this.#random() < 0.2 ? oversized : Uint8Array.of(0xc3, 1, 0, 0),
		]);
		const isIntent = this.#random() < 0.8;
		const isReadable = bytes !== unknown;
		const topic = isIntent || !isReadable || bytes === oversized ? "intents" : "control";
		const isUnknownThere = topic === "control" && bytes.length >= 10;
		await this.#world.put(isUnknownThere ? "intents" : topic, partition, bytes, {
			"assent-reply-to": "replies",
			"assent-reply-id": intent.id,
		});
	}

	#recent(): IntentSubmitted | undefined {
		return this.#known[Math.max(0, this.#known.length - 1 - this.#below(20))];
	}

	#callOf(intent: IntentSubmitted): { tenant: string; agent: string; id: string } {
		return { tenant: intent.principal.tenant, agent: intent.principal.agent, id: intent.id };
	}

	#below(count: number): number {
		return Math.floor(this.#random() * count);
	}

	#pick<Value>(among: readonly Value[]): Value {
		return among[this.#below(among.length)] as Value;
	}
}
