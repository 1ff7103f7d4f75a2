/**
 * `assent keys`: keys that sign policies, records of publishers and the word of operators and approvers; and bearer keys, with
 * which agents and people ask a gateway.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { ROLES, type Role } from "../../adapters/http/gateway/credential.ts";
import { issueKey, KEYS_FILE, readKeys, revokeKey } from "../../app/bearer-keys.ts";
import { createKey } from "../../app/signing-keys.ts";
import { readNameGlob } from "../../core/match/name-globs.ts";
import { parseDuration } from "../../core/model/duration.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { systemClock } from "../../ports/clock.ts";
import { type Context, usage } from "../context.ts";
import { nameOf } from "../options/operator-options.ts";
import { renderTable } from "../output/table.ts";

export function keysCommand(context: Context): Command {
	return new Command("keys")
		.summary("keys that sign, and keys that a gateway knows")
		.description(
			"Keys that sign (`create`): policies, what publishers send, what operators and approvers say. Keys with which agents and people ask a gateway (`issue`, `list`, `revoke`).",
		)
		.addCommand(createCommand(context))
		.addCommand(issueCommand(context))
		.addCommand(listCommand(context))
		.addCommand(revokeCommand(context));
}

function createCommand(context: Context): Command {
	return new Command("create")
		.summary("make a key that signs")
		.description(
			"Makes an Ed25519 key. The private key goes into a file that its owner alone can read; the public key is printed, to be listed in `policyKeys` of the configurations of processors and operators, or in a document of `kind: Trust` among the policies.",
		)
		.argument("<name>", "whose key it is, such as ops.example.com or ann@example.com: told with what it signs")
		.requiredOption("--out <file>", "the private key's file; it must not exist")
		.option("--json", "print one JSON value: {key, file}")
		.addHelpText("after", "\nExample:\n  assent keys create ops.example.com --out ops.key\n")
		.action(async (name: string, { out: file, json }: { readonly out: string; readonly json?: boolean }) => {
			const key = await createKey(name, file);
			if (json === true) context.json({ key, file });
			else context.print(key);
		});
}

interface IssueOptions {
	readonly role: readonly Role[];
	readonly tenant: string;
	readonly agent: string;
	readonly name?: string;
	readonly tools: readonly string[];
	readonly expires?: DurationMs;
	readonly keys: string;
	readonly json?: boolean;
}

function issueCommand(context: Context): Command {
	return new Command("issue")
		.summary("make a key for a gateway")
		.description(
			"Makes a bearer key and adds its hash to the file of keys. The secret is printed once, and kept nowhere: send it as `Authorization: Bearer SECRET`.",
		)
		.addOption(new Option("--role <role...>", "what it may do").choices(ROLES).makeOptionMandatory())
		.option("--tenant <name>", "the tenant that it speaks for", "default")
		.option("--agent <glob>", "the agents that it speaks for: a name, or a glob such as `coder*`", "*")
		.option("--name <name>", "whose key it is: recorded with votes and commands (default: its id)")
		.option("--tools <glob...>", "the tools that may be asked for", ["*"])
		.addOption(
			new Option("--expires <duration>", "for how long, such as `30d` (default: until revoked)").argParser(lifeOf),
		)
		.option("--keys <file>", "the file of keys", KEYS_FILE)
		.option("--json", "print one JSON value: {id, secret}")
		.addHelpText("after", "\nExample:\n  assent keys issue --role agent --tenant acme --agent 'coder*' --expires 30d\n")
		.action(async ({ role, tenant, agent, name, tools, expires, keys, json }: IssueOptions) => {
			for (const glob of [agent, ...tools]) {
				if (readNameGlob(glob, true) === null) throw usage(`\`${glob}\` is no glob`, "write a name, `*` or `coder*`");
			}
			const now = systemClock.now();
			const issued = await issueKey(
				keys,
				{
					name: name === undefined ? "" : nameOf("--name", name),
					roles: [...new Set(role)],
					tenant: nameOf("--tenant", tenant),
					agents: nameOf("--agent", agent),
					tools: [...tools],
					expiresAt: expires === undefined ? null : now + expires,
				},
				now,
			);
			if (json === true) context.json(issued);
			else context.print(issued.secret);
		});
}

function listCommand(context: Context): Command {
	return new Command("list")
		.summary("list the keys of a gateway")
		.description("Lists the keys of the file: what they may do, and until when. No secret is in it.")
		.option("--keys <file>", "the file of keys", KEYS_FILE)
		.option("--json", "print one JSON value: {keys: […]}")
		.action(async ({ keys: file, json }: { readonly keys: string; readonly json?: boolean }) => {
			const keys = (await readKeys(file)).map(({ hash: _, ...key }) => key);
			if (json === true) {
				context.json({ keys });
				return;
			}
			const rows = keys.map(({ id, name, roles, tenant, agents, tools, expiresAt, revokedAt }) => [
				id,
				name,
				roles.join(","),
				`${tenant}/${agents}`,
				tools.join(" "),
				revokedAt === null ? (expiresAt ?? "never") : `revoked ${revokedAt}`,
			]);
			const titles = ["id", "name", "roles", "for", "tools", "expires"];
			context.print(renderTable(titles, rows, { colors: context.colors }));
		});
}

function revokeCommand(context: Context): Command {
	return new Command("revoke")
		.summary("refuse a key from now on")
		.description("The next request with the key is refused, and so is whatever was issued with it.")
		.argument("<id>", "the key's id, as `keys list` shows it")
		.option("--keys <file>", "the file of keys", KEYS_FILE)
		.option("--json", "print one JSON value: {id, revokedAt}")
		.addHelpText("after", "\nExample:\n  assent keys revoke 809306e28b\n")
		.action(async (id: string, { keys: file, json }: { readonly keys: string; readonly json?: boolean }) => {
			const revoked = await revokeKey(file, id, systemClock.now());
			if (revoked === null) throw usage(`there is no key \`${id}\` in \`${file}\``, "see `assent keys list`");
			const { revokedAt } = revoked;
			if (json === true) context.json({ id, revokedAt });
			else context.print(`${id} is refused since ${revokedAt}`);
		});
}

function lifeOf(text: string): DurationMs {
	const ms = parseDuration(text);
	if (ms !== null && ms > 0) return ms;
	throw new InvalidArgumentError("a duration is expected, such as `30d` or `12h`.");
}
