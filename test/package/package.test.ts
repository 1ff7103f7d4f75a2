/**
 * The package as its users have it: packed, installed into an empty folder, compiled against, run by `import` and by `require`.
 * Needs npm and its registry, nothing else.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonOf, ROOT, textOf } from "../support/repository.ts";

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const scratch = mkdtempSync(join(tmpdir(), "assent-package-"));
const project = join(scratch, "project");
const installed = join(project, "node_modules/assent");

const manifest = jsonOf("package.json") as { version: string };

beforeAll(() => {
	// `prepare` builds it first, as it does for whoever installs from git.
	npm(ROOT, "pack", "--pack-destination", scratch);
	mkdirSync(project);
	// As `npm init -y` makes it: what is not said to be a module is none.
	writeFileSync(join(project, "package.json"), '{"name":"mine","version":"1.0.0","type":"commonjs"}');
	const tarball = join(scratch, `assent-${manifest.version}.tgz`);
	npm(project, "install", "--prefer-offline", "--no-audit", "--no-fund", tarball);
}, 180_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }), 60_000);

function run(cwd: string, script: string, ...args: readonly string[]): string {
	const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
		cwd,
		encoding: "utf8",
		timeout: 60_000,
		env: { ...process.env, NO_COLOR: "1", ASSENT_LOG: "" },
	});
	expect({ status, stdout: status === 0 ? "" : stdout, stderr: status === 0 ? "" : stderr }).toMatchObject({
		status: 0,
	});
	return stdout + stderr;
}

const npm = (cwd: string, ...args: readonly string[]): string =>
	execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 170_000 });

/** How a project of TypeScript finds what a package exports. A bundler's emits nothing: it is the bundler's to run. */
const RESOLUTIONS = {
	node16: { module: "node16" },
	nodenext: { module: "nodenext" },
	bundler: { module: "preserve", moduleResolution: "bundler", noEmit: true },
} as const;

function compile(name: string, text: string, resolution: keyof typeof RESOLUTIONS = "nodenext"): void {
	writeFileSync(join(project, name), text);
	const strict = {
		strict: true,
		exactOptionalPropertyTypes: true,
		noUncheckedIndexedAccess: true,
		skipLibCheck: false,
	};
	const compilerOptions = { ...strict, ...RESOLUTIONS[resolution], target: "es2022", types: [], outDir: "out" };
	writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [name] }));
	run(project, TSC, "-p", ".");
}

/** The blocks of README in a language, in their order. */
const blocks = (language: string): readonly string[] =>
	[...textOf("README.md").matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))].map(
		([, text]) => text as string,
	);

describe("the package in a project of its own", { timeout: 120_000 }, () => {
	it("compiles README's snippet as it stands, and runs it to its end", () => {
		const [snippet = ""] = blocks("ts");
		expect(snippet).toContain('from "assent"');
		compile("agent.mts", snippet);
		const said = run(project, join(project, "out/agent.mjs"));
		expect(said).toContain("ran npm test");
		expect(said).toContain("The call to `shell` was denied");
		// Nothing went wrong unseen, and nothing was told that did not.
		expect(said).not.toContain("assent:");
		// As README runs it.
		expect(run(project, join(project, "agent.mts"))).toContain("ran npm test");
	});

	it("knows the tools that people have: interfaces, optional members, no arguments, plain functions, generators", () => {
		compile("tools.mts", TOOLS);
		expect(run(project, join(project, "out/tools.mjs")).trim().split("\n")).toEqual([
			"ls",
			"7",
			"t",
			"none",
			"7",
			"0",
			"1",
			"x",
		]);
	});

	it("ends where a client was not closed, once nothing is pending", () => {
		for (const log of ["memory:", `file:${join(project, "open/log.db")}`]) {
			writeFileSync(join(project, "open.mjs"), OPEN);
			expect(run(project, join(project, "open.mjs"), log)).toContain("ran ls");
		}
	});

	it.each(["node16", "nodenext", "bundler"] as const)("has types for a strict project that resolves as %s", (how) => {
		compile("tools.mts", TOOLS, how);
		compile("client.mts", CLIENT, how);
	});

	it("can be required, without a warning, and guards a tool then", () => {
		writeFileSync(join(project, "old.cjs"), OLD);
		expect(run(project, join(project, "old.cjs"))).toBe("ran ls\n");
		compile("old.cts", OLD_TYPES);
	});

	it("loads no engine, no policy language and no reader of YAML for a client that only asks", () => {
		writeFileSync(join(project, "loaded.mjs"), LOADED);
		for (const name of ["assent/client", "assent"]) {
			const loaded = run(project, join(project, "loaded.mjs"), name).trim().split("\n");
			expect(loaded).toContain("assent/dist/client/guard.js");
			expect(loaded.filter((path) => /zod|yaml|kafkajs|pino|prom-client/.test(path))).toEqual([]);
			expect(loaded.filter((path) => /core\/(engine|policy|ledger|state|match)\/|processor/.test(path))).toEqual([]);
		}
	});

	it("is decided by another process through `assent/client`, which has no processor of its own", () => {
		writeFileSync(join(project, "client.mjs"), ASKING);
		const said = run(project, join(project, "client.mjs"), `file:${join(project, "shared/log.db")}`);
		expect(said).toBe("ASSENT_USAGE\nran ls\nThe same class: true\n");
	});

	it("hands out its policies, its schemas and its manifest", () => {
		const names = ["assent/policies/baseline.yaml", "assent/schemas/policy.schema.json", "assent/package.json"];
		writeFileSync(join(project, "find.cjs"), `for (const name of ${JSON.stringify(names)}) require.resolve(name);`);
		run(project, join(project, "find.cjs"));
		const read = 'import schema from "assent/schemas/policy.schema.json" with { type: "json" };\n';
		writeFileSync(join(project, "read.mjs"), `${read}console.log(typeof schema.$schema);`);
		expect(run(project, join(project, "read.mjs"))).toContain("string");
	});

	it("holds every file that its README links to, and no map of sources that it does not hold", () => {
		const links = [...textOf("README.md").matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path as string);
		expect(links.length).toBeGreaterThan(5);
		expect(links.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
		const files = readdirSync(installed, { recursive: true }) as string[];
		expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
	});

	it("has the command, which says what it is", () => {
		const bin = join(project, "node_modules/.bin/assent");
		expect(existsSync(bin)).toBe(true);
		expect(run(project, join(installed, "dist/cli/main.js"), "--version")).toContain(manifest.version);
		expect(dirname(bin)).toContain("node_modules");
	});
});

const TOOLS = `
import { connect, type Decision } from "assent";

interface ShellArgs {
	command: string;
	cwd?: string;
}
type Parsed = { a?: string | undefined; b: number };

await using assent = await connect({
	log: "memory:",
	policies: ["node_modules/assent/policies/baseline.yaml"],
	telemetry: "silent",
});
const byInterface = assent.guard("shell", async (args: ShellArgs) => args.command);
console.log(await byInterface({ command: "ls" }));
if (Date.now() === 0) {
	// @ts-expect-error a member is missing
	void byInterface({});
	// @ts-expect-error arguments are needed
	void byInterface();
}
const plain = assent.guard("read", (args: { x: number }) => args.x);
console.log(await plain({ x: 7 }));
const nothing = assent.guard("list", async () => "t");
console.log(await nothing());
const optional = assent.guard("list", async (args: { a?: string | undefined }) => args.a ?? "none");
console.log(await optional({ a: undefined }));
const parsed = assent.guard("read", async (args: Parsed) => args.b);
const seven: number = await parsed({ a: undefined, b: 7 });
console.log(seven);
const counting = assent.guard(
	"list",
	async function* ({ upTo }: { upTo: number }) {
		for (let at = 0; at < upTo; at++) yield at;
		return "all";
	},
	{ usageOf: (end: string) => ({ tokens: end.length }) },
);
for await (const item of counting({ upTo: 2 })) console.log(item);
const untyped = assent.guard("shell", async ({ command }, { signal }) => (signal.aborted ? "" : (command as string)));
console.log(await untyped({ command: "x" }));
const asked: ShellArgs = { command: "ls" };
const decision: Decision = await assent.decide({ tool: "shell", args: asked, signal: AbortSignal.timeout(5_000) });
void decision;
assent.on("call_held", (event) => void event.expiresAt);
`;

const OPEN = `
import { connect } from "assent";
const log = process.argv[2];
const assent = await connect({ log, policies: "node_modules/assent/policies/baseline.yaml", telemetry: "silent" });
const shell = assent.guard("shell", ({ command }) => "ran " + command);
console.log(await shell({ command: "ls" }));
`;

const CLIENT = `
import { type ConnectOptions, connect, type Decision, mayRun, ToolCallDenied } from "assent/client";

const options: ConnectOptions = { log: "kafka://127.0.0.1:9092", telemetry: "silent" };
// @ts-expect-error a processor in this process is for \`assent\`
const policies: ConnectOptions = { policies: "policy.yaml" };
void policies;
export async function ask(): Promise<boolean> {
	const assent = await connect(options);
	try {
		const decision: Decision = await assent.decide({ tool: "shell", args: { command: "ls" } });
		return mayRun(decision);
	} catch (thrown) {
		if (thrown instanceof ToolCallDenied) return thrown.decision.verdict === "hold";
		throw thrown;
	}
}
`;

const OLD = `
const { connect } = require("assent");
if (require("assent/client").ToolCallDenied !== require("assent").ToolCallDenied) throw new Error("loaded twice");
(async () => {
	const policies = require.resolve("assent/policies/baseline.yaml");
	const assent = await connect({ log: "memory:", policies, telemetry: "silent" });
	console.log(await assent.guard("shell", ({ command }) => "ran " + command)({ command: "ls" }));
	await assent.close();
})();
`;

const OLD_TYPES = `
import { connect } from "assent";
import { type Decision, mayRun } from "assent/client";
void connect;
export const isAllowed = (decision: Decision): boolean => mayRun(decision);
`;

const LOADED = `
import { registerHooks } from "node:module";

registerHooks({
	load(url, context, load) {
		if (url.includes("/node_modules/")) console.log(url.slice(url.lastIndexOf("/node_modules/") + "/node_modules/".length));
		return load(url, context);
	},
});
await import(process.argv[2]);
`;

const ASKING = `
import { connect as connectWithProcessor, AssentClient } from "assent";
import { connect, AssentClient as Client } from "assent/client";

const log = process.argv[2];
const telemetry = "silent";
const policies = "node_modules/assent/policies/baseline.yaml";
await connect({ log, policies }).catch((refused) => console.log(refused.code));
const deciding = await connectWithProcessor({ log, policies, telemetry });
const assent = await connect({ log, telemetry });
console.log(await assent.guard("shell", ({ command }) => "ran " + command)({ command: "ls" }));
console.log("The same class: " + (AssentClient === Client));
await assent.close();
await deciding.close();
`;
