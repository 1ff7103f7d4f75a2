/**
 * The filter that docs/runbook.md gives to plain consumers of the ledger: it is taken from the page as it stands, run over
 * ledgers on a real Kafka that have void entries, and judges every record as `judgeRecord` does.
 */
import { spawn } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import {
	claimHeaders,
	emptyHead,
	judgeRecord,
	type LedgerHeaders,
	ledgerHeaders,
} from "../../src/core/ledger/validity.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { ROOT, textOf } from "../support/repository.ts";
import { until } from "../support/world.ts";

type Filter = (message: { readonly headers: Readonly<Record<string, unknown>> }) => boolean;

/** The page's JavaScript with the filter in it. */
const snippet = [...textOf("docs/runbook.md").matchAll(/^```js\n([\s\S]*?)^```$/gm)]
	.map(([, code = ""]) => code)
	.filter((code) => code.includes("function ledgerFilter("))
	.join("\n// and once more:\n");

const filterText = /^function ledgerFilter\(\) \{[\s\S]*?^\}$/m.exec(snippet)?.[0] ?? "";

/** The function alone. */
const newFilter = (): Filter => {
	const make = new Function(`${filterText}; return ledgerFilter();`) as () => Filter;
	return make();
};

/** Whether each record is a valid entry, by the rule that everything else here uses. */
function judged(records: readonly LedgerHeaders[]): boolean[] {
	let head = emptyHead;
	return records.map((headers) => {
		const judgement = judgeRecord(head, headers);
		head = judgement.head;
		return judgement.kind === "valid";
	});
}

const FORMER = "f".repeat(32);
const OWNER = "0".repeat(32);
const entry = (claim: string, seq: number, first: number): LedgerHeaders => ledgerHeaders({ claim, seq, first });

const anyClaim = fc.constantFrom(FORMER, OWNER, OWNER.slice(1));
/** Mostly what comes next in order. */
const anyStep = fc.oneof(
	{ weight: 2, arbitrary: anyClaim.map((claim) => ({ kind: "claim", claim }) as const) },
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant("entry" as const),
			claim: fc.option(anyClaim),
			ahead: fc.constantFrom(0, 0, 0, 0, -1, 1),
			isFollowing: fc.boolean(),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant("odd" as const),
			headers: fc.dictionary(
				fc.constantFrom("assent-claim", "assent-kind", "assent-seq", "assent-first", "traceparent"),
				fc.constantFrom(FORMER, "undefined", "claim", "entry", "", "0", "00", "1", "+1", "-1", "1e0"),
			),
		}),
	},
);

/** A ledger of such steps: each entry stands in relation to what came before it. */
function ledgerOf(steps: readonly (typeof anyStep extends fc.Arbitrary<infer Step> ? Step : never)[]): LedgerHeaders[] {
	let head = emptyHead;
	let before = 0;
	return steps.map((step) => {
		const seq = head.seq + 1 + (step.kind === "entry" ? step.ahead : 0);
		const first = step.kind === "entry" && step.isFollowing ? before : seq;
		const headers =
			step.kind === "claim"
				? claimHeaders(step.claim)
				: step.kind === "odd"
					? step.headers
					: entry(step.claim ?? head.claim ?? FORMER, seq, first);
		head = judgeRecord(head, headers).head;
		before = first;
		return headers;
	});
}

describe("the filter of the runbook", () => {
	it("stands there once, in about ten lines", () => {
		expect(snippet.split("function ledgerFilter(")).toHaveLength(2);
		expect(filterText.split("\n").length).toBeLessThanOrEqual(12);
	});

	it("judges as the ledger's rule does, whatever the headers are", () => {
		fc.assert(
			fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
				const records = ledgerOf(steps);
				const filter = newFilter();
				expect(records.map((headers) => filter({ headers }))).toEqual(judged(records));
			}),
			{ numRuns: 3_000 },
		);
	});

	it("takes the last of headers with one name, as Assent does", () => {
		const filter = newFilter();
		expect(filter({ headers: claimHeaders(OWNER) })).toBe(false);
		const twice = { ...entry(OWNER, 0, 0), "assent-seq": [Buffer.from("7"), Buffer.from("0")] };
		expect(filter({ headers: twice })).toBe(true);
	});
});

describeKafka("a plain consumer with the filter of the runbook", () => {
	it("passes over what a zombie, a half-valid append and strangers wrote, and over nothing else", async () => {
		const on = await Deployment.make();
		onTestFinished(() => on.close());
		// Two owners, one after the other, each with entries of its own.
		for (const instance of ["former", "owner"]) {
			const { processor } = await on.startProcessor({ instance });
			for (const partition of on.partitions) await on.decide(partition);
			await processor.drain();
		}
		const forge = (partition: number, append: readonly LedgerHeaders[]): Promise<number> =>
			on.put(
				TOPICS.decisions,
				partition,
				append.map((headers) => ({ value: "forged", headers: { ...headers } })),
			);
		for (const partition of on.partitions) {
			const written = (await on.records(TOPICS.decisions, partition)).map(({ headers }) => headers);
			const claims = written.filter((headers) => headers["assent-kind"] === "claim");
			const [former = "", current = ""] = claims.map((headers) => headers["assent-claim"]);
			const next = judged(written).filter(Boolean).length;
			// A zombie's append, of which nothing counts.
			await forge(partition, [entry(former, next, next), entry(former, next + 1, next)]);
			// The first of it is valid, the second is not, and neither is what follows in the same append.
			await forge(partition, [
				entry(current, next, next),
				entry(current, next + 2, next),
				entry(current, next + 1, next),
			]);
			await forge(partition, [{}, { "assent-claim": current, "assent-kind": "note" }]);
			await forge(partition, [{ ...entry(current, next + 1, next + 1), "assent-seq": `0${next + 1}` }]);
			// After a claim its predecessor's append cannot go on.
			await forge(partition, [claimHeaders(OWNER)]);
			await forge(partition, [entry(OWNER, next + 1, next), entry(current, next + 1, next + 1)]);
			await forge(partition, [entry(OWNER, next + 1, next + 1), entry(OWNER, next + 2, next + 1)]);
		}
		const expected = await Promise.all(
			on.partitions.map(async (partition) => {
				const records = await on.records(TOPICS.decisions, partition);
				const isValid = judged(records.map(({ headers }) => headers));
				expect(isValid.at(-1)).toBe(true);
				expect(isValid.filter((valid) => !valid).length - 3).toBe(2 + 2 + 2 + 1 + 2);
				return records.filter((_, at) => isValid[at] === true).map(({ offset }) => `${partition} ${offset}`);
			}),
		);

		const program = snippet
			.replaceAll("broker-1:9092", on.broker)
			.replaceAll("assent.decisions", `${on.prefix}decisions`);
		expect(program).not.toBe(snippet);
		const consumer = spawn(process.execPath, ["--input-type=module", "-e", program], {
			cwd: ROOT,
			stdio: ["ignore", "pipe", "inherit"],
		});
		onTestFinished(() => void consumer.kill("SIGKILL"));
		let printed = "";
		consumer.stdout.on("data", (chunk) => {
			printed += String(chunk);
		});
		const lines = (): readonly string[] => printed.split("\n").filter((line) => /^\d+ \d+$/.test(line));
		// The last record of every partition is valid: once it is there, all before it were judged.
		await until(() => expected.every((each) => lines().includes(each.at(-1) ?? "")), "the last entries");
		for (const [partition, each] of expected.entries()) {
			expect(lines().filter((line) => line.startsWith(`${partition} `))).toEqual(each);
		}
	});
});
