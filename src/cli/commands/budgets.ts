/** `assent budgets`: what is spent, reserved and left, and raising or resetting it for one scope. */
import { Command } from "commander";
import { grouped } from "../../core/base/count-text.ts";
import { visible } from "../../core/base/safe-text.ts";
import { suggest } from "../../core/base/suggestion.ts";
import { costText } from "../../core/model/amounts.ts";
import { INTEGER_MAX } from "../../core/model/bounds.ts";
import { isCap, type Measure } from "../../core/model/counters.ts";
import { durationText } from "../../core/model/duration.ts";
import type { Scope } from "../../core/model/ids.ts";
import type { Layout } from "../../core/model/layout.ts";
import type { CompiledLimit } from "../../core/policy/compiled.ts";
import { amountOf as writtenAmount } from "../../core/policy/written-amounts.ts";
import { answersTo } from "../../operations/answers.ts";
import { sendAdjustment } from "../../operations/operators.ts";
import { lookAt } from "../../operations/questions.ts";
import { type BudgetRow, limitInForce, spending } from "../../operations/spending.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log/log.ts";
import { type PrincipalFilter, partitionsOf } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import {
	filterOf,
	nameOf,
	type OperatorOptions,
	operatorOf,
	operatorOptions,
	principalOptions,
} from "../options/operator-options.ts";
import { notAnswered, refused, sending } from "../output/answers.ts";
import { oneWord } from "../output/argument-lines.ts";
import { whileReading } from "../output/progress.ts";
import { renderTable } from "../output/table.ts";

interface ListOptions extends GlobalOptions, PrincipalFilter {
	readonly all?: boolean;
	readonly json?: boolean;
}

interface AdjustOptions extends GlobalOptions, OperatorOptions {
	readonly policy: string;
	readonly limit: string;
	readonly tenant: string;
	readonly agent?: string;
	readonly session?: string;
	readonly topup?: string;
	readonly reset?: boolean;
	readonly json?: boolean;
}

export function budgetsCommand(context: Context): Command {
	return new Command("budgets")
		.summary("spent, reserved and left; adjust a budget")
		.description("Budgets of tenants, agents and sessions. Without a command: `list`.")
		.addCommand(listCommand(context), { isDefault: true })
		.addCommand(adjustCommand(context));
}

function listCommand(context: Context): Command {
	const command = new Command("list")
		.summary("settled, reserved and left of each budget (the default)")
		.description(
			"Prints a row for each budget that was ever used: what is settled, what open calls have reserved, the maximum with top-ups, what is left, and the debt where calls used more than they had reserved. Amounts are calls, tokens, currency units, milliseconds; with --json costs are whole millionths of the currency unit.",
		)
		.option(
			"--all",
			"also repeated calls one by one, what was spent with each credential, and counters of limits that are no longer in force",
		)
		.option("--json", "print one JSON object: {budgets: […]}")
		.addHelpText("after", "\nExample:\n  assent budgets --tenant acme --agent coder\n");
	return logOptions(principalOptions(command)).action((options: ListOptions) => list(context, options));
}

async function list(context: Context, options: ListOptions): Promise<void> {
	await context.reading(options, async (log, layout) => {
		const { rows, limits } = await whileReading(context, (reading) =>
			spending(log, layout, {
				filter: filterOf(options),
				now: systemClock.now(),
				everything: options.all === true,
				reading,
			}),
		);
		if (options.json === true) {
			context.json({ budgets: rows });
			return;
		}
		if (rows.length > 0) {
			context.print(renderTable(TITLES, rows.map(cellsOf), { colors: context.colors }));
			return;
		}
		const names = limits.map(({ policy, name }) => `${policy}/${name}`);
		context.print(
			names.length === 0
				? "no budget is used, and the policies in force have no limits"
				: `no budget is used yet; limits in force: ${names.join(", ")}`,
		);
	});
}

const amountText = (measure: Measure, amount: number): string =>
	measure === "cost" ? costText(amount) : grouped(amount);

const TITLES = ["limit", "measure", "window", "for", "settled", "reserved", "max", "left", "debt", "mode"];

const cellsOf = (row: BudgetRow): string[] => [
	isCap(row) ? `credential ${oneWord(row.limit)}` : `${row.policy}/${row.limit}`,
	row.measure,
	row.windowMs === 0 ? "life" : durationText(row.windowMs),
	isCap(row) ? row.scopeKey.replace(/#.*/, "") : row.scopeKey.replace(/(#.{8}).*/, "$1…"),
	amountText(row.measure, row.settled),
	amountText(row.measure, row.reserved),
	row.max === null ? "-" : amountText(row.measure, row.max),
	row.left === null ? "-" : amountText(row.measure, row.left),
	row.debt === 0 ? "-" : amountText(row.measure, row.debt),
	row.mode ?? "not in force",
];

function adjustCommand(context: Context): Command {
	const command = new Command("adjust")
		.summary("raise a budget, or set it back to nothing spent")
		.description(
			"Adjusts one limit for one scope key and waits for the processor's answer. A top-up raises the maximum: of a budget for life until it is reset, of a window for one window. A reset forgets what is settled and topped up and keeps what is reserved. Exits with 1 when it was refused, with 3 when no processor answered in time.",
		)
		.requiredOption("--policy <name>", "the limit's policy")
		.requiredOption("--limit <name>", "the limit")
		.requiredOption("--tenant <name>", "whose budget: the tenant")
		.option("--agent <name>", "the root agent, for limits per agent and per session")
		.option("--session <name>", "the session, for limits per session")
		.option(
			"--topup <amount>",
			"by how much to raise, as policies write it: calls, tokens, currency units, or a duration",
		)
		.option("--reset", "nothing spent, nothing topped up")
		.option("--json", "print the answer as one JSON object")
		.addHelpText(
			"after",
			"\nExample:\n  assent budgets adjust --policy baseline --limit tokens-per-day --tenant acme --agent coder --topup 100000\n",
		);
	return logOptions(operatorOptions(command)).action((options: AdjustOptions) => adjust(context, options));
}

async function adjust(context: Context, options: AdjustOptions): Promise<void> {
	const operator = await operatorOf(context, options);
	if ((options.topup === undefined) !== (options.reset === true)) {
		throw usage("give either `--topup AMOUNT` or `--reset`", "see `assent budgets adjust --help`");
	}
	await context.withLog(options, async (log, layout) => {
		const limit = await find(context, log, layout, options);
		const who = scopeOf(options, limit.scope);
		const amount = options.topup === undefined ? 0 : topupOf(options.topup, limit);
		const change = options.reset === true ? "reset" : "topup";
		const of = { ...operator, ...who, policy: limit.policy, limit: limit.name, change, amount } as const;
		const sent = await sending(context, "the adjustment", () => sendAdjustment(log, layout, of));
		const answers = await answersTo(log, layout, [sent], { waitMs: options.wait, signal: context.stop });
		const answer = answers.get(sent.partition) ?? null;
		if (options.json === true) context.json({ partition: sent.partition, offset: sent.offset, answer });
		if (answer === null) notAnswered(context, options, "the adjustment");
		else if (answer.kind === "input.rejected") refused(context, answer);
		else if (answer.kind === "budget.adjusted" && options.json !== true) {
			const what = change === "reset" ? "reset" : `raised by ${amountText(limit.measure, amount)}`;
			context.print(visible(`${what}  ${limit.policy}/${limit.name}  for ${answer.scopeKey}`));
		}
	});
}

/** The limit under the policies in force where the budget lies. Throws ASSENT_USAGE with the names that there are. */
async function find(context: Context, log: Log, layout: Layout, options: AdjustOptions): Promise<CompiledLimit> {
	const { tenant, agent, session } = options;
	const [partition = 0] = partitionsOf(layout, {
		tenant,
		...(agent === undefined ? {} : { agent }),
		...(session === undefined ? {} : { session }),
	});
	const state = await whileReading(context, (reading) => lookAt(log, layout, partition, { wanted: {}, reading }));
	const { policy, limit: name } = options;
	const { limit, names } = await limitInForce(log, layout, { state, policy, limit: name });
	if (limit !== null) return limit;
	const message = `the policies in force have no limit \`${policy}/${name}\``;
	throw usage(
		message,
		names.length === 0 ? "`assent doctor` shows the policies in force" : suggest(`${policy}/${name}`, names),
	);
}

/** The parts that the limit's scope has: one that is missing is a mistake about whose budget it is. */
function scopeOf(options: AdjustOptions, scope: Scope): { tenant: string; agent: string; session: string } {
	const tenant = nameOf("--tenant", options.tenant);
	const part = (option: "agent" | "session", isNeeded: boolean): string => {
		const name = options[option];
		if (isNeeded && name === undefined) {
			throw usage(`the limit counts per ${scope}: \`--${option}\` is missing`, `add \`--${option} NAME\``);
		}
		return isNeeded && name !== undefined ? nameOf(`--${option}`, name) : "";
	};
	return { tenant, agent: part("agent", scope !== "tenant"), session: part("session", scope === "session") };
}

/** As policies write it. Throws ASSENT_USAGE. */
function topupOf(text: string, { measure }: CompiledLimit): number {
	const value = /^\d{1,16}$/.test(text) && measure !== "cost" ? Number(text) : text;
	const amount = measure === "execution_time" && typeof value === "number" ? value : writtenAmount(measure, value);
	if (amount !== null && amount >= 1 && amount <= INTEGER_MAX) return amount;
	throw usage(`\`${text}\` is not an amount of ${measure}`, TOPUP_HELP[measure]);
}

const WHOLE = "give a whole number above 0";

const TOPUP_HELP: Readonly<Record<Measure, string>> = {
	tool_calls: WHOLE,
	tokens: WHOLE,
	concurrent_calls: WHOLE,
	identical_calls: WHOLE,
	cost: "give currency units with up to six decimals, such as `5` or `0.25`",
	execution_time: "give a duration, such as `10m`",
};
