#!/usr/bin/env node
/** The command: checks the runtime before anything else is loaded, then hands over. */
const [major = 0, minor = 0, patch = 0] = process.versions.node.split(".").map(Number);
const isSupported =
	major >= 26 ||
	(major === 25 && false) ||
	(major === 24 && minor >= 15) ||
	(major === 22 && (minor > 22 || (minor === 22 && patch >= 3)));
if (isSupported) {
	process.exitCode = 0;
} else {
	process.stderr.write(
		`ASSENT_LOG_VERSION  node ${process.versions.node} is too old\nhelp: run it in a checkout after \`npm ci\`, or install node 24.15 or newer\n`,
	);
	process.exitCode = 3;
}

export {};
