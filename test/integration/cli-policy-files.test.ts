/** `assent policy test` and `fmt` as people, programs and build servers run it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: pay }
tools: { allow: [pay, look], deny: [rm] }
`;
const cases = (text: string): string => `apiVersion: assent.dev/v1\nkind: PolicyTest\n${text}`;

let folder: string;
const path = (name: string): string => join(folder, name);
const test = (...args: readonly string[]) => runCli(["policy", "test", ...args]);

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "assent-policy-test-"));
	await mkdir(path("good"));
	await mkdir(path("empty"));
	await writeFile(path("good/pay.yaml"), POLICY);
	await writeFile(
		path("good/pay.test.yaml"),
		cases("calls: [{ tool: pay, expect: allow }, { tool: sh, expect: deny }]\n"),
	);
	await writeFile(
		path("wrong.test.yaml"),
		cases(
			"policies: [good/pay.yaml]\ncalls:\n  - { name: a & b, tool: rm, expect: hold }\n  - { tool: pay, expect: allow }\n",
		),
	);
	await writeFile(
		path("slip.test.yaml"),
		cases("policies: [good/pay.yaml]\ncalls: [{ tool: rm, expect: { verdict: deny, rule: rn } }]\n"),
	);
	await writeFile(path("lost.test.yaml"), cases("policies: [good/lost.yaml]\ncalls: [{ tool: rm, expect: deny }]\n"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("policy test", () => {
	it("runs the test files of a folder, which is a folder of policies as well", async () => {
		expect(await test(path("good"))).toMatchObject({
			exit: 0,
			stdout: `ok    ${path("good/pay.test.yaml")}  2 cases\n`,
			stderr: "",
		});
		const checked = await runCli(["policy", "check", path("good"), path("good/pay.test.yaml"), "--json"]);
		expect(checked.json()).toMatchObject({ ok: true, files: [{ file: path("good/pay.yaml") }] });
	});

	it("exits with 1 when a case fails, and says where and why", async () => {
		const { exit, stdout, stderr } = await test(path("wrong.test.yaml"), path("good"));
		expect([exit, stderr]).toEqual([1, ""]);
		expect(stdout.split("\n")).toEqual([
			`FAIL  ${path("wrong.test.yaml")}:5:38  a & b`,
			"      verdict: expected hold, got deny",
			"        pay/tools.allow  tool.not_allowed  policy `pay` does not list this tool among those that may be called",
			"        pay/tools.deny[rm]  tool.denied  policy `pay` denies this tool",
			`FAIL  ${path("wrong.test.yaml")}  1 of 2 cases failed`,
			`ok    ${path("good/pay.test.yaml")}  2 cases`,
			"",
		]);
	});

	it("exits with 2 when a file cannot be used, with the place of each slip", async () => {
		const { exit, stderr } = await test(
			path("slip.test.yaml"),
			path("lost.test.yaml"),
			path("empty"),
			path("wrong.test.yaml"),
		);
		expect(exit).toBe(2);
		expect(stderr).toContain(`slip.test.yaml:4:52  POLICY_REFERENCE  no rule of these policies is called \`rn\``);
		expect(stderr).toContain(
			`lost.test.yaml:3:12  ASSENT_FILE_MISSING  there is no file or folder \`${path("good/lost.yaml")}\``,
		);
		expect(stderr).toContain("POLICY_EMPTY  there is no test in the folder");
	});

	it("lists what no case reaches, and exits with 1 where that is too much", async () => {
		const { exit, stdout } = await test(path("good"), "--coverage");
		expect([exit, stdout.split("\n").slice(1)]).toEqual([
			0,
			[
				`rules ${path("good/pay.yaml")}  1 of 2 fired, 1 decided`,
				`      ${path("good/pay.yaml")}:4:37  never fired  tools.deny[rm]`,
				"rules covered: 50 %",
				"",
			],
		]);
		expect((await test(path("good"), "--min-coverage", "50")).exit).toBe(0);
		expect(await test(path("good"), "--min-coverage", "51")).toMatchObject({
			exit: 1,
			stderr: "50 % of the rules fired, and 51 % are asked for\n",
		});
		expect((await test(path("good"), "--min-coverage", "101")).exit).toBe(2);
	});

	it("counts the rules of policies in the folder that no test is about", async () => {
		await mkdir(path("fleet/other"), { recursive: true });
		await writeFile(path("fleet/pay.yaml"), POLICY.replace(", deny: [rm]", ""));
		await writeFile(path("fleet/pay.test.yaml"), cases("calls: [{ tool: sh, expect: deny }]\n"));
		expect((await test(path("fleet"), "--min-coverage", "100")).exit).toBe(0);
		// The same name, so that the folder is no set; and a file of another program.
		await writeFile(path("fleet/other/pay.yaml"), POLICY);
		await writeFile(path("fleet/compose.yaml"), "services: {}\n");
		const run = await test(path("fleet"), "--coverage", "--min-coverage", "90");
		expect([run.exit, run.stderr]).toEqual([1, "33 % of the rules fired, and 90 % are asked for\n"]);
		expect(run.stdout).toContain(`rules ${path("fleet/other/pay.yaml")}  0 of 2 fired, 0 decided`);
		expect((await test(path("fleet/pay.test.yaml"), "--min-coverage", "100")).exit).toBe(0);
		await writeFile(path("fleet/other/pay.yaml"), POLICY.replace("tools:", "tolls:"));
		const broken = await test(path("fleet"));
		expect([broken.exit, broken.stderr]).toEqual([
			2,
			expect.stringContaining("other/pay.yaml:4:1  POLICY_UNKNOWN_KEY"),
		]);
		await writeFile(path("fleet/pay.yaml"), POLICY.replace("tools:", "tolls:"));
		expect((await test(path("fleet"))).stderr.match(/fleet\/pay.yaml:4:1 /g)).toHaveLength(1);
	});

	it("prints JSON", async () => {
		const { exit, json } = await test(path("wrong.test.yaml"), "--json");
		expect(exit).toBe(1);
		expect(json()).toMatchObject({
			ok: false,
			cases: 2,
			failed: 1,
			files: [
				{
					cases: [
						{
							name: "a & b",
							ok: false,
							failures: [{ differences: [{ aspect: "verdict", expected: "hold", got: "deny" }] }],
						},
						{ name: "pay", ok: true },
					],
				},
			],
			coverage: {
				percent: 100,
				rules: [
					{ rule: "tools.allow", fired: 1 },
					{ rule: "tools.deny[rm]", fired: 1 },
				],
			},
		});
	});

	it("prints JUnit XML, in which a file that cannot be used is an error", async () => {
		const { stdout } = await test(path("wrong.test.yaml"), path("slip.test.yaml"), "--junit");
		expect(stdout).toContain(`<testsuite name="${path("wrong.test.yaml")}" tests="2" failures="1" errors="0">`);
		expect(stdout).toContain('<testcase name="a &amp; b"');
		expect(stdout).toContain('<failure message="verdict: expected hold, got deny">');
		expect(stdout).toContain(`<testsuite name="${path("slip.test.yaml")}" tests="1" failures="0" errors="1">`);
	});
});

describe("policy fmt", () => {
	const UNFORMATTED = POLICY.replace("[pay, look]", "[ 'pay', \"look\" ]");
	const FORMATTED = POLICY.replace("[pay, look]", "['pay', 'look']");
	const TEST = cases("calls: [{ expect: allow, tool: pay }]\n");

	async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
		const made = await mkdtemp(join(folder, "fmt-"));
		for (const [name, text] of Object.entries(files)) await writeFile(join(made, name), text);
		return made;
	}

	it("rewrites what is not formatted, policies and their tests, and names it", async () => {
		const made = await folderOf({
			"a.yaml": UNFORMATTED,
			"a.test.yaml": TEST,
			"b.yaml": POLICY.replace("pay }", "b }"),
		});
		const [policy, tests] = [join(made, "a.yaml"), join(made, "a.test.yaml")];
		expect(await runCli(["policy", "fmt", "--check", made])).toMatchObject({
			exit: 1,
			stdout: `${tests}\n${policy}\n`,
		});
		expect(await readFile(policy, "utf8")).toBe(UNFORMATTED);
		expect(await runCli(["policy", "fmt", made])).toMatchObject({
			exit: 0,
			stdout: `${tests}\n${policy}\n`,
			stderr: "",
		});
		expect(await readFile(policy, "utf8")).toBe(FORMATTED);
		expect(await readFile(tests, "utf8")).toBe(cases("calls: [{ tool: pay, expect: allow }]\n"));
		expect(await runCli(["policy", "fmt", "--check", made])).toMatchObject({ exit: 0, stdout: "" });
	});

	it("prints one file, and changes none", async () => {
		const made = await folderOf({ "a.yaml": UNFORMATTED, "b.yaml": POLICY });
		expect(await runCli(["policy", "fmt", "--stdout", join(made, "a.yaml")])).toMatchObject({
			exit: 0,
			stdout: FORMATTED,
		});
		expect(await readFile(join(made, "a.yaml"), "utf8")).toBe(UNFORMATTED);
		expect((await runCli(["policy", "fmt", "--stdout", made])).exit).toBe(2);
	});

	it("keeps the line ends and the byte order mark that a file has", async () => {
		const crLf = (text: string): string => text.replaceAll("\n", "\r\n");
		const [bare, marked] = [crLf(UNFORMATTED), `\ufeff${TEST}`];
		const made = await folderOf({ "a.yaml": bare, "a.test.yaml": marked });
		expect((await runCli(["policy", "fmt", made])).exit).toBe(0);
		expect(await readFile(join(made, "a.yaml"), "utf8")).toBe(crLf(FORMATTED));
		expect(await readFile(join(made, "a.test.yaml"), "utf8")).toBe(
			`\ufeff${cases("calls: [{ tool: pay, expect: allow }]\n")}`,
		);
		expect(await runCli(["policy", "fmt", "--check", made])).toMatchObject({ exit: 0, stdout: "" });
		// A test that begins with its kind is one behind a mark, too.
		await writeFile(join(made, "a.test.yaml"), "\ufeffkind: PolicyTest\n");
		expect((await runCli(["policy", "check", made])).stdout).toMatch(/^ok {2}\S+a\.yaml/);
	});

	it("reports a slip, leaves its file alone, and formats the others", async () => {
		const slip = POLICY.replace("allow", "alow");
		const made = await folderOf({ "a.yaml": slip, "b.yaml": UNFORMATTED });
		const { exit, stdout, stderr } = await runCli(["policy", "fmt", made]);
		expect([exit, stdout]).toEqual([2, `${join(made, "b.yaml")}\n`]);
		expect(stderr).toContain("a.yaml:4:10  POLICY_UNKNOWN_KEY");
		expect(await readFile(join(made, "a.yaml"), "utf8")).toBe(slip);
	});
});
