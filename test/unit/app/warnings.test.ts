/** What a program that gave no telemetry hears of, and how it is spared. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ConnectOptions, connect } from "../../../src/app/connect.ts";
import { stderrTelemetry } from "../../../src/app/warnings.ts";

afterEach(() => {
	vi.restoreAllMocks();
});

async function said(options: ConnectOptions): Promise<string> {
	const lines: string[] = [];
	vi.spyOn(process.stderr, "write").mockImplementation((line) => {
		lines.push(String(line));
		return true;
	});
	await using assent = await connect({ log: "memory:", policies: "policies/baseline.yaml", ...options });
	assent.on("policy_check", () => {
		throw new Error("a listener's own fault");
	});
	await assent.guard("shell", () => 1, { usageOf: () => ({ tokens: 0, cost: 0 }) })({ command: "ls" });
	return lines.join("");
}

describe("a client without telemetry", () => {
	it("says on stderr that a listener threw", async () => {
		expect(await said({})).toMatch(
			/^assent: warning listener\.threw name="policy_check" why="Error: a listener's own fault"\n$/,
		);
	});

	it("is silent where that was asked for", async () => {
		expect(await said({ telemetry: "silent" })).toBe("");
	});
});

describe("a warning", () => {
	it("is one line, whatever an agent named itself", () => {
		const lines: string[] = [];
		const telemetry = stderrTelemetry((line) => lines.push(line));
		telemetry.info("unheard");
		telemetry.warn("a.b", { tool: "x\n\u001b[2Jy\u202e", count: 3 });
		telemetry.error("c.d");
		expect(lines).toEqual(['assent: warning a.b tool="x\\n\\u001b[2Jy\\u202e" count=3\n', "assent: error c.d\n"]);
	});
});

describe("connecting", () => {
	it.each<[string, ConnectOptions, RegExp]>([
		["a log in memory that nobody decides on", { log: "memory:" }, /no processor runs in it \(name the policies/],
		[
			"a policy that is not there",
			{ log: "memory:", policies: "none.yaml" },
			/there is no file or folder `none\.yaml`/,
		],
		["no policy", { log: "memory:", policies: [] }, /name a policy file, or a folder/],
		["no URL", { log: "blah" }, /write `file:PATH`/],
	])("to %s says so once, without options of the command line", async (_what, options, words) => {
		const thrown = (await connect(options).catch((why: unknown) => why)) as Error;
		expect(thrown.message).toMatch(words);
		expect(thrown.message).not.toContain("--");
		expect(thrown.message.match(/ \(/g)).toHaveLength(1);
	});
});
