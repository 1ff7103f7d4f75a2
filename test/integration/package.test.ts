/** The package as its users have it: packed, installed into an empty folder, compiled against, run. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jsonOf, ROOT, textOf } from "../support/repository.ts";

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const scratch = mkdtempSync(join(tmpdir(), "assent-package-"));
const project = join(scratch, "project");
const installed = join(project, "node_modules/assent");

const manifest = jsonOf("package.json") as { files: readonly string[]; version: string };

beforeAll(() => {
	// Packed from a copy: other tests may be running what lies in dist.
	const stage = join(scratch, "stage");
	for (const name of ["package.json", ...manifest.files.filter((file) => file !== "dist")]) {
		cpSync(join(ROOT, name), join(stage, name), { recursive: true });
	}
	run(ROOT, TSC, "-p", "tsconfig.build.json", "--outDir", join(stage, "dist"));
	npm(stage, "pack", "--ignore-scripts");
	mkdirSync(project);
	// As `npm init -y` makes it: what is not said to be a module is none.
	writeFileSync(join(project, "package.json"), '{"name":"mine","version":"1.0.0","type":"commonjs"}');
	npm(project, "install", "--prefer-offline", "--no-audit", "--no-fund", join(stage, `assent-${manifest.version}.tgz`));
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

function compile(name: string, text: string): void {
	writeFileSync(join(project, name), text);
	const strict = {
		strict: true,
		exactOptionalPropertyTypes: true,
		noUncheckedIndexedAccess: true,
		skipLibCheck: false,
	};
	const compilerOptions = { ...strict, module: "nodenext", target: "es2022", types: [], outDir: "out" };
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
		const began = performance.now();
		const said = run(project, join(project, "out/agent.mjs"));
		expect(performance.now() - began).toBeLessThan(25_000);
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

	it("can be required", () => {
		writeFileSync(join(project, "old.cjs"), 'console.log(typeof require("assent").connect);');
		expect(run(project, join(project, "old.cjs"))).toContain("function");
		compile("old.cts", 'import { connect } from "assent";\nvoid connect;\n');
	});

	it("hands out its policies, its schemas and its manifest", () => {
		const names = ["assent/policies/baseline.yaml", "assent/schemas/policy.schema.json", "assent/package.json"];
		writeFileSync(join(project, "find.cjs"), `for (const name of ${JSON.stringify(names)}) require.resolve(name);`);
		run(project, join(project, "find.cjs"));
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
