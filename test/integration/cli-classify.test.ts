/** `assent classify` as a script uses it: calls on stdin, one answer per line in their order. */
import { describe, expect, it, vi } from "vitest";
import { runCli } from "../support/run-cli.ts";

interface Answer {
	readonly id: string | number;
	readonly category?: string;
	readonly dangerous?: boolean;
	readonly categories?: readonly {
		readonly category: string;
		readonly confidence: number;
		readonly rules: readonly string[];
	}[];
	readonly facts?: readonly { readonly kind: string; readonly pointer: string }[];
	readonly error?: string;
}

const lines = (stdout: string): readonly Answer[] =>
	stdout
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as Answer);

describe("assent classify", () => {
	it("answers each call with its categories, their rules and the facts", async () => {
		const calls = [
			{ id: "a", tool: "drop_table", args: { table: "orders" } },
			{ id: 7, tool: "get_weather", args: { city: "Berlin" } },
			{ tool: "read_file", args: { path: "/etc/shadow" }, note: "other keys say nothing" },
		];
		const stdin = calls.map((call) => JSON.stringify(call)).join("\n");
		const { exit, stdout, stderr } = await runCli(["classify", "--jsonl"], { stdin });
		expect([exit, stderr]).toEqual([0, ""]);
		const [dropped, weather, read] = lines(stdout);
		expect(dropped).toMatchObject({ id: "a", category: "destructive_data", dangerous: true });
		expect(dropped?.categories?.[0]?.rules).toEqual(["store-removed"]);
		expect(weather).toMatchObject({ id: 7, category: "data_read", dangerous: false });
		expect(read).toMatchObject({ id: "3", category: "data_exfiltration", dangerous: true });
		expect(read?.facts?.map(({ kind, pointer }) => `${kind} ${pointer}`)).toContain("path /path");
	});

	it("answers a bad line by what is wrong with it, and the lines around it", async () => {
		const stdin =
			'{"id":"x","tool":"ls"}\n{"tool":7,"args":{}}\nnonsense\n{"id":{},"tool":"a","args":{}}\n{"id":"y","tool":"mean","args":{}}\n';
		const { exit, stdout } = await runCli(["classify", "--jsonl"], { stdin });
		expect(exit).toBe(2);
		expect(lines(stdout).map(({ id, error, category }) => error ?? `${id} ${category}`)).toEqual([
			'line 1: `args` is not an object: write `"args":{}` for a call without arguments',
			"line 2: `tool` is not the name of a tool",
			expect.stringMatching(/^line 3: /),
			"line 4: `id` is neither a text nor a number",
			"y benign",
		]);
	});

	it("says it to people in one line", async () => {
		const stdin = '{"id":"a\\u001b[2J","tool":"drop_table","args":{}}\n{"tool":"x"}\n';
		const { exit, stdout } = await runCli(["classify"], { stdin });
		expect(exit).toBe(2);
		expect(stdout).toMatch(/^a\\u001b\[2J {2}dangerous {2}destructive_data {2}\(destructive_data 85\)\nline 2: /);
	});

	it("tells a person that it waits for lines, how far it is, and that none came", async () => {
		const nothing = await runCli(["classify"], { stdin: "\n" });
		expect(nothing).toMatchObject({ exit: 0, stdout: "", stderr: "no line was read from stdin\n" });
		const asked = await runCli(["classify"], { stdin: '{"tool":"ls","args":{}}\n', isAsked: true });
		expect(asked.stderr).toContain("Ctrl-D ends");
		let now = 0;
		const clock = vi.spyOn(performance, "now").mockImplementation(() => {
			now += 400;
			return now;
		});
		const told = await runCli(["classify"], { stdin: '{"tool":"ls","args":{}}\n', isProgressSeen: true });
		clock.mockRestore();
		expect(told.stderr).toContain("1 call classified");
	});

	it("names the rule pack by its digest", async () => {
		const { exit, stdout } = await runCli(["classify", "--rules"]);
		expect([exit, stdout]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
	});
});
