/**
 * What keeps a partition that is owned from deciding, and what ends that. Every pause is told again and again, is in the
 * partition's status, and leaves the way open for the record that ends it.
 *
 * P1  While the policies in force cannot be compiled here, intents wait and control goes on: a later activation and a halt
 *     get through, unless those policies ask for signatures. What of control needs the policies (a grant, an adjustment) has no
 *     effect, and says so.
 * P2  An activation without its bundle is waited with as long as it is the last control record.
 * P3  A control record of an unknown schema could be a halt. Nobody passes over it but behind a halt of everything.
 */
import { decodeInput } from "../core/codec/decode.ts";
import type { DurationMs, Offset } from "../core/model/units.ts";
import type { State } from "../core/state/state.ts";
import type { FactsOf } from "../ports/events.ts";
import { type Log, type LogRecord, POLICIES_AT, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { LogCatalogue } from "../reading/catalogue.ts";
import type { Standing } from "./status.ts";
import type { IsIssued } from "./step.ts";

/** How often a pause is told again. */
const COMPLAINT_MS: DurationMs = 30_000;

export interface PauseOptions {
	readonly log: Log;
	readonly partition: number;
	readonly catalogue: LogCatalogue;
	readonly telemetry: Telemetry;
	readonly standing: Standing;
}

export class Pauses {
	readonly #options: PauseOptions;
	#toldAt: DurationMs | null = null;

	constructor(options: PauseOptions) {
		this.#options = options;
	}

	/** Whether the policies in force cannot be compiled here. What another version put into force is not the same as no policy. */
	isBlind({ policy: { digest } }: State): boolean {
		if (digest === "") return false;
		return isUnknown(this.#options.catalogue.get(digest));
	}

	/** Looks for the bundle that is missing, and says that it is. False: nothing is missing. */
	async lookFor(state: State): Promise<boolean> {
		const { catalogue } = this.#options;
		const { digest } = state.policy;
		if (catalogue.isUnprepared(digest)) await catalogue.prepare(digest);
		if (!this.isBlind(state)) return false;
		await catalogue.refresh();
		await catalogue.prepare(digest);
		if (!this.isBlind(state)) return false;
		const found = catalogue.get(digest);
		this.#say({ digest, why: typeof found === "string" ? UNUSABLE[found] : MISSING });
		return true;
	}

	/** What to wait for beside inputs while the policies in force cannot be compiled. */
	get position() {
		return { ...POLICIES_AT, offset: this.#options.catalogue.next };
	}

	/** Waits until the bundle of an activation is there, or more control is, which may end the wait for it. False: told to stop. */
	async awaitBundle(digest: string, from: LogRecord, end: AbortSignal): Promise<boolean> {
		const { log, catalogue, partition } = this.#options;
		const behind = { topic: TOPICS.control, partition, offset: from.offset + 1 };
		while (!end.aborted) {
			// What is known and good needs nobody: the broker that leads the policies may be away.
			if (!catalogue.isGood(digest)) await catalogue.refresh();
			if (catalogue.isThere(digest) || (await log.bounds(behind)).end > behind.offset) {
				this.over();
				return true;
			}
			this.#say({
				digest,
				why: "the bundle of the activated policy is not on the log: publish it, or activate another policy",
			});
			await log.waitFor([behind, this.position], { timeoutMs: COMPLAINT_MS, signal: end });
		}
		return false;
	}

	/**
	 * Waits with a control record of an unknown schema until an upgrade ends this process, or a halt of everything is behind
	 * it: where that is. Null: told to stop.
	 */
	async awaitHalt({ offset }: LogRecord, end: AbortSignal, isIssued: IsIssued): Promise<Offset | null> {
		const { log, partition } = this.#options;
		const control = { topic: TOPICS.control, partition };
		let next = offset + 1;
		while (!end.aborted) {
			for await (const records of readToEnd(log, control, next)) {
				const halt = records.find((record) => isHaltOfAll(record, isIssued));
				if (halt !== undefined) {
					this.over();
					return halt.offset;
				}
				next = (records.at(-1)?.offset ?? next) + 1;
			}
			this.#say({
				offset,
				why: "a control record has a schema that this version does not know and could be a halt: upgrade this processor, or set a halt of everything, behind which it is passed over",
			});
			await log.waitFor([{ ...control, offset: next }], { timeoutMs: COMPLAINT_MS, signal: end });
		}
		return null;
	}

	/** The pause is over: the next one is told at once. */
	over(): void {
		this.#toldAt = null;
	}

	#say({ why, ...facts }: Omit<FactsOf<"partition.paused">, "partition">): void {
		const { standing, telemetry, partition } = this.#options;
		standing.enter("paused", why);
		const now = performance.now();
		if (this.#toldAt !== null && now - this.#toldAt < COMPLAINT_MS) return;
		this.#toldAt = now;
		telemetry.error("partition.paused", { partition, ...facts, why });
	}
}

/** A bad bundle may be followed by a good one. */
const isUnknown = (found: ReturnType<LogCatalogue["get"]>): boolean => found === null || typeof found === "string";

const MISSING = "the bundle of the policy in force is not on the log: publish it again, or activate another policy";
const UNUSABLE = {
	invalid:
		"the bundle of the policy in force is there and this version cannot compile it: activate one that it can, or upgrade this processor",
	unsigned:
		"the bundle of the policy in force is not signed by a key of `policyKeys`: sign it and activate it again, or activate another one",
} as const;

function isHaltOfAll(from: LogRecord, isIssued: IsIssued): boolean {
	const read = decodeInput(from.value, "control");
	if (!read.ok || read.value.type !== "halt.set") return false;
	const { tenant, agent, session } = read.value.scope;
	return tenant === null && agent === null && session === null && isIssued(from, read.value);
}
