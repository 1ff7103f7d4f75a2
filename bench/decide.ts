/**
 * The engine on one core: `decide` on decoded intents, and the whole step (bytes in, entry bytes out) with outcomes, for the
 * baseline policy and for a set of 100 rules. The peer is V8's RegExp, one pattern after the other, over the same texts: what
 * a hand-written guard would do, without budgets, ledger or linear time.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalize } from "../src/core/base/canonical-json.ts";
import { sha256Hex } from "../src/core/base/digest.ts";
import type { JsonObject } from "../src/core/base/json.ts";
import { encodeInput } from "../src/core/codec/encode.ts";
import { decide } from "../src/core/engine/decide.ts";
import { evolve } from "../src/core/engine/evolve.ts";
import { beginFold } from "../src/core/ledger/fold.ts";
import type { IntentSubmitted } from "../src/core/model/inputs.ts";
import { DEFAULT_LAYOUT } from "../src/core/model/layout.ts";
import { compilePolicies } from "../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../src/core/policy/compiled.ts";
import { beginAppend, consume, inputOf, take } from "../src/processor/step.ts";
import { type BenchRow, percentile } from "./row.ts";

const CALLS = 40_000;
const LAYOUT = { ...DEFAULT_LAYOUT, partitions: 1 };
const root = join(import.meta.dirname, "..");

export async function benchDecide(): Promise<BenchRow[]> {
	const { texts, set: hundred } = hundredRules();
	const baseline = compiled(readFileSync(join(root, "policies", "baseline.yaml"), "utf8"), "baseline.yaml");
	const intents = intentsOf();
	const bytes = Math.round(intents.reduce((sum, intent) => sum + intent.argsText.length, 0) / intents.length);
	const rows: BenchRow[] = [{ what: "mean length of the arguments", value: bytes, unit: "characters" }];

	const regexps = texts.map((text) => new RegExp(text, "is"));
	const peer = rate(() => {
		let hits = 0;
		for (const intent of intents) for (const regexp of regexps) if (regexp.test(intent.argsText)) hits += 1;
		return hits;
	});
	rows.push({ what: "peer: 100 V8 RegExps one by one, patterns alone", value: peer, unit: "calls/s" });

	for (const [name, set] of [
		["100 rules", hundred],
		["baseline policy", baseline],
	] as const) {
		const { perSecond, p99 } = decideRate(intents, set);
		rows.push({ what: `decide, ${name}`, value: perSecond, unit: "calls/s" });
		rows.push({ what: `decide, ${name}, p99`, value: p99, unit: "µs" });
		rows.push({ what: `decide, ${name}, against the peer`, value: perSecond / peer, unit: "×" });
		rows.push({ what: `whole step, ${name}`, value: stepRate(intents, set), unit: "inputs/s" });
	}
	return rows;
}

function rate(work: () => number): number {
	work();
	const startedAt = performance.now();
	work();
	return (CALLS / (performance.now() - startedAt)) * 1_000;
}

function decideRate(intents: readonly IntentSubmitted[], set: CompiledPolicySet): { perSecond: number; p99: number } {
	let best = { perSecond: 0, p99: 0 };
	for (let round = 0; round < 3; round++) {
		const { state } = beginFold(LAYOUT, 0);
		state.policy = { digest: set.digest, generation: 1, activationId: "bench" };
		const took: number[] = [];
		let inDecide = 0;
		for (const [offset, record] of intents.entries()) {
			const before = performance.now();
			const entry = decide(
				state,
				{
					kind: "read",
					cause: { topic: "intents", partition: 0, offset },
					time: record.issuedAt,
					late: false,
					ahead: false,
					address: null,
					record,
				},
				{ get: () => set },
			);
			const ms = performance.now() - before;
			inDecide += ms;
			took.push(ms * 1_000);
			evolve(state, entry);
		}
		const perSecond = (intents.length / inDecide) * 1_000;
		if (perSecond > best.perSecond)
			best = {
				perSecond,
				p99: percentile(
					took.sort((a, b) => a - b),
					0.99,
				),
			};
	}
	return best;
}

/** Bytes in → entry bytes out: decode, digests, match, budgets, encode, fold. An outcome follows each intent. */
function stepRate(intents: readonly IntentSubmitted[], set: CompiledPolicySet): number {
	const values = intents.flatMap((intent) => [
		encodeInput(intent),
		encodeInput({
			type: "outcome.reported",
			call: { tenant: intent.principal.tenant, agent: intent.principal.agent, id: intent.id },
			session: intent.principal.session,
			status: "ok",
			usage: { tokens: 10, costMicros: 5, executionMs: 3 },
		}),
	]);
	let best = 0;
	for (let round = 0; round < 3; round++) {
		const folded = beginFold(LAYOUT, 0);
		folded.state.policy = { digest: set.digest, generation: 1, activationId: "bench" };
		const startedAt = performance.now();
		let append = beginAppend("00000000000000000000000000000000", 0);
		for (const [offset, value] of values.entries()) {
			const timestamp = (intents[offset >> 1] as IntentSubmitted).issuedAt;
			const consumed = consume(
				{ topic: "intents", partition: 0, offset, timestamp, key: null, value, headers: {} },
				"intents",
			);
			take(folded, append, inputOf(consumed, timestamp, undefined), { get: () => set });
			if (append.records.length === 500) append = beginAppend(append.claimId, folded.state.nextSeq);
		}
		best = Math.max(best, (values.length / (performance.now() - startedAt)) * 1_000);
	}
	return best;
}

function intentsOf(): IntentSubmitted[] {
	const lines = readFileSync(join(root, "examples", "demo", "calls.jsonl"), "utf8")
		.trim()
		.split("\n");
	const calls = lines.map((line) => JSON.parse(line) as { tool: string; args: JsonObject });
	return Array.from({ length: CALLS }, (_, index) => {
		const { tool, args } = calls[index % calls.length] as { tool: string; args: JsonObject };
		const issuedAt = 1_800_000_000_000 + index * 100;
		return {
			type: "intent.submitted",
			id: `bench-${index}`,
			principal: {
				tenant: "acme",
				agent: "bench",
				session: `run-${index >> 6}`,
				actor: [],
				onBehalfOf: null,
				sessionStartedAt: null,
			},
			tool,
			args,
			argsText: canonicalize(args),
			salt: Buffer.from(sha256Hex(`salt ${index}`), "hex"),
			sessionSalt: Buffer.from(sha256Hex(`session ${index >> 6}`), "hex"),
			estimate: { tokens: 100, costMicros: 50 },
			issuedAt,
			executor: "0123456789abcdefghijkl",
			deadline: issuedAt + 5_000,
		};
	});
}

function compiled(text: string, name: string): CompiledPolicySet {
	const set = compilePolicies([{ name, text }], { budgetRoot: "tenant/agent" });
	if (!set.ok) throw new Error(JSON.stringify(set.error));
	return set.value;
}

/** 80 patterns, 12 tool globs and 8 limits, as a large team's policy would have. */
function hundredRules(): { texts: string[]; set: CompiledPolicySet } {
	const verbs = [
		"rm",
		"dd",
		"mkfs",
		"curl",
		"wget",
		"nc",
		"scp",
		"chmod",
		"chown",
		"kill",
		"sudo",
		"ssh",
		"git",
		"kubectl",
		"docker",
		"psql",
	];
	const texts = verbs.flatMap((verb) => [
		`\\b${verb}\\s+-\\w*f\\w*\\s+/`,
		`\\b${verb}\\b[^|;\\n]{0,80}\\b(secret|token|passwd)\\b`,
		`\\b${verb}\\s+--(force|recursive|all)\\b`,
		`(^|[;&|]\\s*)${verb}\\s+[^ ]+\\.example\\.(com|net)/evil`,
		`${verb}-audit-[0-9]{4}`,
	]);
	const patterns = texts.map((text, index) => `  - { name: p${index}, regex: '${text}' }`).join("\n");
	const tools = Array.from({ length: 12 }, (_, index) => `    - { name: t${index}, tools: ["danger${index}.*"] }`).join(
		"\n",
	);
	const limits = ["tool_calls", "tokens", "cost", "concurrent_calls"]
		.flatMap((measure) =>
			["session", "agent"].map(
				(scope) =>
					`  - { name: ${measure.replace("_", "-")}-${scope}, measure: ${measure}, scope: ${scope}, max: 1000000000 }`,
			),
		)
		.join("\n");
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: hundred }\ntools:\n  allow: all\n  deny:\n${tools}\npatterns:\n${patterns}\nlimits:\n${limits}\n`;
	return { texts, set: compiled(text, "hundred.yaml") };
}
