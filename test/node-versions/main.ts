/**
 * `npm run node-versions`: Assent on the Nodes that package.json's `engines` names, the oldest of each line, and on the newest.
 * Each is installed by npm into a temporary folder, records a ledger, and decides the ledgers of all of them again: entries,
 * Merkle roots and digests of the state must come out the same to the byte. Each runs the commands and the package, too, which
 * must print the same. Other versions as arguments, as npm takes them. Ends with `N passed, N failed`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Checks } from "../kill-loop/checks.ts";
import type { Recomputation } from "../support/recompute.ts";
import { jsonOf, ROOT, textOf } from "../support/repository.ts";

const { engines } = jsonOf("package.json") as { engines: { node: string } };
/** The oldest Node of each line, and the newest of all; besides, the one that runs this. */
const VERSIONS = [...[...engines.node.matchAll(/\d+\.\d+\.\d+/g)].map(([version]) => version), "26"];

const COMMAND = join(ROOT, "dist", "cli", "main.js");
const BASELINE = join(ROOT, "policies", "baseline.yaml");

interface Node {
	/** As it says of itself. */
	readonly version: string;
	readonly path: string;
}

interface Ran {
	readonly status: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

interface Smoke extends Ran {
	readonly what: string;
	/** Exit code; 0 unless it is said. */
	readonly ends?: number;
}

const checks = new Checks();
if (!existsSync(COMMAND)) {
	process.stdout.write("dist/ is missing: run `npm run build`\n\n0 passed, 1 failed\n");
	process.exit(1);
}
const folder = await mkdtemp(join(tmpdir(), "assent-nodes-"));
try {
	const named = process.argv.slice(2);
	const nodes = [{ version: process.versions.node, path: process.execPath }];
	for (const version of named.length === 0 ? VERSIONS : named) {
		const node = await install(version);
		if (nodes.every(({ version: known }) => known !== node.version)) nodes.push(node);
	}
	process.stdout.write(`Node ${nodes.map(({ version }) => version).join(", ")}\n`);
	const urls = nodes.map((node) => record(node)).filter((url) => url !== null);
	const results = nodes.map((node) => ({ node, ledgers: urls.map((url) => recomputed(node, url)) }));
	for (const { node, ledgers } of results.slice(1)) {
		checks.check(
			`Node ${node.version} gets the same entries, roots and digests as Node ${nodes[0]?.version}`,
			urls.length === nodes.length && JSON.stringify(ledgers) === JSON.stringify(results[0]?.ledgers),
			JSON.stringify(ledgers),
		);
	}
	const [url = ""] = urls;
	const printed = nodes.map((node) => smoke(node, url));
	for (const [at, node] of nodes.entries()) compare(node, printed[at] ?? [], printed[0] ?? []);
} finally {
	await rm(folder, { recursive: true, force: true });
}
checks.end();

async function install(version: string): Promise<Node> {
	const prefix = join(folder, `node-${version}`);
	await mkdir(prefix);
	const args = ["install", "--prefix", prefix, "--no-save", "--no-package-lock", "--loglevel=error", `node@${version}`];
	execFileSync("npm", args, { cwd: prefix, stdio: ["ignore", "ignore", "inherit"] });
	const path = join(prefix, "node_modules", "node", "bin", "node");
	return { version: execFileSync(path, ["-p", "process.versions.node"], { encoding: "utf8" }).trim(), path };
}

/** A log file that this Node has filled; null where it could not. */
function record(node: Node): string | null {
	const url = `file:${join(folder, `by-${node.version}.db`)}`;
	const ran = run(node, [join(ROOT, "test", "node-versions", "record.ts"), url]);
	checks.check(`Node ${node.version} records a ledger`, ran.status === 0, ran.stderr);
	return ran.status === 0 ? url : null;
}

/** What a Node gets when it decides a ledger again; null where it differs from what was recorded. */
function recomputed(node: Node, url: string): Recomputation | null {
	const ran = run(node, [join(ROOT, "test", "node-versions", "recompute.ts"), url]);
	const found = ran.status === 0 ? (JSON.parse(ran.stdout) as Recomputation) : null;
	const isSame =
		found !== null && found.firstDifference === null && found.same === found.entries && found.entries > 300;
	const by = /by-(.+)\.db$/.exec(url)?.[1];
	checks.check(
		`Node ${node.version} decides the ledger of Node ${by} again, byte for byte`,
		isSame,
		ran.stderr || ran.stdout,
	);
	return isSame ? found : null;
}

/** Commands and the package as they are installed, with what each prints. */
function smoke(node: Node, url: string): readonly Smoke[] {
	const program = `import(${JSON.stringify(join(ROOT, "test", "node-versions", "package.mjs"))})`;
	const calls = textOf("examples/demo/calls.jsonl");
	const tail = ["tail", "decisions", "--from", "start", "--jsonl", "--log", url];
	const doctor = run(node, [COMMAND, "doctor", "--log", url]);
	return [
		{ what: "assent policy check", ...run(node, [COMMAND, "policy", "check", BASELINE]) },
		{ what: "assent decide", ...run(node, [COMMAND, "decide", "--policy", BASELINE], calls) },
		{ what: "assent tail decisions", ...run(node, [COMMAND, ...tail]) },
		// Its findings name versions and sizes: what is found counts. The day's one dead letter is a finding, so that it exits with 1.
		{ what: "assent doctor", ...doctor, stdout: doctor.stdout.replace(/^(\S+ +\S+).*$/gm, "$1"), ends: 1 },
		{ what: "the package", ...run(node, ["-e", program]) },
		{ what: "the package, required", ...run(node, [join(ROOT, "test", "node-versions", "package.cjs")]) },
	];
}

/** On the first Node each must work, on the others print the same. */
function compare(node: Node, found: readonly Smoke[], expected: readonly Smoke[]): void {
	for (const [at, { what, ends = 0, status, stdout, stderr }] of found.entries()) {
		checks.check(
			found === expected ? `Node ${node.version}: ${what} works` : `Node ${node.version}: ${what} prints the same`,
			status === ends && stdout !== "" && stdout === expected[at]?.stdout,
			`exit ${status}: ${stderr}${stdout.slice(0, 500)}`,
		);
	}
}

function run(node: Node, args: readonly string[], input = ""): Ran {
	const { status, stdout, stderr } = spawnSync(node.path, args, {
		cwd: folder,
		input,
		encoding: "utf8",
		maxBuffer: 256 * 1024 * 1024,
		env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
	});
	return { status, stdout, stderr };
}
