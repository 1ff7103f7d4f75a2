/** What every command is handed: its streams, whether a person is looking, and how it ends. */
import { type Config, openConfigured, readConfig } from "../app/config/config.ts";
import { counted } from "../core/base/count-text.ts";
import { AssentError, ERROR_CODES, formatProblem, type Problem, problem } from "../core/base/errors.ts";
import { visibleLines } from "../core/base/safe-text.ts";
import type { Layout } from "../core/model/layout.ts";
import type { DurationMs } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import { deployedLayout } from "../reading/layout.ts";
import { Seldom } from "./output/seldom.ts";

export interface Streams {
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly stderr: NodeJS.WriteStream;
	readonly env: NodeJS.ProcessEnv;
	/** Called once the command decides for others: the reader of its output may go away from then on. */
	readonly onServing?: () => void;
	/** Called when the command only computes, and changes nothing: a signal may end the process in the middle of it. */
	readonly onComputing?: () => void;
	/** Called when it hears signals again. */
	readonly onComputed?: () => void;
}

/** Options that every command knows. */
export interface GlobalOptions {
	readonly log?: string;
	readonly config?: string;
}

/** Exit codes are stable: scripts depend on them (docs/design/command-line.md#exit-codes). */
export const EXIT_CODES = {
	0: "all is well",
	1: "something was found: a finding of `doctor`, `topics check` or `policy lint` (`policy check --strict`, too), a case of `policy test` that fails or rules that fall short of `--min-coverage`, a file that `policy fmt --check` would change, policies that are looser or differ, an import or export that admits more under `--strict`, an activation that was refused or needs a second operator, a denial where `--fail-on deny` asks for it",
	2: "the command was asked wrongly: usage, or input that cannot be used",
	3: "something is unavailable",
	4: "unknown or not verifiable, or not known yet: an activation that was not answered in time",
	5: "incomparable: of two sets of policies, each admits what the other does not",
	130: "SIGINT ended the command before it was finished",
	143: "SIGTERM ended the command before it was finished",
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

/** How long a command may take to end once it was told to. */
const END_WITHIN_MS = 800;

export class Context {
	readonly streams: Streams;
	/** Aborted by SIGINT and SIGTERM, whose name is the reason: a command then finishes what is in flight and ends. */
	readonly stop: AbortSignal;
	exitCode: ExitCode = 0;
	/** How long an orderly end may take; a command with more to hand over than a reader says so. */
	endWithinMs: DurationMs = END_WITHIN_MS;
	/** What is left undone if the command is ended now. */
	undone = "nothing was changed";

	readonly #problems: Problem[] = [];
	#hasPrinted = false;
	#isProgressShown = false;

	constructor(streams: Streams, stop: AbortSignal) {
		this.streams = streams;
		this.stop = stop;
	}

	/** Resolves when the command is told to stop. */
	stopped(): Promise<null> {
		return new Promise((resolve) => {
			if (this.stop.aborted) resolve(null);
			this.stop.addEventListener("abort", () => resolve(null), { once: true });
		});
	}

	/** From here on nothing is waited for that could be told to stop. */
	readonly computing = (): void => this.streams.onComputing?.();

	/** The same for one piece of work, which writes nothing; more is waited for behind it. */
	readonly compute = <Out>(work: () => Out): Out => {
		this.streams.onComputing?.();
		try {
			return work();
		} finally {
			this.streams.onComputed?.();
		}
	};

	/** Resolves when an end that the signal asked for has taken too long. */
	async overdue(): Promise<"overdue"> {
		await this.stopped();
		await new Promise((resolve) => setTimeout(resolve, this.endWithinMs).unref());
		return "overdue";
	}

	/** The command ended before it was finished: says what is left undone, and sets the exit code of the signal. */
	interrupted(): void {
		this.note(`stopped before it was finished: ${this.undone}`);
		this.#problems.push(problem("ASSENT_STOPPED", "the command was stopped before it was finished", this.undone));
		this.exitCode = this.stop.reason === "SIGTERM" ? 143 : 130;
	}

	/** Colours and progress only where a person is looking. */
	get isTerminal(): boolean {
		return this.streams.stderr.isTTY === true && this.streams.env["NO_COLOR"] === undefined;
	}

	get colors(): boolean {
		return this.streams.stdout.isTTY === true && this.streams.env["NO_COLOR"] === undefined;
	}

	/** Shows a line that the next one takes the place of, on a terminal; null takes it away. */
	progress(line: string | null): void {
		if (!this.isTerminal || (line === null && !this.#isProgressShown)) return;
		this.#isProgressShown = line !== null;
		this.streams.stderr.write(`\r\u001b[K${visibleLines(line ?? "")}`);
	}

	/** A line of the result. Nothing that an agent made gets through it unescaped; of JSON the value stays the same. */
	print(line = ""): void {
		this.progress(null);
		this.streams.stdout.write(visibleLines(`${line}\n`));
	}

	/** A line beside the result: progress, hints, errors. */
	note(line: string): void {
		this.progress(null);
		this.streams.stderr.write(visibleLines(`${line}\n`));
	}

	json(value: unknown): void {
		this.#hasPrinted = true;
		this.print(JSON.stringify(value));
	}

	/** What was told on stderr. */
	get problems(): readonly Problem[] {
		return this.#problems;
	}

	/** Whether a value is on stdout. */
	get hasPrinted(): boolean {
		return this.#hasPrinted;
	}

	/** The command line was not understood, and stderr says so already. */
	misused(of: Problem): void {
		this.#problems.push(of);
		this.exitCode = ERROR_CODES[of.code].exit;
	}

	/** Reports problems and sets the exit code of the worst one. */
	fail(problems: readonly Problem[]): void {
		this.#problems.push(...problems);
		for (const each of problems) {
			this.note(formatProblem(each));
			const { exit } = ERROR_CODES[each.code];
			if (exit > this.exitCode) this.exitCode = exit;
		}
	}

	config(options: GlobalOptions): Promise<Config> {
		return readConfig({ file: options.config, log: options.log, env: this.streams.env });
	}

	/** An existing log, to be closed by the caller. While the files of a large export are compared, it says how far it is. */
	async open(config: Config, { readOnly }: { readonly readOnly: boolean }): Promise<Log> {
		let read = 0;
		const seldom = new Seldom();
		const onBytes = (bytes: number, total: number): void => {
			read += bytes;
			if (this.isTerminal && seldom.isDue()) this.progress(checkingLine(read, total));
		};
		try {
			return await openConfigured(config, { create: false, readOnly, exports: { onBytes, signal: this.stop } });
		} finally {
			this.progress(null);
		}
	}

	/** An existing log with the layout of its ledger, or the configured one where that says none; closed when `use` has ended. */
	withLog<Out>(options: GlobalOptions, use: (log: Log, layout: Layout) => Promise<Out>): Promise<Out> {
		return this.#using(options, { readOnly: false }, use);
	}

	/** The same for readers only: an auditor who may not write, a backup in a folder that nobody may. */
	reading<Out>(options: GlobalOptions, use: (log: Log, layout: Layout) => Promise<Out>): Promise<Out> {
		return this.#using(options, { readOnly: true }, use);
	}

	async #using<Out>(
		options: GlobalOptions,
		{ readOnly }: { readonly readOnly: boolean },
		use: (log: Log, layout: Layout) => Promise<Out>,
	): Promise<Out> {
		const config = await this.config(options);
		const log = await this.open(config, { readOnly });
		try {
			return await use(log, await deployedLayout(log, config));
		} finally {
			await log.close();
		}
	}
}

const checkingLine = (read: number, total: number): string =>
	`comparing the export with its manifest: ${total === 0 ? 100 : Math.floor((read / total) * 100)} % of ${counted(total, "byte")}`;

/** How long a processor may take to finish what is in flight and to hand over. */
const HAND_OVER_WITHIN_MS = 5_000;

/** From here on the command decides for others: an end is orderly first, and quick second. */
export function serving(context: Context): void {
	context.endWithinMs = HAND_OVER_WITHIN_MS;
	context.undone = "the next processor takes up the work in flight";
	context.streams.onServing?.();
}

export const usage = (message: string, help: string): AssentError =>
	new AssentError(problem("ASSENT_USAGE", message, help));
