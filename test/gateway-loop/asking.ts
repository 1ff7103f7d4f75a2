/** Agents that ask over HTTP while gateways and processors are killed under them. What they ran and were told is kept for the end. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Verdict } from "../../src/core/model/entries.ts";
import type { Dice } from "../kill-loop/dice.ts";

export interface AskingOptions {
	/** Where the gateway is, whenever there is one. */
	readonly url: string;
	readonly key: string;
	readonly dice: Dice;
	/** Lanes take them in turn. */
	readonly agents: readonly string[];
}

/** How long a call is asked for again, where nobody answers. */
const PATIENCE_MS = 20_000;
const PAUSE_MS = 50;
/** How many calls are asked for by two at once, each with an executor of its own. */
const ASKED_TWICE = 0.1;
/** How many executors die with a call under way, and how many lose sight of it and say so. */
const DIES = 0.05;
const LOSES_SIGHT = 0.05;

interface Call {
	readonly id: string;
	readonly agent: string;
	readonly session: string;
	readonly tool: string;
	readonly args: object;
	readonly estimate: { readonly tokens: number };
}

interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
}

export class AskingAgents {
	/** By intent, every verdict that somebody who asked was told. */
	readonly told = new Map<string, Set<Verdict>>();
	/** By intent, how often the tool's body ran. */
	readonly runs = new Map<string, number>();
	/** Runs whose executor died, or reported that it lost sight of them. */
	readonly unfinished = new Set<string>();
	/** Answers about another call than was asked. */
	readonly crossed: string[] = [];
	/** Statuses that nobody expects, with their codes. */
	readonly unexpected: string[] = [];
	/** Requests that met no gateway, or lost theirs before the answer. */
	lost = 0;
	/** Distinct intents. */
	calls = 0;
	/** Calls that nobody answered while their caller was patient. */
	givenUp = 0;
	readonly #options: AskingOptions;

	constructor(options: AskingOptions) {
		this.#options = options;
	}

	/** Works in this many lanes until told to stop; a lane finishes its call first. */
	async load({ until, lanes }: { readonly until: () => boolean; readonly lanes: number }): Promise<void> {
		await Promise.all(
			Array.from({ length: lanes }, async (_, lane) => {
				while (!until()) await this.#call(lane);
			}),
		);
	}

	async #call(lane: number): Promise<void> {
		const { dice, agents } = this.#options;
		this.calls += 1;
		const { tool, args, estimate } = dice.call();
		const id = `g-${this.calls}`;
		const agent = agents[lane % agents.length] as string;
		const session = `run-${lane}-${Math.floor(this.calls / 200)}`;
		const call: Call = { id, agent, session, tool, args, estimate: { tokens: estimate.tokens } };
		const askers = dice.chance(ASKED_TWICE) ? 2 : 1;
		await Promise.all(Array.from({ length: askers }, () => this.#execute(call)));
	}

	/** One executor's part: asks until somebody answers, runs what may run, and reports. */
	async #execute(call: Call): Promise<void> {
		const { dice } = this.#options;
		const executor = randomBytes(12).toString("base64url");
		const answer = await this.#insist("/v1/intents?wait=2s", { ...call, executor });
		if (answer === null) {
			this.givenUp += 1;
			return;
		}
		const { body } = answer;
		if (body["id"] !== call.id || body["executor"] !== executor) this.crossed.push(call.id);
		if (body["source"] === "reply") {
			const verdicts = this.told.get(call.id) ?? new Set();
			this.told.set(call.id, verdicts.add(body["verdict"] as Verdict));
		}
		if (body["mayRun"] !== true) return;
		this.runs.set(call.id, (this.runs.get(call.id) ?? 0) + 1);
		await sleep(dice.upTo(20));
		if (dice.chance(DIES)) {
			this.unfinished.add(call.id);
			return;
		}
		const isLost = dice.chance(LOSES_SIGHT);
		if (isLost) this.unfinished.add(call.id);
		const { id, agent, session } = call;
		const usage = { tokens: dice.upTo(600), durationMs: dice.upTo(200) };
		const report = isLost ? { status: "unknown" } : { status: "ok", usage };
		if ((await this.#insist("/v1/outcomes", { id, agent, session, ...report })) === null) this.unfinished.add(id);
	}

	/** The first answer that is none of a gateway that ends or is not there; null when the caller's patience is at its end. */
	async #insist(path: string, body: object): Promise<Answer | null> {
		const until = performance.now() + PATIENCE_MS;
		while (performance.now() < until) {
			const answer = await this.#ask(path, body);
			if (answer !== null && answer.status < 300) return answer;
			if (answer !== null && answer.status !== 503) {
				this.unexpected.push(
					`${path} ${answer.status} ${String(answer.body["code"])} ${String(answer.body["detail"])}`,
				);
				return null;
			}
			await sleep(PAUSE_MS);
		}
		return null;
	}

	async #ask(path: string, body: object): Promise<Answer | null> {
		const { url, key } = this.#options;
		try {
			const response = await fetch(`${url}${path}`, {
				method: "POST",
				headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
				body: JSON.stringify(body),
				signal: AbortSignal.timeout(5_000),
			});
			return { status: response.status, body: (await response.json()) as Answer["body"] };
		} catch {
			this.lost += 1;
			return null;
		}
	}
}
