/** Agents under load, one call after the other in lanes beside each other. What they were told is kept for the end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AssentClient, CallRequest } from "../../src/client/client.ts";
import { mayRun } from "../../src/client/decision.ts";
import { AssentError } from "../../src/core/base/errors.ts";
import type { Verdict } from "../../src/core/model/entries.ts";
import type { Dice } from "./dice.ts";

export interface AgentsOptions {
	readonly client: AssentClient;
	readonly dice: Dice;
	/** Lanes take them in turn. */
	readonly names: readonly string[];
	/** How many of the calls are asked for twice under one id: half of these at once, half after the first answer. */
	readonly askedTwice?: number;
	/** How long a lane rests after each call, at most. */
	readonly restMs?: number;
}

export class Agents {
	/** By intent, every verdict that a client got. */
	readonly told = new Map<string, Set<Verdict>>();
	/** Intents that two who asked were both allowed to run. */
	readonly ranTwice: string[] = [];
	/** Distinct intents asked for. */
	calls = 0;
	/** Questions without an answer in time. */
	timeouts = 0;
	/** Records that the log did not take. */
	refused = 0;
	/** Longest wait for an answer that came, of calls that no human is asked about. */
	longestWaitMs = 0;
	readonly #of: AgentsOptions;

	constructor(of: AgentsOptions) {
		this.#of = of;
	}

	/** Works in so many lanes until told to stop; a lane finishes its call first. */
	async load(of: { until: () => boolean; lanes: number }): Promise<void> {
		await Promise.all(Array.from({ length: of.lanes }, (_, lane) => this.#lane(lane, of.until)));
	}

	/** So many calls of each of these agents at once, each in a session of its own. */
	async burst(names: readonly string[], each: number): Promise<void> {
		const all = names.flatMap((agent) => Array.from({ length: each }, () => agent));
		await Promise.all(all.map((agent) => this.#call(agent, `burst-${agent}-${this.calls}`)));
	}

	async #lane(lane: number, until: () => boolean): Promise<void> {
		const { dice, names, restMs = 0 } = this.#of;
		const agent = names[lane % names.length] as string;
		let session = `run-${lane}-${this.calls}`;
		while (!until()) {
			if (dice.chance(0.02)) session = `run-${lane}-${this.calls}`;
			await this.#call(agent, session);
			if (restMs > 0) await sleep(dice.upTo(restMs));
		}
	}

	async #call(agent: string, session: string): Promise<void> {
		const { client, dice, askedTwice = 0 } = this.#of;
		this.calls += 1;
		const id = `i-${this.calls}`;
		const request: CallRequest & { readonly id: string } = {
			id,
			tenant: "acme",
			agent,
			session,
			...dice.call(),
			onHold: dice.chance(0.5) ? "wait" : "return",
		};
		const isTwice = askedTwice > 0 && dice.chance(askedTwice);
		const isAtOnce = isTwice && dice.chance(0.5);
		try {
			const again = isAtOnce ? this.#ask(request) : null;
			const decisions = [await this.#ask(request), await again];
			if (isTwice && !isAtOnce) decisions.push(await this.#ask(request));
			const runs = decisions.filter((decision) => decision !== null && mayRun(decision)).length;
			if (runs > 1) this.ranTwice.push(id);
			if (runs === 0) return;
			if (dice.chance(0.05)) return; // Never reports: its reservation lapses.
			await client.report({ tenant: "acme", agent, session, id }, dice.chance(0.9) ? "ok" : "error", dice.usage());
		} catch (thrown) {
			if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_UNAVAILABLE") throw thrown;
			this.refused += 1;
		}
	}

	/** Null: nobody answered in time. */
	async #ask(request: CallRequest & { readonly id: string }) {
		const askedAt = performance.now();
		const decision = await this.#of.client.decide(request);
		if (decision.source === "timeout") {
			this.timeouts += 1;
			return null;
		}
		if (request.tool !== "deploy") this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - askedAt);
		const verdicts = this.told.get(request.id) ?? new Set();
		this.told.set(request.id, verdicts.add(decision.verdict));
		return decision;
	}
}
