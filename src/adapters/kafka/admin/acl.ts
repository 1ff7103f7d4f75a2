/**
 * The rights on Kafka: the fewest that each role works with. No idempotent or transactional producer is used, so nobody
 * needs a right on a cluster or a transactional id to write; who only reads belongs to no group. READ and WRITE of a
 * topic contain DESCRIBE, which is written out anyway for users without a right on the whole prefix. Listing topics shows
 * how they are cleaned up, which takes DESCRIBE_CONFIGS.
 */
import { TOPICS } from "../../../ports/log/log.ts";

export const ACL_ROLES = [
	"gateway",
	"processor",
	"alerting",
	"notify",
	"notary",
	"auditor",
	"operator",
	"provisioning",
] as const;

export type AclRole = (typeof ACL_ROLES)[number];

/** As `kafka-acls.sh` spells them. */
export type AclOperation = "Read" | "Write" | "Describe" | "Create" | "AlterConfigs" | "DescribeConfigs";

export interface AclRule {
	readonly role: AclRole;
	/** `User:NAME`. */
	readonly principal: string;
	readonly resource: {
		readonly kind: "topic" | "group";
		/** With the deployment's prefix. */
		readonly name: string;
		readonly pattern: "literal" | "prefixed";
	};
	readonly operations: readonly AclOperation[];
}

export interface AclOptions {
	/** Instead of `User:assent-ROLE`. */
	readonly principals?: Partial<Readonly<Record<AclRole, string>>>;
	/** The gateway's own reply topic, `replies.NAME`; by default it reads `replies`, as all gateways without one. */
	readonly replies?: string;
}

/** What a role is for, as operators are told. */
export const ACL_PURPOSE: Readonly<Record<AclRole, string>> = {
	gateway:
		"asks on behalf of agents, and is believed about every tenant, agent and person that it names: give this to no agent; may not read the ledger, so give it the layout by configuration. `assent gateway` reads the ledger for `GET /v1/decisions` and events, and speaks for operators and approvers: its user is an auditor, too, and where they use it an operator",
	processor: "decides; writes the ledger and all that follows from it, never an intent or a policy",
	alerting: "reads violations, and nothing else",
	notify: "follows the ledger, its checkpoints and outcomes, and posts them to webhooks (`assent notify`)",
	notary:
		"reads the ledgers and signs what they are (`assent notary`); writes checkpoints, and nothing that anybody decides by",
	auditor: "reads everything, writes nothing",
	operator: "activates policies, answers held calls, halts, adjusts budgets, ends sessions",
	provisioning: "makes the topics and sets their configuration",
};

const GROUP = "processor";

/** Every rule of a deployment, in a stable order. `prefix` ends with its dot. */
export function aclRules(prefix: string, options: AclOptions = {}): readonly AclRule[] {
	const reads = options.replies === undefined ? TOPICS.replies : `${TOPICS.replies}.${options.replies}`;
	const all = (role: AclRole, ...operations: AclOperation[]): AclRule =>
		rule(role, "topic", "", operations, "prefixed");
	const topic = (role: AclRole, name: string, ...operations: AclOperation[]): AclRule =>
		rule(role, "topic", name, operations, "literal");
	return [
		topic("gateway", TOPICS.intents, "Write", "Describe", "DescribeConfigs"),
		topic("gateway", reads, "Read", "Describe", "DescribeConfigs"),
		// Keys of tokens, and what is halted.
		topic("gateway", TOPICS.policies, "Read", "Describe", "DescribeConfigs"),
		topic("gateway", TOPICS.control, "Read", "Describe", "DescribeConfigs"),

		topic("processor", TOPICS.intents, "Read"),
		// It writes nothing there but the passing of time.
		topic("processor", TOPICS.control, "Read", "Write"),
		topic("processor", TOPICS.decisions, "Read", "Write"),
		topic("processor", TOPICS.policies, "Read"),
		topic("processor", TOPICS.snapshots, "Read", "Write"),
		topic("processor", TOPICS.checkpoints, "Read", "Write"),
		// Their ends tell what was published before it took over.
		topic("processor", TOPICS.violations, "Read", "Write"),
		topic("processor", TOPICS.deadLetters, "Read", "Write"),
		// `replies` and every gateway's `replies.NAME`.
		rule("processor", "topic", TOPICS.replies, ["Write"], "prefixed"),
		// It refuses to start where settings would break a promise, and must see them for that.
		all("processor", "DescribeConfigs"),
		rule("processor", "group", GROUP, ["Read"], "literal"),

		topic("alerting", TOPICS.violations, "Read", "Describe", "DescribeConfigs"),

		topic("notify", TOPICS.decisions, "Read", "Describe", "DescribeConfigs"),
		topic("notify", TOPICS.checkpoints, "Read", "Describe", "DescribeConfigs"),
		// Outcomes, for `drift_detected`; they are beside the intents, whose arguments it is shown, too.
		topic("notify", TOPICS.intents, "Read", "Describe", "DescribeConfigs"),

		// Leaves hold no arguments: intents are not its to read.
		topic("notary", TOPICS.decisions, "Read", "Describe", "DescribeConfigs"),
		topic("notary", TOPICS.checkpoints, "Read", "Write", "Describe", "DescribeConfigs"),

		all("auditor", "Read", "Describe", "DescribeConfigs"),

		all("operator", "Read", "Describe", "DescribeConfigs"),
		topic("operator", TOPICS.control, "Write"),
		topic("operator", TOPICS.policies, "Write"),

		all("provisioning", "Create", "Describe", "AlterConfigs", "DescribeConfigs"),
	];

	function rule(
		role: AclRole,
		kind: "topic" | "group",
		name: string,
		operations: readonly AclOperation[],
		pattern: "literal" | "prefixed",
	): AclRule {
		const principal = options.principals?.[role] ?? `User:assent-${role}`;
		return { role, principal, resource: { kind, name: prefix + name, pattern }, operations };
	}
}

/** The command that grants a rule. */
export function aclCommand({ principal, resource, operations }: AclRule, brokers: readonly string[]): string {
	const { kind, name, pattern } = resource;
	return [
		"kafka-acls.sh",
		`--bootstrap-server ${brokers.join(",")}`,
		"--add",
		`--allow-principal ${quoted(principal)}`,
		...operations.map((operation) => `--operation ${operation}`),
		`--${kind} ${quoted(name)} --resource-pattern-type ${pattern}`,
	].join(" ");
}

/** One word for a shell. */
const quoted = (word: string): string => (/^[\w.:@%+/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
