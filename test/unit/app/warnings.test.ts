/** What a program that gave no telemetry hears of, and how it is spared. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ConnectOptions, connect } from "../../../src/app/connect.ts";
import { isSupported } from "../../../src/app/runtime.ts";
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
		telemetry.info("group.recovered", { instance: "one" });
		telemetry.warn("tools.running", { count: 3, first: "x\n\u001b[2Jy\u202e", why: "closed" });
		telemetry.error("replies.lost", { why: "gone" });
		expect(lines).toEqual([
			'assent: warning tools.running count=3 first="x\\n\\u001b[2Jy\\u202e" why="closed"\n',
			'assent: error replies.lost why="gone"\n',
		]);
	});
});

describe("connecting", () => {
	it("on a Node that is too old says which can, whatever the log", async () => {
		const { versions } = process;
		Object.defineProperty(process, "versions", { value: { ...versions, node: "20.20.2" }, configurable: true });
		try {
			for (const log of ["memory:", "file:none/log.db", "kafka://127.0.0.1:1"]) {
				await expect(connect({ log, policies: "policies/baseline.yaml" })).rejects.toMatchObject({
					code: "ASSENT_RUNTIME",
					message: expect.stringContaining("node 20.20.2 cannot run assent: 22.22.3, 24.15 or 26 and newer can"),
				});
			}
		} finally {
			Object.defineProperty(process, "versions", { value: versions, configurable: true });
		}
	});

	it.each([
		["22.22.2", false],
		["22.22.3", true],
		["22.23.0", true],
		["23.11.0", false],
		["24.14.9", false],
		["24.15.0", true],
		["25.1.0", false],
		["26.0.0", true],
	])("node %s: %s", (version, expected) => {
		expect(isSupported(version)).toBe(expected);
	});

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
