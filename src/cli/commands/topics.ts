/** `assent topics`: make a deployment's topics, check them, and say who needs which rights on them. */
import { Command, Option } from "commander";
import { ACL_PURPOSE, ACL_ROLES, type AclRole, aclCommand, aclRules } from "../../adapters/kafka/admin/acl.ts";
import { parseKafkaUrl } from "../../adapters/kafka/options.ts";
import { type Config, kafkaOf, openConfigured } from "../../app/config/config.ts";
import { openLog } from "../../app/open-log.ts";
import { counted } from "../../core/base/count-text.ts";
import { AssentError } from "../../core/base/errors.ts";
import type { InputTopic } from "../../core/model/inputs.ts";
import { answersTo } from "../../operations/answers.ts";
import { inputFindings, lossesOf } from "../../operations/examine/input-findings.ts";
import { historyFault, topicFindings } from "../../operations/examine/topic-shape.ts";
import { isKafkaUrl, logOption } from "../../operations/log-url.ts";
import { sendSkip } from "../../operations/operators.ts";
import { replySpec, topicSpecs } from "../../ports/log/topics.ts";
import { deployedLayout } from "../../reading/layout.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { type OperatorOptions, operatorOf, operatorOptions } from "../options/operator-options.ts";
import { wholeNumber } from "../options/whole-number.ts";
import { notAnswered, refused, sending } from "../output/answers.ts";
import { printFindings } from "../output/findings.ts";

interface CreateOptions extends GlobalOptions {
	readonly partitions?: number;
	readonly replication?: number;
	readonly minInsync?: number;
	readonly replies?: string;
	readonly force?: boolean;
	readonly json?: boolean;
}

interface AclCommandOptions extends GlobalOptions {
	readonly print?: boolean;
	readonly role?: readonly AclRole[];
	readonly replies?: string;
	readonly json?: boolean;
}

export function topicsCommand(context: Context): Command {
	return new Command("topics")
		.summary("create and check a log's topics, and the rights on them")
		.description("The topics of a deployment. A log file has them, too; replication and rights are Kafka's.")
		.addCommand(createCommand(context))
		.addCommand(checkCommand(context))
		.addCommand(skipCommand(context))
		.addCommand(aclPrintCommand(context));
}

function createCommand(context: Context): Command {
	const command = new Command("create")
		.summary("create what is missing")
		.description(
			"Creates every missing topic of the layout, with the settings that Assent needs; one that exists stays as it is (`assent topics check` looks at it). The number of partitions never changes: another one than the topics have is refused. Missing inputs and ledgers are not created beside topics with records derived from them. Safe to repeat.",
		)
		.option(
			"--partitions <n>",
			"partitions of every topic (default: `layout.partitions` of the configuration file, else what is there, else 12)",
			wholeNumber({ min: 1, max: 1_024 }),
		)
		.option(
			"--replication <n>",
			"copies of each topic (Kafka; default: `kafka.replication`, else 3 or as many as there are brokers)",
			wholeNumber({ min: 1, max: 32_767 }),
		)
		.option(
			"--min-insync <n>",
			"copies that must have a record before it counts as written (Kafka; default: `kafka.minInsync`, else one less than the copies)",
			wholeNumber({ min: 1, max: 32_767 }),
		)
		.option("--replies <name>", "also a separate reply topic for a gateway: `replies.NAME`")
		.option("--force", "create inputs and ledger again although other topics still tell of their history")
		.option("--json", "print one JSON object: {created: […], existing: […], partitions}")
		.addHelpText(
			"after",
			"\nExample:\n  assent topics create --log kafka://broker-1:9092 --partitions 12 --replication 3\n",
		);
	return logOptions(command).action((options: CreateOptions) => create(context, options));
}

async function create(context: Context, options: CreateOptions): Promise<void> {
	const config = await context.config(options);
	const { partitions, replication, minInsync, replies } = options;
	if (!isKafkaUrl(config.logUrl) && (replication !== undefined || minInsync !== undefined)) {
		throw usage(`${config.logUrl} has no copies`, "`--replication` and `--min-insync` are for logs on Kafka");
	}
	const kafka = {
		...(await kafkaOf(config)),
		...(replication === undefined ? {} : { replication }),
		...(minInsync === undefined ? {} : { minInsync }),
	};
	if (kafka.replication !== undefined && (kafka.minInsync ?? 1) > kafka.replication) {
		throw usage(
			`${kafka.minInsync} copies cannot be in sync where there are ${kafka.replication}`,
			"`--min-insync` is at most `--replication`, better one less",
		);
	}
	const reply = replies === undefined ? [] : [replyName(replies)];
	const log = await openLog(config.logUrl, { create: true, kafka });
	try {
		const layout = partitions === undefined ? await deployedLayout(log, config) : { ...config.layout, partitions };
		const specs = [...topicSpecs(layout), ...reply.map((name) => replySpec(name, layout))];
		const there = await log.admin().topics();
		const before = new Set(there.map(({ name }) => name));
		const history = options.force === true ? null : historyFault(there);
		if (history !== null) throw new AssentError(history);
		const findings = await log.admin().createTopics(specs);
		for (const { message, help } of findings) context.note(`warning: ${message}\nhelp: ${help}`);
		const names = specs.map(({ name }) => name);
		const created = names.filter((name) => !before.has(name));
		const existing = names.filter((name) => before.has(name));
		if (options.json === true) context.json({ log: log.url, created, existing, partitions: layout.partitions });
		else {
			for (const name of created) context.print(`created   ${name}  ${counted(layout.partitions, "partition")}`);
			for (const name of existing) context.print(`existing  ${name}  ${counted(layout.partitions, "partition")}`);
		}
		if (layout.partitions !== config.layout.partitions) {
			context.note(`write \`layout: { partitions: ${layout.partitions} }\` into the processors' configuration file`);
		}
	} finally {
		await log.close();
	}
}

/** Processors reply to no other names. */
function replyName(name: string): string {
	if (/^[a-z0-9-]{1,64}$/.test(name)) return name;
	throw usage(`\`${name}\` cannot name a reply topic`, "use 1 to 64 small letters, digits and `-`");
}

function checkCommand(context: Context): Command {
	const command = new Command("check")
		.summary("check that all exist, with the right settings")
		.description(
			"Compares the topics with the layout and, on Kafka, their settings with what Assent's promises need, and looks whether inputs are gone that no ledger has consumed. Each finding names the command that fixes it. Changes nothing. Exits with 1 when there are errors, with 0 otherwise: a warning is a risk that can be taken.",
		)
		.option("--json", "print one JSON object: {log, findings: [{level, subject, message, help}]}")
		.addHelpText("after", "\nExample:\n  assent topics check --log kafka://broker-1:9092\n");
	return logOptions(command).action(async (options: GlobalOptions & { readonly json?: boolean }) => {
		const config = await context.config(options);
		const log = await openConfigured(config, { create: isKafkaUrl(config.logUrl), readOnly: true });
		try {
			const ofTopics = await topicFindings(log, config.layout);
			// Topics of another shape have no inputs to speak of.
			const isShaped = ofTopics.every(({ level }) => level !== "error");
			const findings = isShaped ? [...ofTopics, ...(await inputFindings(log, config.layout))] : ofTopics;
			if (options.json === true) context.json({ log: log.url, findings });
			else printFindings(context, findings);
			if (findings.some(({ level }) => level === "error")) context.exitCode = 1;
		} finally {
			await log.close();
		}
	});
}

interface SkipOptions extends GlobalOptions, OperatorOptions {
	readonly topic: InputTopic;
	readonly partition: number;
	readonly reason: string;
	readonly json?: boolean;
}

function skipCommand(context: Context): Command {
	const command = new Command("skip")
		.summary("let a partition continue past inputs that are gone")
		.description(
			"A partition stops where inputs are gone that were never decided: retention, or a topic compacted by mistake, has removed them. When they cannot be brought back, this writes an operator's control record that the ledger keeps, and the partition goes on with the first input that is left. Their calls were never decided, hence denied; where control records are gone, set halts and policies again first. Refused where nothing is missing. Exits with 3 when no processor answered in time.",
		)
		.requiredOption("--partition <n>", "the partition that stopped", wholeNumber({ min: 0, max: 1_023 }))
		.addOption(
			new Option("--topic <name>", "where they are missing").choices(["intents", "control"]).default("intents"),
		)
		.requiredOption("--reason <text>", "why they are gone; the ledger keeps it")
		.option("--json", "print the answer as one JSON object")
		.addHelpText(
			"after",
			"\nExample:\n  assent topics skip --partition 3 --reason 'retention.ms was set by mistake'\n",
		);
	return logOptions(operatorOptions(command)).action((options: SkipOptions) => skip(context, options));
}

async function skip(context: Context, options: SkipOptions): Promise<void> {
	const operator = await operatorOf(context, options);
	const { topic, partition, reason } = options;
	await context.withLog(options, async (log, layout) => {
		if (partition >= layout.partitions)
			throw usage(`there is no partition ${partition}`, `partitions: 0 to ${layout.partitions - 1}`);
		const loss = (await lossesOf(log, layout, partition)).find((each) => each.topic === topic);
		if (loss === undefined)
			throw usage(
				`nothing is missing where \`${topic}/${partition}\` is read`,
				"`assent topics check` says which inputs are gone, and where",
			);
		const { from, until } = loss;
		if (until === null) throw new AssentError(loss.problem);
		const sent = await sending(context, "the record", () =>
			sendSkip(log, { ...operator, partition, topic, from, until, reason }),
		);
		const answers = await answersTo(log, layout, [sent], { waitMs: options.wait, signal: context.stop });
		const answer = answers.get(partition) ?? null;
		if (options.json === true) context.json({ partition, offset: sent.offset, answer });
		if (answer === null) notAnswered(context, options, "the record");
		else if (answer.kind === "input.rejected") refused(context, answer);
		else if (options.json !== true) context.print(`skipped  ${topic}/${partition}  ${from} to ${until - 1}`);
	});
}

function aclPrintCommand(context: Context): Command {
	const command = new Command("acl")
		.summary("print the commands that give each role its rights on Kafka")
		.description(
			`Prints \`kafka-acls.sh\` commands that give each role the fewest rights it works with. Changes nothing, and connects to nothing. Roles: ${ACL_ROLES.join(", ")}.`,
		)
		.option("--print", "print them")
		.option("--role <role...>", "only these roles")
		.option("--replies <name>", "the gateway reads its own reply topic, `replies.NAME`, instead of `replies`")
		.option("--json", "print the rules as one JSON object instead: {rules: [{role, principal, resource, operations}]}");
	for (const role of ACL_ROLES) {
		command.option(`--principal-${role} <principal>`, `the role's user (default: User:assent-${role})`);
	}
	command.addHelpText(
		"after",
		"\nExample:\n  assent topics acl --print --log kafka://broker-1:9092 --principal-gateway User:CN=gateway-1\n",
	);
	return logOptions(command).action(async (options: AclCommandOptions & Readonly<Record<string, unknown>>) =>
		printAcl(context, await context.config(options), options),
	);
}

function printAcl(
	context: Context,
	config: Config,
	options: AclCommandOptions & Readonly<Record<string, unknown>>,
): void {
	if (options.print !== true && options.json !== true) {
		throw usage(
			"`acl` only prints commands: rights are given by the cluster's administrators",
			`run \`assent topics acl --print${logOption(config.logUrl)}\` and give the commands to them`,
		);
	}
	if (!isKafkaUrl(config.logUrl)) {
		throw usage(`${config.logUrl} has no such rights`, "name a log on Kafka: `--log kafka://host:port/prefix`");
	}
	const { brokers, prefix } = parseKafkaUrl(config.logUrl);
	const roles = options.role ?? ACL_ROLES;
	const unknown = roles.find((role) => !ACL_ROLES.includes(role));
	if (unknown !== undefined) throw usage(`there is no role \`${unknown}\``, `roles: ${ACL_ROLES.join(", ")}`);
	const rules = aclRules(prefix, {
		principals: Object.fromEntries(ACL_ROLES.flatMap((role) => principalOf(role, options))),
		...(options.replies === undefined ? {} : { replies: replyName(options.replies) }),
	}).filter(({ role }) => roles.includes(role));
	if (options.json === true) {
		context.json({ rules });
		return;
	}
	context.print(
		"# rights on Kafka, as few as each role works with; add --command-config FILE where the cluster asks who you are",
	);
	for (const role of ACL_ROLES.filter((each) => roles.includes(each))) {
		context.print(`\n# ${role}: ${ACL_PURPOSE[role]}`);
		if (role === "gateway" && options.replies === undefined) context.print(`# ${SHARED_REPLIES}`);
		for (const rule of rules.filter((each) => each.role === role)) context.print(aclCommand(rule, brokers));
	}
}

/** `--principal-gateway` and the like; a name without its kind is a user's. */
/** One gateway's answers are not another's to read. */
const SHARED_REPLIES =
	"whoever may read `replies` sees the answers of all gateways: where there are more than one, give each its own (`topics create --replies NAME`, then this command with `--role gateway --replies NAME`)";

function principalOf(role: AclRole, options: Readonly<Record<string, unknown>>): [AclRole, string][] {
	const given = options[`principal${role.charAt(0).toUpperCase()}${role.slice(1)}`];
	if (typeof given !== "string") return [];
	if (given.trim() === "" || /[\p{Cc}]/u.test(given))
		throw usage(`\`--principal-${role}\` is not a valid name`, "write `User:NAME`");
	return [[role, /^[A-Za-z]+:/.test(given) ? given : `User:${given}`]];
}
