/** What every command is handed: its streams, whether a person is looking, and how it ends. */
import { type Config, openConfigured, readConfig } from "../app/config.ts";
import { deployedLayout } from "../app/layout.ts";
import { AssentError, ERROR_CODES, formatProblem, type Problem, problem } from "../core/base/errors.ts";
import { visibleLines } from "../core/base/safe-text.ts";
import type { Layout } from "../core/model/records.ts";
import type { Log } from "../ports/log.ts";

export interface Streams {
	readonly stdin: NodeJS.ReadStream;
	readonly stdout: NodeJS.WriteStream;
	readonly stderr: NodeJS.WriteStream;
	readonly env: NodeJS.ProcessEnv;
}

/** Options that every command knows. */
export interface GlobalOptions {
	readonly log?: string;
	readonly config?: string;
}

/** Exit codes are stable (DESIGN §11): 0 fine, 1 finding, 2 usage or bad input, 3 unavailable, 4 unknown, 5 incomparable. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

export class Context {
	readonly streams: Streams;
	/** Aborted by SIGINT and SIGTERM: a command then finishes what is in flight and ends. */
	readonly stop: AbortSignal;
	exitCode: ExitCode = 0;

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

	/** Colours and progress only where a person is looking. */
	get isTerminal(): boolean {
		return this.streams.stderr.isTTY === true && this.streams.env["NO_COLOR"] === undefined;
	}

	get colors(): boolean {
		return this.streams.stdout.isTTY === true && this.streams.env["NO_COLOR"] === undefined;
	}

	/** A line of the result. Nothing that an agent made gets through it unescaped; of JSON the value stays the same. */
	print(line = ""): void {
		this.streams.stdout.write(visibleLines(`${line}\n`));
	}

	/** A line beside the result: progress, hints, errors. */
	note(line: string): void {
		this.streams.stderr.write(visibleLines(`${line}\n`));
	}

	json(value: unknown): void {
		this.print(JSON.stringify(value));
	}

	/** Reports problems and sets the exit code of the worst one. */
	fail(problems: readonly Problem[]): void {
		for (const each of problems) {
			this.note(formatProblem(each));
			const { exit } = ERROR_CODES[each.code];
			if (exit > this.exitCode) this.exitCode = exit;
		}
	}

	config(options: GlobalOptions): Promise<Config> {
		return readConfig({ file: options.config, log: options.log, env: this.streams.env });
	}

	/** An existing log with the layout of its ledger, or the configured one where that says none; closed when `use` has ended. */
	async withLog<Out>(options: GlobalOptions, use: (log: Log, layout: Layout) => Promise<Out>): Promise<Out> {
		const config = await this.config(options);
		const log = await openConfigured(config, { create: false });
		try {
			return await use(log, await deployedLayout(log, config));
		} finally {
			await log.close();
		}
	}
}

export const usage = (message: string, help: string): AssentError =>
	new AssentError(problem("ASSENT_USAGE", message, help));
