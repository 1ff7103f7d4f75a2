/** Runs a command line in this process, with streams of its own, as a script would. */
import { PassThrough, Readable } from "node:stream";
import { run } from "../../src/cli/run.ts";

export interface CliOutcome {
	readonly exit: number;
	readonly stdout: string;
	readonly stderr: string;
	/** The one JSON value on stdout. */
	readonly json: () => unknown;
}

export interface CliOptions {
	readonly stdin?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly stop?: AbortSignal;
	/** Whether a person is at stdin, and can be asked. */
	readonly isAsked?: boolean;
	/** Whether a person looks at stdout. */
	readonly isTerminal?: boolean;
	/** Told all that stdout says so far, each time it says more. */
	readonly onStdout?: (soFar: string) => void;
	/** Whether a person looks at stderr, where progress is. */
	readonly isProgressSeen?: boolean;
	/** The same of stderr. */
	readonly onStderr?: (soFar: string) => void;
}

export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliOutcome> {
	const stdout = collected(options.onStdout);
	const stderr = collected(options.onStderr);
	const streams = {
		stdin: Object.assign(Readable.from([options.stdin ?? ""]), options.isAsked === true ? { isTTY: true } : {}),
		stdout: Object.assign(stdout.stream, { isTTY: options.isTerminal === true }),
		stderr: Object.assign(stderr.stream, { isTTY: options.isProgressSeen === true }),
		env: options.env ?? {},
	};
	const exit = await run(
		args,
		streams as unknown as Parameters<typeof run>[1],
		options.stop ?? new AbortController().signal,
	);
	return { exit, stdout: stdout.text(), stderr: stderr.text(), json: () => JSON.parse(stdout.text()) as unknown };
}

function collected(onMore?: (soFar: string) => void): { stream: PassThrough; text: () => string } {
	const stream = new PassThrough({ encoding: "utf8" });
	let text = "";
	stream.on("data", (chunk: string) => {
		text += chunk;
		onMore?.(text);
	});
	return { stream, text: () => text + (stream.read() ?? "") };
}
