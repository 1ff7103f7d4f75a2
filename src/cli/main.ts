#!/usr/bin/env node
/** The command: checks the runtime before anything else is loaded, then hands over. */
export {};

const [major = 0, minor = 0, patch = 0] = process.versions.node.split(".").map(Number);
const isSupported =
	major >= 26 || (major === 24 && minor >= 15) || (major === 22 && (minor > 22 || (minor === 22 && patch >= 3)));

if (isSupported) {
	const { run } = await import("./run.ts");
	const stop = new AbortController();
	for (const [signal, number] of [
		["SIGINT", 2],
		["SIGTERM", 15],
	] as const) {
		// The first asks for an orderly end; a second, of either kind, does not wait for it.
		process.on(signal, () => (stop.signal.aborted ? process.exit(128 + number) : stop.abort()));
	}
	// A reader that goes away (`| head`) is no fault.
	process.stdout.on("error", (fault: NodeJS.ErrnoException) => process.exit(fault.code === "EPIPE" ? 0 : 3));
	const { stdin, stdout, stderr, env } = process;
	process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env }, stop.signal);
} else {
	process.stderr.write(
		`ASSENT_LOG_VERSION  node ${process.versions.node} cannot run assent: 22.22.3, 24.15 or 26 and newer can\n` +
			"help: run `npm ci` in a checkout and use `npx assent`, or install a newer node\n",
	);
	process.exitCode = 3;
}
