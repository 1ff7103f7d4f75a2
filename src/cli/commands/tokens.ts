/** `assent tokens`: the keys that executors check tokens with. */
import { Command } from "commander";
import { verifierOf } from "../../adapters/keys/ed25519.ts";
import { readSigner } from "../../app/signing-keys.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import type { Layout } from "../../core/model/layout.ts";
import { type PublicKey, readPublicKey } from "../../core/model/signing-keys.ts";
import { kidOf } from "../../core/token/compact.ts";
import type { Operator } from "../../operations/operators.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log/log.ts";
import { publishTokenKey } from "../../publishing/token-keys.ts";
import { keyCheckInForce } from "../../reading/control-fold.ts";
import { type KeyCheckInForce, readTokenKeys } from "../../reading/token-keys.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { operatorOf } from "../options/operator-options.ts";
import { relative } from "../output/relative-time.ts";
import { renderTable } from "../output/table.ts";

export function tokensCommand(context: Context): Command {
	return new Command("tokens")
		.summary("the keys that executors check tokens with")
		.description(
			"Processors sign the token of each allow with the key of `tokenKey`, and executors believe the keys that are published on the log. To change the key: `publish` the new one, give it to the processors, and `retire` the old one when none of them signs with it any more. A key that somebody else may have is `revoke`d.",
		)
		.addCommand(keysCommand(context))
		.addCommand(publishCommand(context))
		.addCommand(takeBackCommand(context, "retire"))
		.addCommand(takeBackCommand(context, "revoke"));
}

interface KeysOptions extends GlobalOptions {
	readonly json?: boolean;
}

interface ChangeOptions extends GlobalOptions {
	readonly by?: string;
	readonly key?: string;
	readonly json?: boolean;
}

function keysCommand(context: Context): Command {
	const command = new Command("keys")
		.summary("list the published keys")
		.description(
			"Lists the keys that are published on the log. Where the policies name operators, a key that none of them has signed is believed by nobody (`isBelieved`). Exits with 0, also when there is none.",
		)
		.option("--json", "print one JSON value: {keys: […]}")
		.addHelpText("after", "\nExample:\n  assent tokens keys\n");
	return logOptions(command).action((options: KeysOptions) =>
		context.reading(options, async (log, layout) => {
			const keys = [...(await readTokenKeys(log, checkOn(log, layout)))].map(
				([kid, { key, status, since, by, isBelieved }]) => ({
					...{ kid, status, since: new Date(since).toISOString(), by, key, isBelieved },
				}),
			);
			if (options.json === true) {
				context.json({ keys });
				return;
			}
			if (keys.length === 0) {
				context.print("no key is published");
				return;
			}
			const now = systemClock.now();
			const rows = keys.map(({ kid, status, since, by, key, isBelieved }) => [
				kid,
				isBelieved ? status : `${status}, not signed`,
				relative(Date.parse(since), now),
				by,
				key,
			]);
			context.print(renderTable(["kid", "status", "since", "by", "key"], rows, { colors: context.colors }));
		}),
	);
}

function publishCommand(context: Context): Command {
	const command = new Command("publish")
		.summary("publish a key before it is used")
		.description(
			"Publishes the public part of a key, so that executors believe what it signs. A processor does it by itself at its start where it may write to `policies`; on Kafka it may not (`assent topics acl`), and an operator does it once. Where the policies name operators, one of them must sign it: `--key FILE`, and `--by NAME` as the policies name the key.",
		)
		.argument("<key>", "the private key's file, or the public key's text")
		.addHelpText(
			"after",
			"\nExample:\n  assent keys create tokens.example.com --out token.key && assent tokens publish token.key --key ann.key\n",
		);
	return changing(command, context, async (given, log, { checkInForce, ...by }) => {
		const key = await keyOf(given);
		const kid = kidOf(key);
		const published = async () => (await readTokenKeys(log, checkInForce)).get(kid);
		const known = await published();
		if (known !== undefined && known.status !== "active") {
			throw usage(`the key \`${kid}\` was ${known.status}`, "a key that was taken back stays so: make another one");
		}
		if (known?.isBelieved !== true) await publishTokenKey(log, key, { status: "active", ...by });
		if ((await published())?.isBelieved !== true) throw unsigned(kid, by.by);
		return { kid, status: "active" };
	});
}

function takeBackCommand(context: Context, verb: "retire" | "revoke"): Command {
	const command = new Command(verb)
		.summary(verb === "retire" ? "believe nothing that a key signs from now on" : "believe nothing of a key any more")
		.description(
			verb === "retire"
				? "What the key has signed by now stays good until it expires; what it signs later is refused. Processors that still have it refuse to start."
				: "Every token of the key is refused at once, also those of calls that were allowed and have not begun. For a key that somebody else may have.",
		)
		.argument("<kid>", "the key's name and id, as `assent tokens keys` lists it")
		.addHelpText("after", `\nExample:\n  assent tokens ${verb} tokens.example.com+bf417598\n`);
	const status = verb === "retire" ? "retired" : "revoked";
	return changing(command, context, async (kid, log, { checkInForce: _, ...by }) => {
		const known = (await readTokenKeys(log)).get(kid);
		if (known === undefined) throw usage(`no key \`${kid}\` is published`, "see `assent tokens keys`");
		if (known.status === status || known.status === "revoked") return { kid, status: known.status };
		const key = readPublicKey(known.key);
		if (!key.ok) throw usage(`the key \`${kid}\` cannot be read: ${key.error}`, "publish another key");
		await publishTokenKey(log, key.value, { status, ...by });
		return { kid, status };
	});
}

type Change = (
	argument: string,
	log: Log,
	by: Operator & { readonly checkInForce: KeyCheckInForce },
) => Promise<{ readonly kid: string; readonly status: string }>;

function changing(command: Command, context: Context, change: Change): Command {
	command
		.option("--by <name>", "who says so (default: the key's name, else the user's name)")
		.option(
			"--key <file>",
			"signs in that name, where the policies name operators (default: ASSENT_OPERATOR_KEY, else `operatorKey` of the configuration)",
		)
		.option("--json", "print the outcome as one JSON object");
	return logOptions(command).action((argument: string, options: ChangeOptions) =>
		context.withLog(options, async (log, layout) => {
			const operator = await operatorOf(context, options);
			const done = await change(argument, log, { ...operator, checkInForce: checkOn(log, layout) });
			if (options.json === true) context.json(done);
			else context.print(visible(`${done.kid} is ${done.status}`));
		}),
	);
}

/** A file, or a text that is a key. */
async function keyOf(given: string): Promise<PublicKey> {
	const read = readPublicKey(given);
	return read.ok ? read.value : (await readSigner(given)).key;
}

/** By the policies in force. */
const checkOn =
	(log: Log, layout: Layout): KeyCheckInForce =>
	() =>
		keyCheckInForce({ log, layout, verifierOf, now: systemClock.now() });

const unsigned = (kid: string, by: string): AssentError =>
	new AssentError(
		problem(
			"POLICY_UNSIGNED",
			`the policies name operators, and \`${by}\` has not signed as one of them: nobody believes the key \`${kid}\``,
			"sign as one of them: `--key FILE`, and `--by NAME` as the policies name the key",
		),
	);
