/**
 * Sequences under any history: which of them a call begins and which stop it, by a reader that keeps every call that was ever
 * admitted and looks through all of them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitmentOf } from "../../src/core/engine/decide/rejection.ts";
import type { DecisionBody, LedgerEntry } from "../../src/core/model/entries.ts";
import { callKey } from "../../src/core/model/ids.ts";
import type { IntentSubmitted } from "../../src/core/model/inputs.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { beginning, happen, histories, policySets } from "../support/engine-history.ts";
import { compiled, intentOf, World } from "../support/engine-world.ts";

interface Sequence {
	readonly name: string;
	readonly isBegunBy: (intent: IntentSubmitted) => boolean;
	readonly stops: (intent: IntentSubmitted) => boolean;
	readonly withinMs: number;
	readonly scope: "agent" | "session";
	readonly effect: "deny" | "hold";
	readonly mode: "enforce" | "audit";
}

const MINUTE = 60_000;
const isRows = ({ args }: IntentSubmitted): boolean => typeof args["query"] === "string" && /rows/.test(args["query"]);

/** Is it a command of a shell with one of these words? */
const isShell = ({ tool, args: { command } }: IntentSubmitted, ...words: readonly string[]): boolean =>
	tool.startsWith("shell.") && typeof command === "string" && words.some((word) => command.includes(word));

/** What test/support/engine-history.ts writes in YAML, once more. */
const BOTH: readonly Sequence[] = [
	{
		name: "mail-then-shell",
		isBegunBy: ({ tool }) => tool.startsWith("mail."),
		stops: ({ tool }) => tool.startsWith("shell."),
		withinMs: 20 * MINUTE,
		scope: "session",
		effect: "deny",
		mode: "enforce",
	},
	{
		name: "secret-then-elsewhere",
		isBegunBy: (intent) => isShell(intent, "shadow"),
		stops: (intent) => isShell(intent, "shadow", "curl"),
		withinMs: 30 * MINUTE,
		scope: "session",
		effect: "deny",
		mode: "enforce",
	},
	{
		name: "rows-then-mail",
		isBegunBy: (intent) => intent.tool.startsWith("db.") && isRows(intent),
		stops: ({ tool }) => /^(?:mail|model)\./.test(tool),
		withinMs: 10 * MINUTE,
		scope: "agent",
		effect: "hold",
		mode: "enforce",
	},
];

const MODELS: Sequence = {
	name: "models",
	isBegunBy: ({ tool }) => tool.startsWith("model."),
	stops: ({ tool }) => tool.startsWith("model."),
	withinMs: Number.POSITIVE_INFINITY,
	scope: "session",
	effect: "deny",
	mode: "audit",
};

const sequencesOf = (set: CompiledPolicySet | undefined): readonly Sequence[] => {
	const [first, second] = policySets();
	if (set === undefined) return [];
	return set === first ? [...BOTH, MODELS] : set === second ? BOTH : [];
};

interface Admitted {
	readonly intent: IntentSubmitted;
	readonly at: number;
	readonly begins: readonly string[];
}

class Reader {
	readonly #admitted: Admitted[] = [];
	readonly #asked = new Map<string, IntentSubmitted>();
	/** How often a sequence stopped a call, or would have. */
	stopped = 0;

	follow(world: World, sequences: readonly Sequence[], entry: LedgerEntry): void {
		if (entry.kind === "decision.made" || entry.kind === "decision.held") {
			const input = world.inputs.at(-1);
			if (input?.kind !== "read" || input.record.type !== "intent.submitted") throw new Error("no intent");
			this.#asked.set(callKey(entry.call), input.record);
			const verdict = entry.kind === "decision.held" ? "hold" : entry.verdict;
			this.#check(input.record, sequences, { at: entry.at, decision: entry.decision, verdict, isFresh: true });
		} else if (entry.kind === "approval.recorded" && entry.decision !== null && entry.result !== "pending") {
			const intent = this.#asked.get(callKey(entry.call));
			if (intent === undefined) throw new Error("a vote on a call that nobody asked for");
			const { at, decision, result: verdict } = entry;
			this.#check(intent, sequences, { at, decision, verdict, isFresh: false });
		}
	}

	#check(
		intent: IntentSubmitted,
		sequences: readonly Sequence[],
		{ at, decision, verdict, isFresh }: Decided & { readonly isFresh: boolean },
	): void {
		const reasons = decision.reasons.map(({ rule }) => rule);
		// What is denied before any rule is asked, or by a human, says nothing of sequences.
		if (reasons.length === 1 && reasons[0]?.policy === "") {
			expect(decision.begins).toEqual([]);
			return;
		}
		const begins = verdict === "allow" ? sequences.filter((each) => each.isBegunBy(intent)) : [];
		expect(decision.begins.map(({ sequence }) => sequence)).toEqual(begins.map(({ name }) => name));
		const stopping = sequences.filter((each) => each.stops(intent) && this.#wasBegun(each, intent, at));
		const told = reasons.filter(({ code }) => code === "sequence.completed").map(({ name }) => name);
		// Of those with force only what makes the verdict is told; one that holds may have been granted.
		const enforced = stopping.filter(({ mode }) => mode === "enforce");
		const expected = [
			...enforced.filter(({ effect }) => effect === verdict),
			...stopping.filter(({ mode }) => mode === "audit"),
		].map(({ name }) => name);
		if (isFresh) expect([...told].sort()).toEqual([...expected].sort());
		else expect(expected).toEqual(expect.arrayContaining(told));
		if (enforced.some(({ effect }) => effect === "deny")) expect(verdict).toBe("deny");
		if (isFresh && enforced.length > 0) expect(verdict).not.toBe("allow");
		this.stopped += told.length;
		if (verdict === "allow") this.#admitted.push({ intent, at, begins: begins.map(({ name }) => name) });
	}

	#wasBegun({ name, scope, withinMs }: Sequence, intent: IntentSubmitted, at: number): boolean {
		const { tenant, agent, session } = intent.principal;
		return this.#admitted.some(
			({ intent: { principal }, at: since, begins }) =>
				begins.includes(name) &&
				principal.tenant === tenant &&
				principal.agent === agent &&
				(scope === "agent" || principal.session === session) &&
				at - since <= withinMs,
		);
	}
}

interface Decided {
	readonly at: number;
	readonly decision: DecisionBody;
	readonly verdict: string;
}

const TOOLS = ["read", "list", "send", "pay"] as const;
const WORDS = ["secret", "public"] as const;

/** Some tools, and now and then one of two words in the arguments. */
const calls = fc
	.record({
		tools: fc.subarray<string>([...TOOLS], { minLength: 1, maxLength: 3 }),
		word: fc.option(fc.constantFrom(...WORDS)),
	})
	.map(({ tools, word }) => ({
		written: { tools, ...(word === null ? {} : { when: { in: "args.text", substring: word } }) },
		holds: ({ tool, args }: IntentSubmitted) => tools.includes(tool) && (word === null || args["text"] === word),
	}));

/** A sequence as it is written, and as the reader knows it. */
const anySequence = fc
	.record({
		after: calls,
		stopped: calls,
		minutes: fc.option(fc.constantFrom(1, 5, 30)),
		scope: fc.constantFrom("agent" as const, "session" as const),
		effect: fc.constantFrom("deny" as const, "hold" as const),
		mode: fc.constantFrom("enforce" as const, "enforce" as const, "audit" as const),
	})
	.map(({ after, stopped, minutes, scope, effect, mode }) => ({
		// biome-ignore lint/suspicious/noThenProperty: the key of a policy.
		written: { after: after.written, then: stopped.written, scope, effect, mode, ...withinOf(minutes) },
		read: {
			isBegunBy: after.holds,
			stops: stopped.holds,
			withinMs: minutes === null ? Number.POSITIVE_INFINITY : minutes * MINUTE,
			scope,
			effect,
			mode,
		},
	}));

const withinOf = (minutes: number | null) => (minutes === null ? {} : { within: `${minutes}m` });

const anyEvent = fc.record({
	do: fc.constantFrom("ask", "ask", "ask", "ask", "grant", "refuse", "abandon", "report", "again", "tick"),
	tool: fc.nat(3),
	word: fc.nat(1),
	agent: fc.nat(1),
	session: fc.nat(1),
	which: fc.nat(20),
	wait: fc.constantFrom(0, 1, MINUTE - 1, MINUTE, MINUTE + 1, 4 * MINUTE, 31 * MINUTE),
});

type AnyEvent = typeof anyEvent extends fc.Arbitrary<infer Event> ? Event : never;

const guardOf = (sequences: readonly object[]): string =>
	JSON.stringify({
		apiVersion: "assent.dev/v1",
		kind: "Policy",
		metadata: { name: "guard" },
		tools: { allow: "all", hold: [{ name: "pays", tools: ["pay"] }] },
		approvals: { default: { approvers: ["alice"], expires: "20m" } },
		sequences: sequences.map((sequence, index) => ({ name: `s${index}`, ...sequence })),
	});

function play(world: World, event: AnyEvent, asked: IntentSubmitted[]): void {
	world.now += event.wait;
	const known = asked[event.which % Math.max(1, asked.length)];
	const head = { id: `control-${world.entries.length}`, issuedBy: "alice", issuedAt: world.now };
	if (event.do === "ask") {
		const who = { agent: `agent-${event.agent}`, session: `run-${event.agent}-${event.session}` };
		const id = `c-${world.entries.length}`;
		asked.push(
			intentOf({
				...who,
				id,
				tool: TOOLS[event.tool] as string,
				args: { text: WORDS[event.word] as string },
				issuedAt: world.now,
			}),
		);
		world.publish(asked.at(-1) as IntentSubmitted);
		return;
	}
	if (known === undefined || event.do === "tick") {
		world.publish({ type: "clock.ticked", ...head });
		return;
	}
	const { tenant, agent, session } = known.principal;
	const call = { tenant, agent, id: known.id };
	if (event.do === "again") world.publish(known);
	else if (event.do === "grant")
		world.publish({ type: "approval.granted", ...head, call, session, commitment: commitmentOf(known), comment: "" });
	else if (event.do === "refuse")
		world.publish({ type: "approval.rejected", ...head, call, session, commitment: commitmentOf(known), comment: "" });
	else if (event.do === "abandon")
		world.publish({ type: "intent.abandoned", actor: [], call, session, reason: "", executor: "" });
	else {
		const usage = { tokens: 1, costMicros: 1, executionMs: 1 };
		world.publish({ type: "outcome.reported", actor: [], call, session, status: "ok", usage, sketch: "" });
	}
}

describe("sequences under any history", () => {
	it("are begun by what is admitted, and stop what comes in time, as whoever remembers everything would say", () => {
		let stopped = 0;
		fc.assert(
			fc.property(histories(), (history) => {
				const world = beginning();
				const reader = new Reader();
				for (const each of history) {
					const set = policySets().find(({ digest }) => digest === world.state.policy.digest);
					happen(world, each);
					reader.follow(world, sequencesOf(set), world.last);
				}
				stopped += reader.stopped;
			}),
			{ numRuns: 200 },
		);
		expect(stopped).toBeGreaterThan(20);
	});

	it("of any form are, too", () => {
		let stopped = 0;
		fc.assert(
			fc.property(
				fc.array(anySequence, { minLength: 1, maxLength: 4 }),
				fc.array(anyEvent, { minLength: 20, maxLength: 60, size: "max" }),
				(sequences, events) => {
					const world = new World();
					const set = compiled([guardOf(sequences.map(({ written }) => written))]);
					const head = { id: "on", issuedBy: "ops", issuedAt: world.now };
					const digest = world.know(set);
					world.publish({ type: "policy.activated", ...head, generation: 1, digest, needsReview: false });
					const known = sequences.map(({ read }, index) => ({ name: `s${index}`, ...read }));
					const reader = new Reader();
					const asked: IntentSubmitted[] = [];
					for (const event of events) {
						play(world, event, asked);
						reader.follow(world, known, world.last);
					}
					world.checkImage();
					stopped += reader.stopped;
				},
			),
			{ numRuns: 200 },
		);
		expect(stopped).toBeGreaterThan(100);
	});
});
