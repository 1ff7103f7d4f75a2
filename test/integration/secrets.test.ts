/** What no log line, metric, error text or record but `intents` may hold: arguments of calls, and passwords. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { assent, jsonLines, scratchFolder, start } from "../support/cli.ts";
import { freePorts } from "../support/kafka/ports.ts";

const CANARY = "canary-7f3a91";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: team }
tools: { allow: all, hold: [wait], deny: [drop] }
patterns:
  - { name: words, substring: canary, in: args.matched, severity: high }
limits:
  - { name: loops, measure: identical_calls, scope: session, max: 2 }
approvals:
  default: { approvers: ["*"], quorum: 1, expires: 1h }
`;

/** Calls that are allowed, matched, held, repeated, reused, cut, nested, too large and not even JSON. */
const LINES: readonly string[] = [
	JSON.stringify({ id: "a", tool: "look", args: { text: CANARY } }),
	JSON.stringify({ id: "m", tool: "look", args: { matched: `a ${CANARY}` } }),
	JSON.stringify({ id: "d", tool: "drop", args: { [CANARY]: CANARY } }),
	JSON.stringify({ id: "a", tool: "look", args: { text: `${CANARY} again` } }),
	...["l1", "l2", "l3"].map((id) => JSON.stringify({ id, tool: "loop", args: { text: CANARY } })),
	JSON.stringify({ id: "big", tool: "look", args: { text: CANARY.repeat(80_000) } }),
	JSON.stringify({ id: "deep", tool: "look", args: JSON.parse(`${'{"a":'.repeat(70)}"${CANARY}"${"}".repeat(70)}`) }),
	JSON.stringify({ id: "half", tool: "look", args: { text: `${CANARY}\ud800` } }),
	`{"id":"int","tool":"look","args":{"${CANARY}":12345678901234567890}}`,
	`{"id":"cut","tool":"look","args":{"text":"${CANARY}"`,
	`{"id":"twice","tool":"look","args":{"${CANARY}":1,"${CANARY}":2}}`,
];

describe("arguments", () => {
	it("reach no output of a running deployment, no metric and no record but the intent", async () => {
		const folder = scratchFolder();
		const path = join(folder, "log.db");
		writeFileSync(join(folder, "team.yaml"), POLICY);
		const at = ["--log", `file:${path}`];
		expect((await assent(["topics", "create", ...at])).code).toBe(0);
		const [port = 0] = await freePorts(1);
		const options = ["--json", "--log-level", "info", "--policy", join(folder, "team.yaml")];
		const processor = start(["processor", ...options, "--metrics-port", String(port), ...at]);
		await processor.said(/"event":"ready"/);
		const submitted = await assent(["submit", "--jsonl", ...at], LINES.map((line) => `${line}\n`).join(""));
		const verdicts = jsonLines(submitted.stdout).map(({ verdict }) => verdict);
		expect(verdicts).toContain("allow");
		expect(verdicts).toContain("deny");
		const address = `http://127.0.0.1:${port}`;
		const shown: Record<string, string> = {
			submit: submitted.stdout + submitted.stderr,
			metrics: await (await fetch(`${address}/metrics`)).text(),
			ready: await (await fetch(`${address}/readyz`)).text(),
		};
		for (const topic of ["decisions", "violations", "replies", "dead-letters", "checkpoints", "snapshots", "control"]) {
			const tailed = await assent(["tail", topic, "--from", "start", "--jsonl", ...at]);
			expect(tailed.code, topic).toBe(0);
			shown[topic] = tailed.stdout + tailed.stderr;
		}
		const ended = await processor.stop();
		shown["processor"] = ended.stdout + ended.stderr;
		expect(shown["decisions"]).not.toBe("");
		expect(shown["violations"]).not.toBe("");
		for (const [where, text] of Object.entries(shown)) expect(text.includes(CANARY), where).toBe(false);
		// The canary is where it belongs, and the search above can find it.
		const intents = await assent(["tail", "intents", "--from", "start", "--jsonl", ...at]);
		expect(intents.stdout).toContain(CANARY);
	});
});

describe("a password", () => {
	it.each([
		["in the configuration", `sasl: { mechanism: plain, username: u, password: ${CANARY} }`],
		["under a misspelled key", `sasl: { mechanism: plain, username: u, pasword: ${CANARY} }`],
		["in a list", `sasl: { mechanism: plain, username: u, password: [${CANARY}] }`],
		["beside another source", `sasl: { mechanism: plain, username: u, password: ${CANARY}, passwordEnv: X }`],
		["of an unknown mechanism", `sasl: { mechanism: magic, username: u, password: ${CANARY} }`],
	])(
		"%s is in no message",
		async (_, sasl) => {
			const config = join(scratchFolder(), "assent.yaml");
			writeFileSync(config, `log: kafka://127.0.0.1:1\nkafka:\n  requestTimeout: 500ms\n  ${sasl}\n`);
			for (const command of [["doctor"], ["topics", "check"], ["tail", "decisions"]]) {
				const ended = await assent([...command, "--config", config]);
				expect(ended.code).not.toBe(0);
				expect(ended.stdout + ended.stderr).not.toContain(CANARY);
			}
			expect(readFileSync(config, "utf8")).toContain(CANARY);
		},
		60_000,
	);

	it.each(["kafka://u:SECRET@127.0.0.1:1", "kafka://127.0.0.1:1?p=SECRET", "redis://u:SECRET@h/0"])(
		"in the URL %s is in no message",
		async (url) => {
			for (const command of [["doctor"], ["dev", "--policy", "x.yaml"], ["submit"]]) {
				const ended = await assent([...command, "--log", url.replace("SECRET", CANARY)]);
				expect(ended.code).not.toBe(0);
				expect(ended.stdout + ended.stderr).not.toContain(CANARY);
			}
		},
	);
});
