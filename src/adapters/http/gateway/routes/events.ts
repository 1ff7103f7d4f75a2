/**
 * `GET /v1/events`: what happens, as server-sent events. A stream is pulled from the log as fast as its reader takes it: what waits is
 * on the log and not in memory, and a reader that takes nothing for a while is cut off.
 */
import { z } from "zod";
import { AssentError } from "../../../../core/base/errors.ts";
import { EVENT_TYPES, type EventType, type GovernanceEvent } from "../../../../core/ledger/projections/events.ts";
import type { Severity } from "../../../../core/model/entries.ts";
import type { Layout } from "../../../../core/model/layout.ts";
import { type DurationMs, MINUTE, SECOND } from "../../../../core/model/units.ts";
import { type EventPlace, parsePlace } from "../../../../operations/event-place.ts";
import { governanceEvents } from "../../../../operations/events.ts";
import { admitsCall, agentOf, type Credential } from "../credential.ts";
import { eventStream, type StreamEnd } from "../event-stream.ts";
import { refused, tooMany } from "../problems.ts";
import { defineRoute, type GatewayParts } from "../route.ts";
import { name } from "../schemas.ts";

/** A line goes out at least this often, so that a broken connection is noticed. */
const IDLE_MS: DurationMs = 15 * SECOND;
/** A reader that takes nothing for so long is cut off. */
const STALL_MS: DurationMs = 30 * SECOND;
/** Then the stream ends, and its reader comes back: to another gateway, where there are several. */
const STREAM_MS: DurationMs = 5 * MINUTE;
/** How soon a stream ends whose credential was revoked. */
const LOOK_EVERY_MS: DurationMs = SECOND;
const STREAMS_PER_CREDENTIAL_MAX = 64;

const SEVERITIES: readonly Severity[] = ["low", "medium", "high", "critical"];

export const streamEvents = defineRoute({
	method: "GET",
	path: "/v1/events",
	name: "streamEvents",
	tag: "agents",
	summary: "Hear what happens, as it happens",
	description:
		'Server-sent events: `event` is the type, `data` one line of JSON, `id` what `Last-Event-ID` resumes behind, at any gateway. Each event comes at least once, with the same `data.id`. An agent\'s credential hears of its own agents, others of their tenant. Arguments are never part of an event. A stream that ends says why in a last event `stream_ended` without an id: `{"reason": "time" | "credential" | "closing" | "slow"}`.',
	roles: ["agent", "approver", "operator", "auditor"],
	query: z.strictObject({
		type: z
			.string()
			.transform((text, context): ReadonlySet<EventType> => {
				const types = text.split(",");
				const unknown = types.find((each) => !EVENT_TYPES.includes(each as EventType));
				if (unknown === undefined) return new Set(types as EventType[]);
				context.addIssue({
					code: "custom",
					message: `there are no events \`${unknown.slice(0, 64)}\`; there are ${EVENT_TYPES.join(", ")}`,
				});
				return z.NEVER;
			})
			.optional()
			.meta({ description: `Some of ${EVENT_TYPES.join(", ")}, separated by commas; all by default.` }),
		agent: name.optional().meta({ description: "Only of this agent." }),
		severity: z
			.enum(["low", "medium", "high", "critical"])
			.optional()
			.meta({ description: "Only what has a severity, of this rank or above." }),
		from: z
			.enum(["start", "end"])
			.optional()
			.meta({ description: "Where to begin without a `Last-Event-ID`: `end` (default) or the log's `start`." }),
	}),
	answers: { 200: { description: "The stream.", schema: null, type: "text/event-stream" } },
	async handle({ query, credential, headers, signal }, parts) {
		const { type: types = new Set(EVENT_TYPES), severity = null, from = "end" } = query;
		const agent = query.agent === undefined ? null : agentFor(credential, query.agent);
		const place = lastPlace(headers["last-event-id"], parts.layout) ?? from;
		const isWanted = (event: GovernanceEvent): boolean =>
			isVisible(credential, event, agent) && (severity === null || isOfRank(event, severity));
		const release = streamOf(parts, credential);
		const life = new StreamLife(credential, parts, signal);
		const options = { types, from: place, isWanted, idleMs: IDLE_MS, signal: life.signal };
		const events = governanceEvents(parts.log, parts.layout, options);
		try {
			// The first says where the stream stands: what is wrong with the request is answered, not streamed.
			const first = await events.next().catch((thrown: unknown) => {
				if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_REWOUND") throw ofAnotherLog();
				throw thrown;
			});
			const endedBy = (): StreamEnd => life.signal.reason as StreamEnd;
			const stream = eventStream(first, events, { stallMs: STALL_MS, endedBy });
			stream.once("close", () => {
				life.end("closing");
				release();
			});
			return { status: 200, type: "text/event-stream; charset=utf-8", stream, headers: { "x-accel-buffering": "no" } };
		} catch (thrown) {
			life.end("closing");
			release();
			throw thrown;
		}
	},
});

/** Aborts when the stream has to end, and says why: `reason` is a StreamEnd. */
class StreamLife {
	readonly #end = new AbortController();
	readonly #looking: NodeJS.Timeout;
	readonly #begunAt = performance.now();

	constructor(credential: Credential, { credentials, closing }: GatewayParts, gone: AbortSignal) {
		this.#looking = setInterval(() => void this.#look(() => credentials.isInForce(credential)), LOOK_EVERY_MS);
		const isOver = { once: true, signal: this.signal };
		for (const other of [closing, gone]) other.addEventListener("abort", () => this.end("closing"), isOver);
		if (closing.aborted || gone.aborted) this.end("closing");
	}

	get signal(): AbortSignal {
		return this.#end.signal;
	}

	/** Nothing after the first has any effect. */
	end(why: StreamEnd): void {
		clearInterval(this.#looking);
		this.#end.abort(why);
	}

	async #look(isInForce: () => Promise<boolean>): Promise<void> {
		if (performance.now() - this.#begunAt >= STREAM_MS) this.end("time");
		// Where nobody can tell, nobody is let through.
		else if (!(await isInForce().catch(() => false))) this.end("credential");
	}
}

/** Who reads for a whole tenant may name any agent of it. */
const readsTenant = ({ roles }: Credential): boolean => roles.some((role) => role !== "agent");

const agentFor = (credential: Credential, agent: string): string =>
	readsTenant(credential) ? agent : agentOf(credential, agent);

function isVisible(credential: Credential, event: GovernanceEvent, agent: string | null): boolean {
	// Of a checkpoint, which is of everybody's ledger, only what a proof needs is told.
	if (event.type === "checkpoint_created") return agent === null;
	if (event.tenant !== credential.tenant) return false;
	return (agent ?? event.agent) === event.agent && (readsTenant(credential) || admitsCall(credential, event));
}

function isOfRank(event: GovernanceEvent, least: Severity): boolean {
	const severities =
		event.type === "policy_violation" || event.type === "tool_call_blocked"
			? [event.severity]
			: event.type === "policy_check"
				? event.reasons.map(({ severity }) => severity)
				: [];
	return severities.some((severity) => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least));
}

function lastPlace(given: string | string[] | undefined, { partitions }: Layout): EventPlace | null {
	if (given === undefined || given === "") return null;
	const place = parsePlace(String(given), partitions);
	if (place === null) throw ofAnotherLog();
	return place;
}

const ofAnotherLog = (): AssentError =>
	refused("`Last-Event-ID` is no place in the events of this deployment", "leave it out, and read from now on");

/** Streams that are open, by credential, of each gateway in this process. */
const OPEN = new WeakMap<GatewayParts, Map<string, number>>();

/** Counts one more stream; what comes back takes it off again. Throws GATEWAY_RATE for one too many. */
function streamOf(parts: GatewayParts, { countedAs: id }: Credential): () => void {
	const open = OPEN.get(parts) ?? new Map<string, number>();
	OPEN.set(parts, open);
	const count = open.get(id) ?? 0;
	if (count >= STREAMS_PER_CREDENTIAL_MAX) throw tooMany(IDLE_MS);
	open.set(id, count + 1);
	let isOpen = true;
	return () => {
		const left = (open.get(id) ?? 1) - (isOpen ? 1 : 0);
		isOpen = false;
		if (left <= 0) open.delete(id);
		else open.set(id, left);
	};
}
