/** What Kafka's error codes mean to the log: which say that certainly nothing was written, which pass, which need a person. */
import { AssentError, type Problem, problem } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";

/** Numbers of Kafka's protocol that are told apart here (kafka.apache.org/protocol: error codes). */
export const KAFKA = {
	none: 0,
	offsetOutOfRange: 1,
	unknownTopic: 3,
	leaderNotAvailable: 5,
	notLeader: 6,
	requestTimedOut: 7,
	replicaNotAvailable: 9,
	messageTooLarge: 10,
	coordinatorLoading: 14,
	coordinatorNotAvailable: 15,
	notCoordinator: 16,
	invalidTopic: 17,
	recordListTooLarge: 18,
	notEnoughReplicas: 19,
	illegalGeneration: 22,
	inconsistentProtocol: 23,
	unknownMember: 25,
	invalidSession: 26,
	rebalanceInProgress: 27,
	topicDenied: 29,
	groupDenied: 30,
	clusterDenied: 31,
	invalidTimestamp: 32,
	topicExists: 36,
	invalidReplication: 38,
	invalidConfig: 40,
	invalidRequest: 42,
	policyViolation: 44,
	storageError: 56,
	saslFailed: 58,
	fencedLeaderEpoch: 74,
	unknownLeaderEpoch: 75,
	offsetNotAvailable: 78,
	memberIdRequired: 79,
	groupFull: 81,
	invalidRecord: 87,
} as const;

const names = new Map<number, string>(Object.entries(KAFKA).map(([name, code]) => [code, name]));

/** An error of the broker with its number: `notLeader (6)`. */
export const nameOf = (code: number): string => `${names.get(code) ?? "error"} (${code})`;

/** Over as soon as metadata is read again, or a little later. */
const PASSING: ReadonlySet<number> = new Set<number>([
	KAFKA.leaderNotAvailable,
	KAFKA.notLeader,
	KAFKA.requestTimedOut,
	KAFKA.replicaNotAvailable,
	KAFKA.coordinatorLoading,
	KAFKA.coordinatorNotAvailable,
	KAFKA.notCoordinator,
	KAFKA.storageError,
	KAFKA.fencedLeaderEpoch,
	KAFKA.unknownLeaderEpoch,
	KAFKA.offsetNotAvailable,
]);

export const isPassing = (code: number): boolean => PASSING.has(code);

/** A request that certainly wrote nothing, and why; null when it may have been written. */
export function refusalOf(code: number, place: string): Problem | null {
	switch (code) {
		case KAFKA.messageTooLarge:
		case KAFKA.recordListTooLarge:
			return problem(
				"RECORD_OVERSIZED",
				`\`${place}\` does not take a batch of this size`,
				"raise the topic's `max.message.bytes` to the value that `assent topics create` sets, or send less",
			);
		case KAFKA.invalidRecord:
		case KAFKA.invalidTimestamp:
		case KAFKA.policyViolation:
			return problem(
				"ASSENT_LOG_SETTINGS",
				`the broker refuses records of \`${place}\`: ${nameOf(code)}`,
				"run `assent topics check`: a compacted topic refuses records without a key",
			);
		case KAFKA.topicDenied:
		case KAFKA.clusterDenied:
			return denied(`writing \`${place}\``);
		case KAFKA.notEnoughReplicas:
			return problem(
				"ASSENT_LOG_UNAVAILABLE",
				`\`${place}\` has fewer replicas in sync than \`min.insync.replicas\` asks for`,
				"bring the missing brokers back",
			);
		default:
			return null;
	}
}

/** What the broker does not let this user do, such as "writing `decisions/3`". */
export const denied = (what: string): Problem =>
	problem(
		"ASSENT_LOG_DENIED",
		`the broker does not allow ${what}`,
		"grant it: `assent topics acl --print` writes the commands for each role",
	);

/** Why the group does not count a member in, as it answered. */
export function groupFaultOf(
	code: number,
	member: { readonly group: string; readonly sessionMs: DurationMs },
): AssentError {
	const settings = (why: string, help: string): AssentError =>
		new AssentError(problem("ASSENT_LOG_SETTINGS", `the group \`${member.group}\` ${why}`, help));
	switch (code) {
		case KAFKA.groupDenied:
			return new AssentError(denied(`being a member of the group \`${member.group}\``));
		case KAFKA.invalidSession:
			return settings(
				`takes no member with a session of ${member.sessionMs} ms`,
				"set `kafka.sessionTimeout` between the broker's `group.min.session.timeout.ms` and `group.max.session.timeout.ms`",
			);
		case KAFKA.groupFull:
			return settings("is full", "raise the broker's `group.max.size`, or run fewer processors");
		case KAFKA.inconsistentProtocol:
			return settings(
				"has members that share partitions by another rule",
				"stop whatever else uses the group's name; processors of one group must be of versions that go together",
			);
		default:
			return unreachable(`the group \`${member.group}\``, nameOf(code));
	}
}

export const unreachable = (what: string, why: string): AssentError =>
	new AssentError(
		problem("ASSENT_LOG_UNAVAILABLE", `${what}: ${why}`, "is Kafka running, and do host, port and security match?"),
	);

/** It may be over at the next try. */
export const isUnavailable = (thrown: unknown): thrown is AssentError =>
	thrown instanceof AssentError && thrown.code === "ASSENT_LOG_UNAVAILABLE";

/** No broker answers this process in time, though requests seem to go out: others may be answered. */
export class CutOff extends AssentError {
	constructor(group: string) {
		super(unreachable(`the group \`${group}\``, "no broker answers in time").problem);
	}
}

/** What kafkajs throws, as one line; its errors nest their causes. */
export function whyOf(thrown: unknown): string {
	if (!(thrown instanceof Error)) return String(thrown);
	const { cause } = thrown;
	return cause instanceof Error && cause.message !== thrown.message
		? `${thrown.message}: ${cause.message}`
		: thrown.message;
}

/** Why the connection was refused for this user, rather than lost; null when it was not. */
export function refusedBecause(thrown: unknown): string | null {
	if (!(thrown instanceof Error)) return null;
	const text = whyOf(thrown);
	const code = "code" in thrown ? String(thrown.code) : "";
	if (/SASL|authenticat/i.test(`${thrown.name} ${text}`)) return text;
	if (UNTRUSTED.has(code)) return "its certificate is from no authority that this client trusts";
	if (code === "CERT_HAS_EXPIRED") return "its certificate has expired";
	if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "its certificate is for another host";
	const alert = /alert ([a-z ]*(?:certificate|unknown ca|handshake failure)[a-z ]*)/.exec(text)?.[1];
	return alert === undefined ? null : `it refused this client's certificate (${alert.trim()})`;
}

/** What Node says of a chain that ends in nobody it knows. */
const UNTRUSTED: ReadonlySet<string> = new Set([
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
]);
