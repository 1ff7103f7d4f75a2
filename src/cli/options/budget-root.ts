/** The partition key that policies are checked against: the configuration's, or another one. */
import { type Command, Option } from "commander";
import type { BudgetRoot } from "../../core/model/ids.ts";
import type { Context } from "../context.ts";

export interface BudgetRootOptions {
	readonly budgetRoot?: BudgetRoot;
	readonly config?: string;
}

export const withBudgetRoot = (command: Command): Command =>
	command
		.addOption(
			new Option(
				"--budget-root <root>",
				"the partition key to check budgets against (default: the configuration's)",
			).choices(["tenant", "tenant/agent", "tenant/agent/session"]),
		)
		.option("--config <file>", "configuration file (YAML)");

export const budgetRootOf = async (options: BudgetRootOptions, context: Context): Promise<BudgetRoot> =>
	options.budgetRoot ?? (await context.config(options)).layout.budgetRoot;
