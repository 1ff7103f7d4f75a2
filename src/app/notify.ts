/**
 * The role that tells others what happens: it follows the events of a deployment and posts them to webhooks.
 *
 * N1  Each event that a target wants is posted at least once, under the same id; what is given up is in the file of dead letters.
 * N2  A target's place is saved only when everything before it was taken or given up: whoever starts again goes on there.
 * N3  No target waits for another, and no message of a target for those before it, up to as many as are under way at once.
 */
import { appendFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type BodyForm, bodyOf, type NoticeType, noticeTypeOf } from "../adapters/http/webhooks/bodies.ts";
import { post } from "../adapters/http/webhooks/post.ts";
import { webhookHeaders } from "../adapters/http/webhooks/signature.ts";
import { parseIJson } from "../core/base/canonical-json.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { EventType, GovernanceEvent } from "../core/ledger/projections/events.ts";
import { nameTest } from "../core/match/name-globs.ts";
import type { Severity } from "../core/model/entries.ts";
import type { Layout } from "../core/model/layout.ts";
import { type DurationMs, HOUR, SECOND } from "../core/model/units.ts";
import { type EventPlace, parsePlace } from "../operations/event-place.ts";
import { governanceEvents } from "../operations/events.ts";
import type { Log } from "../ports/log/log.ts";
import { pause } from "../ports/pause.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { replaceFile } from "./file-change.ts";
import { makeFolder } from "./make-folder.ts";
import { readNamedText } from "./named-file.ts";
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

export interface NotifyOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly targets: readonly NotifyTarget[];
	/** Where a target begins that has no place yet. */
	readonly from: "start" | "end";
	/** Paths. */
	readonly placesFile: string;
	readonly deadLettersFile: string;
	readonly telemetry: Telemetry;
	readonly signal: AbortSignal;
	/** Called when every target stands at its place: what happens from then on is told. */
	readonly onReady?: () => void;
	/** Pauses before the second try and those after it; 1 s, doubled up to 1 h by default. */
	readonly pauses?: readonly DurationMs[];
}

export interface NotifyCounts {
	readonly sent: number;
	readonly retried: number;
	/** Given up, and in the file of dead letters. */
	readonly dead: number;
}

/** 1 s, doubled up to 1 h: two hours in all. */
const PAUSES: readonly DurationMs[] = [...Array.from({ length: 12 }, (_, doubled) => SECOND * 2 ** doubled), HOUR];

/** Messages of one target that are under way at once: beyond it the log is read no further. */
const UNDER_WAY_MAX = 64;
const IDLE_MS: DurationMs = 15 * SECOND;
/** At the end: for answers that are under way. */
const GRACE_MS: DurationMs = 2 * SECOND;
const SAVE_EVERY_MS: DurationMs = SECOND;

/** Until the signal aborts. Throws ASSENT_FILE_UNREADABLE for places that cannot be read, or are of another log. */
export async function notify(options: NotifyOptions): Promise<NotifyCounts> {
	const { layout, placesFile, targets, signal } = options;
	const places = await Places.read(placesFile, layout);
	const counts = { sent: 0, retried: 0, dead: 0 };
	const over = new AbortController();
	const cutOff = new AbortController();
	const ends = AbortSignal.any([signal, over.signal]);
	const saving = places.saveUntil(ends);
	ends.addEventListener("abort", () => setTimeout(() => cutOff.abort(), GRACE_MS).unref(), { once: true });
	let unplaced = targets.length;
	const onPlaced = (): void => {
		unplaced -= 1;
		if (unplaced === 0) options.onReady?.();
	};
	const parts = { ...options, signal: ends, cutOff: cutOff.signal, onPlaced };
	try {
		await Promise.all(targets.map((target) => new TargetRun(target, parts, places, counts).run()));
	} finally {
		over.abort();
		await saving;
	}
	return counts;
}

type Counts = { -readonly [Count in keyof NotifyCounts]: number };

/** A message on its way. */
interface UnderWay {
	readonly place: string;
	isOver: boolean;
}

/** `cutOff`: the end of messages under way, some time after the signal. */
type RunOptions = NotifyOptions & { readonly cutOff: AbortSignal; readonly onPlaced: () => void };

class TargetRun {
	readonly #target: NotifyTarget;
	readonly #options: RunOptions;
	readonly #places: Places;
	readonly #counts: Counts;
	/** In the order of the events. */
	readonly #underWay: UnderWay[] = [];
	#onOver: () => void = () => {};

	constructor(target: NotifyTarget, options: RunOptions, places: Places, counts: Counts) {
		this.#target = target;
		this.#options = options;
		this.#places = places;
		this.#counts = counts;
	}

	async run(): Promise<void> {
		const { log, layout, from, signal } = this.#options;
		const running = new Set<Promise<void>>();
		let failure: unknown = null;
		const events = governanceEvents(log, layout, {
			types: eventTypesOf(this.#target.types),
			from: this.#places.of(this.#target.name) ?? from,
			isWanted: wantedBy(this.#target),
			idleMs: IDLE_MS,
			signal,
		});
		let isPlaced = false;
		for await (const { event, place } of events) {
			if (!isPlaced) this.#options.onPlaced();
			isPlaced = true;
			const type = event === null ? null : noticeTypeOf(event);
			const one = { place, isOver: event === null || type === null };
			this.#underWay.push(one);
			this.#advance();
			if (event === null || type === null) continue;
			const delivery = this.#deliver(event, type)
				.then((isOver) => {
					one.isOver = isOver;
				})
				.catch((thrown: unknown) => {
					failure ??= thrown;
				})
				.finally(() => {
					running.delete(delivery);
					this.#advance();
					this.#onOver();
				});
			running.add(delivery);
			while (running.size >= UNDER_WAY_MAX && failure === null && !signal.aborted) await this.#nextOver();
			if (failure !== null) break;
		}
		await Promise.all(running);
		if (failure !== null) throw failure;
	}

	#nextOver(): Promise<void> {
		return new Promise((resolve) => {
			this.#onOver = resolve;
		});
	}

	/** The place behind everything that is over without a gap. */
	#advance(): void {
		while (this.#underWay[0]?.isOver === true) {
			this.#places.set(this.#target.name, (this.#underWay.shift() as UnderWay).place);
		}
	}

	/** False where the end came first. */
	async #deliver(event: GovernanceEvent, type: NoticeType): Promise<boolean> {
		const { signal, cutOff, telemetry, pauses = PAUSES } = this.#options;
		const { name, url, secret, timeoutMs } = this.#target;
		const id = `${type}_${event.id}`;
		const body = bodyOf(this.#target.body, event, type);
		for (let attempt = 1; ; attempt += 1) {
			const atSeconds = Math.floor(Date.now() / SECOND);
			const headers = { "user-agent": `assent/${VERSION}`, ...webhookHeaders(secret, { id, atSeconds, body }) };
			const posted = await post(url, { headers, body, timeoutMs, signal: cutOff });
			if (posted.kind === "taken") {
				this.#counts.sent += 1;
				return true;
			}
			if (signal.aborted) return false;
			const pauseMs = pauses[attempt - 1];
			const { why, waitMs } = posted;
			if (pauseMs === undefined) {
				await this.#giveUp({ target: name, id, attempts: attempt, why, body });
				return true;
			}
			this.#counts.retried += 1;
			telemetry.warn("notify.retrying", { target: name, id, attempt, why });
			await pause(Math.min(HOUR, Math.max(pauseMs, waitMs)), signal);
			if (signal.aborted) return false;
		}
	}

	async #giveUp(letter: { target: string; id: string; attempts: number; why: string; body: string }): Promise<void> {
		const { deadLettersFile, telemetry } = this.#options;
		const { body, ...facts } = letter;
		const at = new Date().toISOString();
		await makeFolder(dirname(deadLettersFile));
		await appendFile(deadLettersFile, `${JSON.stringify({ at, ...facts, body: JSON.parse(body) as unknown })}\n`, {
			mode: 0o600,
		});
		this.#counts.dead += 1;
		telemetry.error("notify.dead", facts);
	}
}

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

/** How far each target has come, in a file. */
class Places {
	readonly #file: string;
	readonly #partitions: number;
	readonly #places: Map<string, string>;
	#isChanged = false;

	private constructor(file: string, partitions: number, places: Map<string, string>) {
		this.#file = file;
		this.#partitions = partitions;
		this.#places = places;
	}

	static async read(file: string, { partitions }: Layout): Promise<Places> {
		const read = await readNamedText(file);
		if (!read.ok) {
			if (read.error.code !== "ASSENT_FILE_MISSING") throw new AssentError(read.error);
			return new Places(file, partitions, new Map());
		}
		const parsed = parseIJson(read.value);
		const places = parsed.ok ? (parsed.value as { readonly places?: unknown } | null)?.places : null;
		const entries = places !== null && typeof places === "object" ? Object.entries(places) : null;
		if (entries === null || !entries.every(([, place]) => parsePlace(String(place), partitions) !== null)) {
			const help = "name another file, or delete it: targets then begin at the log's end or `--from start`";
			throw new AssentError(
				problem("ASSENT_FILE_UNREADABLE", `\`${file}\` does not hold places of this log`, help, { file }),
			);
		}
		return new Places(file, partitions, new Map(entries.map(([name, place]) => [name, String(place)])));
	}

	of(name: string): EventPlace | null {
		const place = this.#places.get(name);
		return place === undefined ? null : parsePlace(place, this.#partitions);
	}

	set(name: string, place: string): void {
		this.#isChanged ||= this.#places.get(name) !== place;
		this.#places.set(name, place);
	}

	/** Saves what has changed now and then, and at the end. */
	async saveUntil(signal: AbortSignal): Promise<void> {
		await makeFolder(dirname(this.#file));
		while (!signal.aborted) {
			await pause(SAVE_EVERY_MS, signal);
			await this.#save();
		}
		await this.#save();
	}

	/** The whole file at once: whoever reads it finds the old places or the new ones. */
	async #save(): Promise<void> {
		if (!this.#isChanged) return;
		this.#isChanged = false;
		const places = Object.fromEntries(this.#places);
		await replaceFile(this.#file, `${JSON.stringify({ places }, null, "\t")}\n`);
	}
}
