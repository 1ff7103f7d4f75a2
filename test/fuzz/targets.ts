/** What is fed with damaged input: each reader of bytes and texts that come from outside, and what it must hold to. */

import { Readable } from "node:stream";
import { readLine } from "../../src/cli/input/call-line.ts";
import { readLines } from "../../src/cli/input/lines.ts";
import { canonicalize, parseIJson } from "../../src/core/base/canonical-json.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { decodeDerived, decodeEntry, decodeInput, identify } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import { readReplyAddress, traceHeaders } from "../../src/core/codec/headers.ts";
import { REGISTRY } from "../../src/core/codec/registry.ts";
import { claimHeaders, emptyHead, judgeRecord, ledgerHeaders } from "../../src/core/ledger/validity.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { Dice } from "../kill-loop/dice.ts";
import { assertReadAsOracle } from "../support/reader-oracle.ts";
import { recordVectors } from "../support/vectors.ts";
import { languages } from "./languages.ts";
import { damage, damageText } from "./mutate.ts";
import { ledgers, livedOnce, snapshots } from "./stored.ts";
import type { Target } from "./target.ts";

const pick = <T>(dice: Dice, of: readonly T[]): T => of[dice.upTo(of.length)] as T;

/** Records decode to a fault or to a record whose only bytes are these, as two other readers see them. */
function records(): Target {
	const seeds = recordVectors().map(({ hex }) => Buffer.from(hex, "hex"));
	return {
		name: "records",
		longestMs: 1_000,
		draw: (dice) => {
			const input = damage(dice, pick(dice, seeds), pick(dice, seeds));
			return { input, read: () => readRecord(input) };
		},
	};
}

function readRecord(bytes: Uint8Array): void {
	const schema = identify(bytes) === null ? null : REGISTRY.schemaOf(bytes);
	if (schema !== null) assertReadAsOracle(schema, Buffer.from(bytes));
	for (const topic of ["intents", "control"] as const) {
		const read = decodeInput(bytes, topic);
		if (read.ok) assertSame(bytes, encodeInput(read.value));
	}
	const entry = decodeEntry(bytes);
	if (entry.ok) assertSame(bytes, encodeEntry(entry.value));
	const derived = decodeDerived(bytes);
	if (derived.ok) assertSame(bytes, encodeDerived(derived.value));
}

function assertSame(bytes: Uint8Array, again: Uint8Array): void {
	if (!Buffer.from(again).equals(bytes)) throw new Error("what was read is written with other bytes");
}

/** Headers of the ledger: a record is a claim, valid or void; only the one entry that is next is valid. */
function claims(): Target {
	const claim = "0123456789abcdef".repeat(2);
	const seeds = [
		claimHeaders(claim),
		ledgerHeaders({ claim, seq: 0, first: 0 }),
		ledgerHeaders({ claim, seq: 7, first: 3 }),
	];
	const names = ["traceparent", "assent-reply-to", "assent-reply-id", "__proto__", "constructor"];
	return {
		name: "claims and headers",
		longestMs: 1_000,
		draw: (dice) => {
			const from = pick(dice, seeds);
			const headers: Record<string, string> = {};
			for (const [name, value] of Object.entries(from)) {
				if (dice.chance(0.9)) headers[name] = dice.chance(0.5) ? damageText(dice, value, claim) : value;
			}
			for (const name of names) {
				if (dice.chance(0.3)) {
					Object.defineProperty(headers, name, {
						value: damageText(dice, `replies-00-${claim}`, claim),
						enumerable: true,
					});
				}
			}
			return { input: headers, read: () => readHeaders(headers, claim) };
		},
	};
}

function readHeaders(headers: Record<string, string>, claim: string): void {
	traceHeaders(headers);
	const address = readReplyAddress(headers);
	if (address !== null && !/^replies(\.[a-z0-9-]+)?$/.test(address.topic))
		throw new Error("another topic is replied to");
	const judged = judgeRecord({ ...emptyHead, claim }, headers);
	const isNext =
		headers["assent-kind"] === "entry" && headers["assent-claim"] === claim && headers["assent-seq"] === "0";
	if (judged.kind === "valid" && !isNext) throw new Error("an entry counts that is not the next one");
}

/** Small, so that a million of them take minutes: together they hold each section of the language. */
const POLICY_PARTS: readonly string[] = [
	'appliesTo: { tenants: ["acme"], agents: ["coder*", "{a,b}-?"] }\ntools: { allow: [fs.*, shell], deny: ["drop_*"] }\n',
	"tools:\n  allow: all\n  hold: [{ name: deploys, tools: ['deploy.*'] }]\napprovals:\n  default: { approvers: ['*@example.com'], quorum: 2, expires: 30m }\n",
	"tools: { allow: all }\npatterns:\n  - { name: rm, regex: '\\brm\\s+-\\w*r', in: args.command, severity: high }\n  - name: paths\n    glob: '/etc/**'\n    style: path\n    unless: { glob: '/etc/hosts', style: path }\n    in: args.files\n",
	"tools: { allow: all }\nlimits:\n  - { name: calls, measure: tool_calls, scope: session, max: 200 }\n  - { name: tokens, measure: tokens, scope: agent, max: 2000000, per: 1d, reserve: 500 }\n",
	"mode: audit\ntools: { allow: none }\nobligations:\n  - { redact: [args.password], message: 'no secrets' }\n",
	"# a comment\ntools:\n  allow:\n    - 'a'\n    - \"b.c\"\npatterns:\n  - name: folded\n    regex: >-\n      a{2,5}|[b-d]+\n    case: sensitive\n    missing: match\n    in: [args.a, args.b]\n",
];

/** Policies load, or say what is wrong and where. */
function policies(): Target {
	const head = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: fuzz }\n";
	const seeds = POLICY_PARTS.map((part) => head + part);
	// A seed that is refused as it is would damage nothing but its own fault.
	for (const text of seeds) assertLoads(text);
	return {
		name: "policies",
		longestMs: 5_000,
		draw: (dice) => {
			const text = damageText(dice, pick(dice, seeds), pick(dice, seeds));
			return { input: text, read: () => readPolicy(text) };
		},
	};
}

const compiled = (text: string) => compilePolicies([{ name: "fuzz.yaml", text }], { budgetRoot: "tenant/agent" });

function assertLoads(text: string): void {
	const read = compiled(text);
	if (!read.ok) throw new Error(`a seed does not load: ${read.error.map(({ message }) => message).join("; ")}`);
}

function readPolicy(text: string): void {
	const read = compiled(text);
	if (read.ok) return;
	if (read.error.length === 0) throw new Error("refused without a word");
	for (const { message, place } of read.error) {
		if (message === "" || place === null) throw new Error("a fault without words or without a place");
	}
}

/** JSON texts are refused, or mean one value that is written in one way. */
function json(): Target {
	const seeds = [
		'{"id":"a","tool":"shell","args":{"command":"rm -rf /","list":[1,2.5,-3e7,null,true],"\\u00e9":"\\ud83d\\ude00"}}',
		'{"id":"b","tenant":"t","agent":"a","session":"s","tool":"x","args":{"a":{"b":{"c":[[[]]]}}},"usage":{"tokens":5}}',
	];
	return {
		name: "JSON lines",
		longestMs: 1_000,
		draw: (dice) => {
			const text = damageText(dice, pick(dice, seeds), pick(dice, seeds));
			return { input: text, read: () => readJson(text) };
		},
	};
}

function readJson(text: string): void {
	const read = parseIJson(text);
	if (!read.ok) return;
	const canonical = canonicalize(read.value);
	const again = parseIJson(canonical);
	if (!again.ok || canonicalize(again.value) !== canonical) throw new Error("a value has two canonical texts");
}

/** Lines of calls and outcomes: each that is not empty has one answer, a call or what is wrong with it. */
function lines(): Target {
	const seeds = [
		'{"id":"a","tenant":"acme","agent":"coder","session":"run","tool":"shell","args":{"command":"rm -rf /"},"usage":{"tokens":5}}\n',
		'{"tool":"fs.read","args":{"path":"/srv"},"estimate":{"tokens":1,"cost":0.25},"at":1700000000000,"onBehalfOf":"ann"}\n',
		'{"outcome":{"id":"a","status":"ok","usage":{"tokens":7,"cost":0.5}}}\n',
	];
	return {
		name: "call lines",
		longestMs: 1_000,
		draw: (dice) => {
			const text = pick(dice, seeds) + pick(dice, seeds) + pick(dice, seeds);
			const input = dice.chance(0.5)
				? Buffer.from(damageText(dice, text, text))
				: damage(dice, Buffer.from(text), Buffer.from(text));
			return { input, read: () => readCallLines(input) };
		},
	};
}

async function readCallLines(bytes: Uint8Array): Promise<void> {
	let answers = 0;
	for await (const batch of readLines(Readable.from([Buffer.from(bytes)]))) {
		for (const line of batch) {
			answers += 1;
			const read = readLine(line, () => `line-${line.number}`);
			if (!read.ok && (read.error.message === "" || read.error.id === "")) throw new Error("refused without a word");
			if (read.ok && read.value.kind === "call") assertCanonical(read.value.call.args);
		}
	}
	const written = Buffer.from(bytes).toString("utf8").split("\n");
	const expected = written.filter((text, at) => (at === 0 ? text.replace(/^\ufeff/, "") : text).trim() !== "").length;
	if (answers !== expected) throw new Error(`${answers} answers to ${expected} lines`);
}

function assertCanonical(args: JsonObject): void {
	const text = canonicalize(args);
	const again = parseIJson(text);
	if (!again.ok || canonicalize(again.value) !== text) throw new Error("arguments have two canonical texts");
}

export async function targets(): Promise<readonly Target[]> {
	const stored = await livedOnce();
	return [records(), claims(), json(), lines(), ledgers(stored), snapshots(stored), policies(), ...languages()];
}
