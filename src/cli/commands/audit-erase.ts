/** `assent audit erase`: destroys the keys and salts of sealed arguments, and says so on the log. */
import { Command } from "commander";
import { counted } from "../../core/base/count-text.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import { keyPart } from "../../core/model/ids.ts";
import type { ErasureScope } from "../../core/model/inputs.ts";
import type { Layout } from "../../core/model/layout.ts";
import { answersTo } from "../../operations/answers.ts";
import {
	type IntentCount,
	intentsIn,
	isNamed,
	partitionsOfScope,
	partsOf,
	scopesNamed,
} from "../../operations/erasure.ts";
import { sendErasure } from "../../operations/operators.ts";
import type { Log } from "../../ports/log/log.ts";
import { isWithin, type PayloadCount, type PayloadKeys } from "../../ports/payload-keys.ts";
import { partitionsOf } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { canAsk, confirmed } from "../input/confirm.ts";
import { logOptions } from "../options/log-options.ts";
import { nameOf, type OperatorOptions, operatorOf, operatorOptions } from "../options/operator-options.ts";
import { notAnswered, refused, sending } from "../output/answers.ts";
import { whileReading } from "../output/progress.ts";

interface EraseOptions extends GlobalOptions, OperatorOptions {
	readonly intent?: string;
	readonly session?: string;
	readonly principal?: string;
	readonly reason: string;
	readonly yes?: boolean;
	readonly json?: boolean;
}

export function auditEraseCommand(context: Context): Command {
	const command = new Command("erase")
		.summary("destroy the keys and salts of sealed arguments")
		.description(
			"Erases the arguments of one intent, of a session or of an agent, where they are sealed (`privacy: sealed`): says so on the log, waits until that is recorded in the ledger, and then destroys the keys and salts, which no copy of the log holds. Decisions, budgets and proofs stand; what was asked for can no longer be read, replayed or recomputed. Cannot be undone. Safe to repeat: a second run finds nothing left, and finishes one that was cut off. Exits with 1 where some of it is left, with 2 where all of it is on the log in the clear or has its keys in another file, with 3 when no processor answered in time: nothing is destroyed then.",
		)
		.option("--intent <id>", "one intent: its id, or tenant/agent/id where the id alone is not unique")
		.option("--session <name>", "all intents of a session: its name, or tenant/agent/session")
		.option("--principal <tenant/agent>", "all intents of an agent; parts with a `/` are percent-encoded")
		.option("--reason <text>", "why, as it is recorded", "")
		.option("--yes", "do not ask")
		.option("--json", "print one JSON object: {scope, erased: {intents, sessions}, clear, locked, refusal}")
		.addHelpText(
			"after",
			"\nExample:\n  assent audit erase --principal acme/coder --reason 'asked for by the customer' --by kim\n",
		);
	return logOptions(operatorOptions(command)).action((options: EraseOptions) => erase(context, options));
}

async function erase(context: Context, options: EraseOptions): Promise<void> {
	const operator = await operatorOf(context, options);
	const asked = askedOf(options);
	await context.withLog(options, async (log, layout) => {
		const { payloads: keys } = log;
		if (keys === undefined) throw noKeys(log.url);
		const scope = await scopeOf(context, { log, layout, keys }, asked);
		const left = keys.count(scope);
		const partitions = partitionsOfScope(layout, scope);
		const onLog = await whileReading(context, (reading) => intentsIn(log, partitions, isWithin(scope), reading));
		if (left.intents + left.sessions === 0) {
			// What a run that was cut off has destroyed may still stand in the write-ahead log.
			keys.erase(scope);
			if (onLog.locked > 0) throw keysElsewhere(onLog, scopeText(scope));
			if (onLog.clear > 0) throw inTheClear(onLog);
			if (!keys.knows(scope) && onLog.sealed === 0) throw unknown("principal", scopeText(scope));
			if (options.json === true) context.json({ scope, erased: NOTHING, clear: 0, locked: 0, refusal: null });
			else context.print(visible(`nothing is left to erase of ${scopeText(scope)}`));
			return;
		}
		if (!(await isMeant(context, options, { scope, left, by: operator.by }))) return;
		const what = "the erasure";
		const sent = await sending(context, what, () =>
			Promise.all(sendErasure(log, layout, { ...operator, scope, intents: left.intents, reason: options.reason })),
		);
		context.undone = "the keys are still there: run it again";
		const answers = await answersTo(log, layout, sent, { waitMs: options.wait, signal: context.stop });
		const refusal = [...answers.values()].find((each) => each.kind === "input.rejected") ?? null;
		if (answers.size < sent.length || refusal !== null) {
			const why = refusal === null ? null : { code: refusal.code, detail: refusal.detail };
			if (options.json === true) context.json({ scope, erased: NOTHING, ...leftOf(onLog), refusal: why });
			if (refusal !== null) refused(context, refusal);
			else notAnswered(context, options, what, "then run it again");
			context.note("nothing was destroyed");
			if (context.exitCode === 0) context.exitCode = 3;
			return;
		}
		const erased = keys.erase(scope);
		context.undone = "everything was erased";
		if (options.json === true) context.json({ scope, erased, ...leftOf(onLog), refusal: null });
		else context.print(visible(`erased  ${scopeText(scope)}  ${counted(erased.intents, "intent")}`));
		sayWhatIsLeft(context, scope, onLog);
	});
}

const NOTHING: PayloadCount = { intents: 0, sessions: 0 };

const leftOf = ({ clear, locked }: IntentCount) => ({ clear, locked });

function sayWhatIsLeft(context: Context, scope: ErasureScope, { clear, locked }: IntentCount): void {
	if (scope.intent !== null) {
		context.note(
			"the salt of its session is left: whoever has it can try guesses against the digest that `identical_calls` compares, where a policy has such a limit; `--session` leaves nothing",
		);
	}
	if (locked > 0) {
		context.note(
			`without keys in this file, so that nothing of them was destroyed: ${counted(locked, "sealed intent")} of it`,
		);
		context.note(`help: ${OTHER_FILE}`);
	}
	if (clear > 0) {
		const stay = clear === 1 ? "is on the log in the clear, and stays" : "are on the log in the clear, and stay";
		context.note(`${counted(clear, "intent")} of it ${stay} for as long as the log keeps what it has`);
	}
	if (locked + clear > 0) context.exitCode = 1;
}

type Asked = { readonly kind: "intent" | "session" | "principal"; readonly name: string };

/** Exactly one of the three. Throws ASSENT_USAGE. */
function askedOf(options: EraseOptions): Asked {
	const given = (["intent", "session", "principal"] as const).flatMap((kind) => {
		const name = options[kind];
		return name === undefined ? [] : [{ kind, name }];
	});
	const [asked, ...others] = given;
	if (asked !== undefined && others.length === 0) return asked;
	const what = asked === undefined ? "nothing is named" : "more than one thing is named";
	throw usage(what, "name one of `--intent ID`, `--session NAME` and `--principal TENANT/AGENT`");
}

interface Deployment {
	readonly log: Log;
	readonly layout: Layout;
	readonly keys: PayloadKeys;
}

async function scopeOf(context: Context, { log, layout, keys }: Deployment, asked: Asked): Promise<ErasureScope> {
	const { kind, name } = asked;
	if (kind === "principal") {
		const [tenant, agent, ...more] = partsOf(name) ?? [];
		if (tenant === undefined || agent === undefined || more.length > 0) {
			throw usage(`\`${name}\` is no principal`, "write TENANT/AGENT, such as `acme/coder`");
		}
		return {
			tenant: nameOf("--principal", tenant),
			agent: nameOf("--principal", agent),
			session: null,
			intent: null,
		};
	}
	const found = scopesNamed(keys, kind, name);
	const [scope, ...others] = found.values();
	if (scope !== undefined && others.length === 0) return scope;
	if (scope !== undefined) {
		const names = [...found.keys()].slice(0, 8).map((each) => `\`${each}\``);
		throw usage(`\`${name}\` is the name of ${found.size} ${kind}s`, `say which: ${names.join(", ")}`);
	}
	const onLog = await whileReading(context, (reading) =>
		intentsIn(log, partitionsOf(layout), isNamed(kind, name), reading),
	);
	if (onLog.locked > 0) throw keysElsewhere(onLog, name);
	if (onLog.clear > 0) throw inTheClear(onLog);
	throw unknown(kind, name);
}

async function isMeant(
	context: Context,
	options: EraseOptions,
	{ scope, left, by }: { readonly scope: ErasureScope; readonly left: PayloadCount; readonly by: string },
): Promise<boolean> {
	if (options.yes === true) return true;
	const what = `the arguments of ${counted(left.intents, "intent")} of ${scopeText(scope)}`;
	if (!canAsk(context)) throw usage(`${what} would be erased, for good`, "say that you mean it: `--yes`");
	if (await confirmed(context, visible(`erase ${what} for good, as ${by}?`))) return true;
	context.note("nothing was erased");
	context.exitCode = 1;
	return false;
}

const scopeText = ({ tenant, agent, session, intent }: ErasureScope): string =>
	[tenant, agent, ...[session, intent].filter((part) => part !== null)].map(keyPart).join("/");

const inTheClear = ({ clear }: IntentCount): AssentError =>
	new AssentError(
		problem(
			"ASSENT_PRIVACY_CLEAR",
			`${counted(clear, "intent")} of it on the log in the clear, and nothing can be destroyed but the log itself`,
			"let the retention of `intents` forget them, or make a new log; what is published from now on can be erased where the configuration says `privacy: { mode: sealed }`",
		),
	);

const unknown = (kind: Asked["kind"], name: string): AssentError =>
	usage(
		kind === "principal" ? `no sealed intent of \`${name}\` is known` : `no sealed ${kind} \`${name}\` is known`,
		"`assent tail intents` shows what is on the log",
	);

const OTHER_FILE = "name the file that has them as `privacy.keys` of the configuration, and run it again";

const keysElsewhere = ({ locked }: IntentCount, name: string): AssentError =>
	usage(
		`without keys in this file, so that nothing of them was destroyed: ${counted(locked, "sealed intent")} of \`${name}\``,
		OTHER_FILE,
	);

const noKeys = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`there is no file for the keys of what is sealed on ${url}`,
			"name the one that publishers and processors share: `privacy: { keys: PATH }` of the configuration",
		),
	);
