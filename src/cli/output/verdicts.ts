/** What `decide` and `submit` share: how decisions are printed, and which of them the exit code tells. */
import { type Command, Option } from "commander";
import type { SubmittedLine } from "../../client/submission.ts";
import { type DecisionLine, deniedLine } from "../../core/analysis/trial.ts";
import { visible, visibleLines } from "../../core/base/safe-text.ts";
import { explain } from "../../core/engine/explain.ts";
import type { Context } from "../context.ts";
import type { BadLine } from "../input/call-line.ts";
import { noteNothingRead, noteTerminal } from "../input/terminal.ts";

export interface VerdictOptions {
	readonly jsonl?: boolean;
	readonly failOn?: "deny" | "hold";
}

export const verdictOptions = (command: Command): Command =>
	command
		.option("--jsonl", "print JSON lines (default when stdout is not a terminal)")
		.addOption(
			new Option(
				"--fail-on <verdict>",
				"exit with 1 if a call got this verdict or a stronger one; an allow that may not run now counts as a denial",
			).choices(["deny", "hold"]),
		);

/** Prints decisions, and knows at the end whether one of them is what `--fail-on` asks for. */
export class Verdicts {
	readonly #context: Context;
	readonly #options: VerdictOptions;
	readonly #isJson: boolean;
	#lines = 0;
	#failures = 0;

	constructor(context: Context, options: VerdictOptions) {
		this.#context = context;
		this.#options = options;
		this.#isJson = options.jsonl === true || context.streams.stdout.isTTY !== true;
		noteTerminal(context);
	}

	/** The decision as it is printed, with its newline; it counts. */
	text(decision: DecisionLine | SubmittedLine): string {
		this.#lines += 1;
		const { verdict } = decision;
		const status = "status" in decision ? decision.status : "open";
		const isSpent = verdict === "allow" && status !== "open";
		if (verdict === "deny" || isSpent || (verdict === "hold" && this.#options.failOn === "hold")) this.#failures += 1;
		if (this.#isJson) return visibleLines(`${JSON.stringify(decision)}\n`);
		if (isSpent) {
			return `${visible(`${decision.id}  allow, but ${status}; not to be run now  ${decision.reason ?? ""}`)}\n`;
		}
		// A line that nobody decided: it says nothing of policies and budgets.
		if (decision.policy === "") return `${visible(`${decision.id}  ${verdict}  ${decision.reason ?? ""}`)}\n`;
		const facts = explain({ ...decision, reasons: decision.rules, policyDigest: decision.policy });
		return `${visible(decision.id)}  ${facts.map(visible).join("\n")}\n`;
	}

	print(decision: DecisionLine | SubmittedLine): void {
		this.#context.streams.stdout.write(this.text(decision));
	}

	/** A line was taken that is answered by no decision. */
	took(): void {
		this.#lines += 1;
	}

	/** Sets the exit code. No input is no success for a caller that asked to be told of denials. */
	end(): void {
		if (this.#lines === 0) {
			noteNothingRead(this.#context);
			if (this.#options.failOn !== undefined) this.#context.exitCode = 2;
		}
		if (this.#options.failOn !== undefined && this.#failures > 0) this.#context.exitCode = 1;
	}
}

/** A line that could not be taken is denied, and costs no other line its answer. */
export const deniedBadLine = ({ id, message }: BadLine, policy: string): DecisionLine =>
	deniedLine(id, "record.unreadable", message, policy);
