/** One target of `assent notify`: what it is told, and how a message gets there. */
import { type BodyForm, bodyOf, type NoticeType, noticeTypeOf } from "../adapters/http/webhooks/bodies.ts";
import { post } from "../adapters/http/webhooks/post.ts";
import { webhookHeaders } from "../adapters/http/webhooks/signature.ts";
import type { EventType, GovernanceEvent } from "../core/ledger/projections/events.ts";
import { nameTest } from "../core/match/name-globs.ts";
import type { Severity } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import { type DurationMs, HOUR, MINUTE, SECOND } from "../core/model/units.ts";
import { governanceEvents } from "../operations/events.ts";
import type { Log } from "../ports/log/log.ts";
import type { NotifyMeter } from "../ports/notify-meter.ts";
import { pause } from "../ports/pause.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { keepDeadLetter } from "./dead-letters.ts";
import type { NotifyPlaces } from "./notify-places.ts";
import { UnderWayList } from "./under-way.ts";
import { VERSION } from "./version.ts";

export interface NotifyTarget {
	/** Its place is kept under this name. */
	readonly name: string;
	readonly url: string;
	readonly body: BodyForm;
	/** Null: messages are not signed. */
	readonly secret: Uint8Array | null;
	readonly types: ReadonlySet<NoticeType>;
	/** Of violations and blocked calls: this rank or above. */
	readonly severity: Severity;
	/** Globs. */
	readonly tenants: readonly string[];
	readonly agents: readonly string[];
	readonly timeoutMs: DurationMs;
}

export interface TargetParts {
	readonly log: Log;
	readonly layout: Layout;
	/** Where a target begins that has no place yet. */
	readonly from: "start" | "end";
	readonly places: NotifyPlaces;
	/** Path. */
	readonly deadLettersFile: string;
	readonly telemetry: Telemetry;
	readonly meter: NotifyMeter;
	/** Pauses before the second try and those after it. */
	readonly pauses: readonly DurationMs[];
	/** Nothing new begins after `signal`; `cutOff` ends what is under way. */
	readonly signal: AbortSignal;
	readonly cutOff: AbortSignal;
	/** Called once the target stands at its place. */
	readonly onPlaced: () => void;
	/** What no target can go on after. */
	readonly fail: (thrown: unknown) => void;
}

/** Messages of one target that are under way at once: beyond it the log is read no further. */
const UNDER_WAY_MAX = 64;
const IDLE_MS: DurationMs = 15 * SECOND;

export class TargetRun {
	readonly #target: NotifyTarget;
	readonly #parts: TargetParts;
	readonly #underWay = new UnderWayList();
	#onOver: () => void = () => {};

	constructor(target: NotifyTarget, parts: TargetParts) {
		this.#target = target;
		this.#parts = parts;
	}

	/** Until the signal aborts, and what is under way has ended. Throws what reading the log throws. */
	async run(): Promise<void> {
		const { log, layout, from, places, signal, onPlaced, fail } = this.#parts;
		const running = new Set<Promise<void>>();
		const events = governanceEvents(log, layout, {
			types: eventTypesOf(this.#target.types),
			from: places.of(this.#target.name) ?? from,
			isWanted: wantedBy(this.#target),
			idleMs: IDLE_MS,
			signal,
		});
		let isPlaced = false;
		for await (const { event, place } of events) {
			if (!isPlaced) onPlaced();
			isPlaced = true;
			const type = event === null ? null : noticeTypeOf(event);
			const one = { place, at: event?.at ?? null, isOver: type === null };
			this.#underWay.add(one);
			this.#advance();
			if (event === null || type === null) continue;
			const delivery = this.#deliver(event, type)
				.then((isOver) => {
					one.isOver = isOver;
				})
				.catch(fail)
				.finally(() => {
					running.delete(delivery);
					this.#advance();
					this.#onOver();
				});
			running.add(delivery);
			while (running.size >= UNDER_WAY_MAX && !signal.aborted) await this.#nextOver();
		}
		await Promise.all(running);
	}

	#nextOver(): Promise<void> {
		return new Promise((resolve) => {
			this.#onOver = resolve;
		});
	}

	#advance(): void {
		const { places, meter } = this.#parts;
		const { name } = this.#target;
		const place = this.#underWay.advance();
		if (place !== null) places.set(name, place);
		const { open } = this.#underWay;
		meter.underWay(name, open.length, open[0]?.at ?? null);
	}

	/** False where the end came first. */
	async #deliver(event: GovernanceEvent, type: NoticeType): Promise<boolean> {
		const { signal, cutOff, telemetry, meter, pauses } = this.#parts;
		const { name, url, secret, timeoutMs } = this.#target;
		const id = messageId(event, type);
		const body = bodyOf(this.#target.body, event, type);
		for (let attempt = 1; ; attempt += 1) {
			const atSeconds = Math.floor(Date.now() / SECOND);
			const headers = { "user-agent": `assent/${VERSION}`, ...webhookHeaders(secret, { id, atSeconds, body }) };
			const posted = await post(url, { headers, body, timeoutMs, signal: cutOff });
			if (posted.kind === "taken") {
				meter.ended(name, "sent");
				return true;
			}
			if (signal.aborted) return false;
			const { why, waitMs } = posted;
			const pauseMs = pauses[attempt - 1];
			if (pauseMs === undefined) return this.#giveUp({ target: name, id, attempts: attempt, why }, body);
			meter.retried(name);
			telemetry.warn("notify.retrying", { target: name, id, attempt, why });
			await pause(Math.min(HOUR, Math.max(pauseMs, waitMs)), signal);
			if (signal.aborted) return false;
		}
	}

	/** Not over before it is in the file: a disk that is full is waited for. */
	async #giveUp(
		facts: { readonly target: string; readonly id: string; readonly attempts: number; readonly why: string },
		body: string,
	): Promise<boolean> {
		const { deadLettersFile, telemetry, meter, signal } = this.#parts;
		const letter = { at: new Date().toISOString(), ...facts, body: JSON.parse(body) as unknown };
		for (let isTold = false; ; isTold = true) {
			try {
				await keepDeadLetter(deadLettersFile, letter);
				break;
			} catch (thrown) {
				if (!isTold) telemetry.error("notify.unsaved", { file: deadLettersFile, why: (thrown as Error).message });
				await pause(MINUTE, signal);
				if (signal.aborted) return false;
			}
		}
		meter.ended(facts.target, "dead");
		telemetry.error("notify.dead", facts);
		return true;
	}
}

/**
 * The same however often it is sent, and by whom; the time sets events of one place apart whose logs are not the same: one receiver
 * may be told by several deployments.
 */
const messageId = (event: GovernanceEvent, type: NoticeType): string => `${type}_${event.id}_${event.at.toString(36)}`;

const eventTypesOf = (types: ReadonlySet<NoticeType>): ReadonlySet<EventType> =>
	new Set([...types].map((type) => (type === "hold" ? "policy_check" : type)));

const RANKS: readonly Severity[] = ["low", "medium", "high", "critical"];

function wantedBy({ types, severity, tenants, agents }: NotifyTarget): (event: GovernanceEvent) => boolean {
	const [isTenant, isAgent] = [nameTest(tenants, true), nameTest(agents, true)];
	return (event) => {
		const type = noticeTypeOf(event);
		if (type === null || !types.has(type)) return false;
		if (event.type === "checkpoint_created") return true;
		const isRanked = event.type === "policy_violation" || event.type === "tool_call_blocked";
		if (isRanked && RANKS.indexOf(event.severity) < RANKS.indexOf(severity)) return false;
		return isTenant(event.tenant) && isAgent(event.agent);
	};
}
