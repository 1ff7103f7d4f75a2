/** The partition key that policies are checked against: the configuration's, or another one. */
import { type Command, Option } from "commander";
import type { BudgetRoot } from "../../core/model/ids.ts";
import type { Context } from "../context.ts";

export interface BudgetRootOptions {
	readonly budgetRoot?: BudgetRoot;
	readonly config?: string;
}

const ROOTS: readonly BudgetRoot[] = ["tenant", "tenant/agent", "tenant/agent/session"];

/** For commands that decide nothing: there any scope is exact, unless a partition key is named. */
export const budgetRootToCheck = (): Option =>
	new Option(
		"--budget-root <root>",
		"refuse policies with a scope that this partition key splits (default: none is refused)",
	).choices(ROOTS);

export const withBudgetRoot = (command: Command): Command =>
	command
		.addOption(
			new Option(
				"--budget-root <root>",
				"the partition key to check budgets against (default: the configuration's)",
			).choices(ROOTS),
		)
		.option("--config <file>", "configuration file (YAML)");

export const budgetRootOf = async (options: BudgetRootOptions, context: Context): Promise<BudgetRoot> =>
	options.budgetRoot ?? (await context.config(options)).layout.budgetRoot;
