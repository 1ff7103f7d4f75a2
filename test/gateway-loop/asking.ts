/** Agents that ask over HTTP while gateways and processors are killed under them. What they ran and were told is kept for the end. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Verdict } from "../../src/core/model/entries.ts";
import type { Dice } from "../kill-loop/dice.ts";
import type { Answer, Requests } from "./requests.ts";
import { allowOf, nameOf, type TokenUses } from "./uses.ts";

export interface AskingOptions {
	readonly requests: Requests;
	readonly uses: TokenUses;
	readonly dice: Dice;
	/** Lanes take them in turn. */
	readonly agents: readonly string[];
}

/** How many calls are asked for by two at once, each with an executor of its own; both then use the token that one was given. */
const ASKED_TWICE = 0.1;
/** How many executors use their token up at the gateway; the others by the library. */
const USED_AT_GATEWAY = 0.5;
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

export class AskingAgents {
	/** By intent, every verdict that somebody who asked was told. */
	readonly told = new Map<string, Set<Verdict>>();
	/** By intent, the allow (`iss/jti`) of every run of the tool's body. */
	readonly runs = new Map<string, string[]>();
	/** Runs whose executor died, or reported that it lost sight of them. */
	readonly unfinished = new Set<string>();
	/** Answers about another call than was asked, and tokens for another. */
	readonly crossed: string[] = [];
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
		const executors = Array.from({ length: dice.chance(ASKED_TWICE) ? 2 : 1 }, drawName);
		const tokens = await Promise.all(executors.map((executor) => this.#ask(call, executor)));
		// An executor that was not given the call is handed the other's token, and races for it.
		const handed = tokens.find((token) => token !== null);
		if (handed === undefined || handed === null) return;
		await Promise.all(tokens.map((token) => this.#execute(call, token ?? handed)));
	}

	/** Asks until somebody answers. The token; null where this executor may not run the call. */
	async #ask(call: Call, executor: string): Promise<string | null> {
		const answer = await this.#options.requests.insist("/v1/intents?wait=2s", { ...call, executor });
		if (answer === null) {
			this.givenUp += 1;
			return null;
		}
		return this.#heard(call, executor, answer);
	}

	#heard(call: Call, executor: string, { body }: Answer): string | null {
		if (body["id"] !== call.id || body["executor"] !== executor) this.crossed.push(call.id);
		if (body["source"] === "reply") {
			const verdicts = this.told.get(call.id) ?? new Set();
			this.told.set(call.id, verdicts.add(body["verdict"] as Verdict));
		}
		if (body["mayRun"] !== true) return null;
		const token = String(body["token"]);
		const { int, aud } = allowOf(token);
		if (int !== call.id || aud !== executor) this.crossed.push(call.id);
		return token;
	}

	/** One executor's part: uses the token up, runs what may run, and reports. */
	async #execute({ id, agent, session, tool, args }: Call, token: string): Promise<void> {
		const { dice, uses, requests } = this.#options;
		const way = dice.chance(USED_AT_GATEWAY) ? "gateway" : "library";
		if (!(await uses.use({ token, tool, args }, way))) return;
		this.runs.set(id, [...(this.runs.get(id) ?? []), nameOf(allowOf(token))]);
		await sleep(dice.upTo(20));
		if (dice.chance(DIES)) {
			this.unfinished.add(id);
			return;
		}
		const isLost = dice.chance(LOSES_SIGHT);
		if (isLost) this.unfinished.add(id);
		const usage = { tokens: dice.upTo(600), durationMs: dice.upTo(200) };
		const report = isLost ? { status: "unknown" } : { status: "ok", usage };
		if ((await requests.insist("/v1/outcomes", { id, agent, session, ...report })) === null) this.unfinished.add(id);
	}
}

const drawName = (): string => randomBytes(12).toString("base64url");
