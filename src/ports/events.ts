/**
 * The one table of events that a running part tells its operators. A name, once published, keeps its meaning; facts may be
 * added. None holds arguments of a call.
 */

export type Level = "info" | "warn" | "error";

interface EventForm {
	readonly level: Level;
	readonly from: "processor" | "client" | "gateway" | "notify" | "notary";
	/** What comes with it, by name; `?` behind the kind of one that may be missing. */
	readonly facts: Readonly<Record<string, FactKind>>;
	readonly means: string;
}

type FactKind = "text" | "number" | "text?" | "number?";

export const EVENTS = {
	"log.settings": {
		level: "warn",
		from: "processor",
		facts: { risks: "number", first: "text", help: "text" },
		means:
			"once at the start: the log's settings differ from what a deployment should have; how many risks there are, and the first",
	},
	"processor.assigned": {
		level: "info",
		from: "processor",
		facts: { instance: "text", partitions: "number" },
		means: "partitions were given to this process",
	},
	"processor.handed_over": {
		level: "info",
		from: "processor",
		facts: { partitions: "number", why: "text" },
		means: "the group rebalanced and gave these partitions to others",
	},
	"processor.lost": {
		level: "warn",
		from: "processor",
		facts: { partitions: "number", why: "text" },
		means: "partitions went to others, and not by a rebalance",
	},
	"processor.failed": {
		level: "error",
		from: "processor",
		facts: { code: "text", why: "text" },
		means: "this process cannot go on, and ends",
	},
	"topic.altered": {
		level: "error",
		from: "processor",
		facts: { code: "text", why: "text" },
		means:
			"`intents`, `control` or `decisions` were given other partitions than the layout has: `/readyz` is 503 from then on",
	},
	"group.failed": {
		level: "error",
		from: "processor",
		facts: { code: "text", why: "text" },
		means: "the group has not accepted this process as a member; repeated every half minute while that lasts",
	},
	"group.recovered": {
		level: "info",
		from: "processor",
		facts: { instance: "text" },
		means: "the group has accepted this process as a member again",
	},
	"ledger.recreated": {
		level: "error",
		from: "processor",
		facts: { partition: "number", entries: "number" },
		means: "a partition's ledger, and everything derived from it, was recreated under this process: it begins again",
	},
	"partition.restoring": {
		level: "info",
		from: "processor",
		facts: { partition: "number", records: "number", of: "number" },
		means: "how far a restore has come, each 5 s",
	},
	"partition.restored": {
		level: "info",
		from: "processor",
		facts: { partition: "number", entries: "number", fromSnapshot: "number", ms: "number" },
		means: "a ledger was read, from the entry of a snapshot or from 0; deciding begins",
	},
	"partition.reclaimed": {
		level: "warn",
		from: "processor",
		facts: { partition: "number", why: "text" },
		means: "a claim was lost; the partition is claimed again",
	},
	"partition.paused": {
		level: "error",
		from: "processor",
		facts: { partition: "number", why: "text", digest: "text?", offset: "number?" },
		means: "it waits for the bundle of this digest, or for an upgrade that can read the control record at this offset",
	},
	"partition.failed": {
		level: "error",
		from: "processor",
		facts: { partition: "number", code: "text", why: "text" },
		means: "it is broken and is tried again; the others go on",
	},
	"partition.stalled": {
		level: "error",
		from: "processor",
		facts: { partition: "number", since: "text", log: "text" },
		means: "inputs have waited for 15 s and none was taken: `/readyz` is 503 until one is",
	},
	"policy.bundle.invalid": {
		level: "error",
		from: "processor",
		facts: { digest: "text", why: "text" },
		means: "a published bundle cannot be used",
	},
	"policy.compiler.failed": {
		level: "warn",
		from: "processor",
		facts: { digest: "text", why: "text" },
		means: "a bundle could not be compiled beside deciding: deciding waits while it is",
	},
	"policy.review.failed": {
		level: "warn",
		from: "processor",
		facts: { digest: "text", why: "text" },
		means: "a bundle could not be compared with the one in force: it needs a second operator",
	},
	"policy.bundle.unsigned": {
		level: "error",
		from: "processor",
		facts: { digest: "text", why: "text" },
		means: "a published bundle is not signed by a key of `policyKeys`, and is not used",
	},
	"reply.undelivered": {
		level: "warn",
		from: "processor",
		facts: { topic: "text", partition: "number", records: "number", untold: "number", why: "text" },
		means:
			"replies were given up because their topic is missing or too slow; their clients ask again. Told once a topic and of eight topics at most in 30 s; `untold` were given up since without a line",
	},
	"projection.unpublished": {
		level: "error",
		from: "processor",
		facts: { topic: "text", partition: "number", records: "number", why: "text" },
		means: "records derived from entries could not be published; the partition is claimed again and sends it again",
	},
	"projection.unwritable": {
		level: "error",
		from: "processor",
		facts: { partition: "number", seq: "number", type: "text", why: "text" },
		means: "a record could not be derived from an entry; a dead letter says so, and the partition goes on",
	},
	"snapshot.passed": {
		level: "warn",
		from: "processor",
		facts: { partition: "number", seq: "number", why: "text" },
		means: "a snapshot was not used: damaged, of another version or of another ledger; the ledger itself is read",
	},
	"snapshot.unwritten": {
		level: "warn",
		from: "processor",
		facts: { partition: "number", why: "text" },
		means: "the next restore reads more of the ledger",
	},
	"usage.unreported": {
		level: "warn",
		from: "processor",
		facts: { partition: "number", policy: "text", limit: "text", measure: "text", why: "text" },
		means:
			"outcomes do not report what a limit counts, once for each limit; it needs a `reserve`, and its tools a `usageOf`",
	},
	"listener.threw": {
		level: "warn",
		from: "client",
		facts: { name: "text", why: "text" },
		means: "a listener of an event of the client failed; the others were called",
	},
	"token.refused": {
		level: "warn",
		from: "client",
		facts: { id: "text", code: "text", why: "text" },
		means: "a call was allowed, and did not run: its token was not accepted where it was about to",
	},
	"token.keys.unread": {
		level: "warn",
		from: "client",
		facts: { why: "text" },
		means:
			"a decision came with a token, and the keys to check it with cannot be read from `policies`: the call ran without; name them with `tokenKeys`",
	},
	"payload.sealed": {
		level: "error",
		from: "processor",
		facts: { partition: "number", offset: "number", intents: "number" },
		means:
			"sealed intents were denied because their keys are not in this processor's file of keys, or that cannot be read: how many of those just read, and where the first of them is",
	},
	"answer.foreign": {
		level: "warn",
		from: "client",
		facts: { id: "text", about: "text", verdict: "text", partition: "number", seq: "number" },
		means: "an answer to a call's address was about another call, and was ignored",
	},
	"intent.unsent": {
		level: "warn",
		from: "client",
		facts: { id: "text", why: "text" },
		means: "the log did not take an intent; it is sent again until its deadline",
	},
	"intent.unabandoned": {
		level: "warn",
		from: "client",
		facts: { id: "text", why: "text" },
		means: "a call that nothing waits for could not be abandoned; what it reserved comes back at its deadline only",
	},
	"outcome.unreported": {
		level: "warn",
		from: "client",
		facts: { id: "text", tool: "text", why: "text" },
		means: "an outcome could not be reported; the call settles at what was reserved, at its deadline",
	},
	"outcome.incomplete": {
		level: "warn",
		from: "client",
		facts: { id: "text", tool: "text", why: "text" },
		means: "an outcome leaves out what limits count; once for each cause",
	},
	"tools.running": {
		level: "warn",
		from: "client",
		facts: { count: "number", first: "text", why: "text" },
		means: "the client is closed while tools run, whose outcomes it reports as unknown; the first of them is named",
	},
	"tool.ended_late": {
		level: "warn",
		from: "client",
		facts: { id: "text", tool: "text", status: "text", ms: "number" },
		means: "a tool ended after its deadline",
	},
	"replies.lost": {
		level: "error",
		from: "client",
		facts: { why: "text" },
		means: "no answer can be read any more; every call that waits is denied",
	},
	"gateway.failed": {
		level: "error",
		from: "gateway",
		facts: { route: "text", why: "text" },
		means: "a request was answered with 500: a fault of the gateway",
	},
	"request.answered": {
		level: "info",
		from: "gateway",
		facts: { method: "text", route: "text", status: "number", ms: "number", credential: "text?" },
		means: "a request was answered; the route as /openapi.json names it, and the credential by its id",
	},
	"gateway.keys.unreadable": {
		level: "error",
		from: "gateway",
		facts: { file: "text", code: "text", why: "text" },
		means: "the file of keys cannot be read: nobody is let through until it can",
	},
	"notify.retrying": {
		level: "warn",
		from: "notify",
		facts: { target: "text", id: "text", attempt: "number", why: "text" },
		means: "a webhook was not taken, and is sent again later",
	},
	"notify.unsaved": {
		level: "error",
		from: "notify",
		facts: { file: "text", why: "text" },
		means:
			"the file of places or of dead letters cannot be written: it is tried again, and whoever starts again before that tells more than once",
	},
	"notify.dead": {
		level: "error",
		from: "notify",
		facts: { target: "text", id: "text", attempts: "number", why: "text" },
		means: "a webhook was given up: it is in the file of dead letters",
	},
	"notary.refused": {
		level: "error",
		from: "notary",
		facts: { code: "text", why: "text" },
		means:
			"the log, or the notary's own state, contradicts what was signed: nothing is signed any more, and the process ends",
	},
	"notary.unpublished": {
		level: "warn",
		from: "notary",
		facts: { origin: "text", size: "number", why: "text" },
		means: "the log did not take a signed checkpoint; it is in the folder, and is sent again with the next one",
	},
	"witness.silent": {
		level: "warn",
		from: "notary",
		facts: { witness: "text", why: "text" },
		means: "a witness has not cosigned the anchor's checkpoint; it is asked again with the next one",
	},
} as const satisfies Readonly<Record<string, EventForm>>;

export type EventName = keyof typeof EVENTS;

/** The events of one level. */
export type EventOf<Of extends Level> = {
	[Name in EventName]: (typeof EVENTS)[Name]["level"] extends Of ? Name : never;
}[EventName];

type Kinds<Name extends EventName> = (typeof EVENTS)[Name]["facts"];

type ValueOf<Kind> = Kind extends "text" | "text?" ? string : number;

/** What must come with an event, and what may. */
export type FactsOf<Name extends EventName> = {
	readonly [Fact in keyof Kinds<Name> as Kinds<Name>[Fact] extends `${string}?` ? never : Fact]: ValueOf<
		Kinds<Name>[Fact]
	>;
} & {
	readonly [Fact in keyof Kinds<Name> as Kinds<Name>[Fact] extends `${string}?` ? Fact : never]?: ValueOf<
		Kinds<Name>[Fact]
	>;
};
