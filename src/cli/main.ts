#!/usr/bin/env node
/** The command: checks the runtime before anything else is loaded, then hands over. */
import { isSupported, unsupported } from "../app/runtime.ts";

if (isSupported(process.versions.node)) {
	// Whoever only waits for a log holds no process (a library must not): the command does, until it has ended.
	const hold = setInterval(() => {}, 2_147_483_647);
	// SQLite is what Node 22 calls experimental: every command would begin with that. Other warnings stay.
	process.removeAllListeners("warning");
	process.on("warning", ({ name, message }) => {
		if (name !== "ExperimentalWarning" || !message.includes("SQLite")) process.stderr.write(`${name}: ${message}\n`);
	});
	const { run } = await import("./run.ts");
	const stop = new AbortController();
	const signals = [
		["SIGINT", 2],
		["SIGTERM", 15],
	] as const;
	const listen = (): void => {
		for (const [signal, number] of signals) {
			// The first asks for an orderly end; a second, of either kind, does not wait for it.
			process.on(signal, () => (stop.signal.aborted ? process.exit(128 + number) : stop.abort(signal)));
		}
	};
	listen();
	// Nobody hears a signal in the middle of a computation: without listeners the system ends the process.
	const onComputing = (): void => {
		for (const [signal] of signals) process.removeAllListeners(signal);
	};
	let isServing = false;
	let isUnread = false;
	process.stdout.on("error", (fault: NodeJS.ErrnoException) => {
		// A reader that goes away (`| head`) is no fault, and ends nobody who decides for others.
		if (fault.code === "EPIPE" && !isServing) process.exit(0);
		if (fault.code === "EPIPE" || isUnread) {
			if (!isUnread) process.stderr.write("stdout is no longer read: continuing without it\n");
			isUnread = true;
			return;
		}
		process.stderr.write(`ASSENT_OUTPUT  stdout cannot be written: ${fault.message}\nhelp: check its destination\n`);
		process.exit(3);
	});
	// With nobody to tell there is nothing to say.
	process.stderr.on("error", () => {});
	const { stdin, stdout, stderr, env } = process;
	const onServing = (): void => {
		isServing = true;
	};
	process.exitCode = await run(
		process.argv.slice(2),
		{ stdin, stdout, stderr, env, onServing, onComputing, onComputed: listen },
		stop.signal,
	);
	clearInterval(hold);
	// What a command left behind in its hurry (an open log, a request under way) must not keep the process.
	if (stop.signal.aborted) process.exit();
} else {
	process.stderr.write(
		`ASSENT_RUNTIME  ${unsupported(process.versions.node)}\n` +
			"help: run `npm ci` in a checkout and use `npx assent`, or install a newer node\n",
	);
	process.exitCode = 3;
}
