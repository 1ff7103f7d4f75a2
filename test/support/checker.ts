/**
 * The checker: reads a log through its port and says what is wrong with it. Every fault test ends here, on every adapter.
 *
 * K1  The ledger folds by the validity rule, with dense `seq`, stream time that never falls, and true state digests.
 * K2  Exactly one valid entry for every input, in offset order for each input topic.
 * K3  Every intent has one decision and at most one final verdict; what is repeated is what was recorded.
 * K4  No enforced limit is over its maximum at an admission, counted again from the entries.
 * K5  Every published reply, violation, checkpoint and dead letter belongs to a valid entry and says what that entry says;
 *     of violations, checkpoints and dead letters none is missing.
 * K6  Every whole snapshot holds the fold at its position.
 * K7  An allow is open to one executor; to one without a name it is answered once.
 * K8  A token in a reply is signed by a published key, says the call, executor and policies of an allow of the ledger, and is
 *     the same for one allow whenever it is handed out (token-check.ts).
 *
 * K1 to K5, but for replies, are what `assent audit verify` looks at, too (src/core/audit/ledger-checks.ts). Memory grows with one
 * partition, never with the whole log.
 */

import { type Consequence, nameOf } from "../../src/core/audit/derived.ts";
import { LedgerChecks } from "../../src/core/audit/ledger-checks.ts";
import { sha256Hex } from "../../src/core/base/digest.ts";
import { decodeDerived, decodeEntry } from "../../src/core/codec/decode.ts";
import { encodeDerived } from "../../src/core/codec/encode.ts";
import { beginFold, type Folded, foldEntry, layoutDifference, takeRecord } from "../../src/core/ledger/fold.ts";
import { repliesOf } from "../../src/core/ledger/projections/replies.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import { callKey } from "../../src/core/model/ids.ts";
import type { InputTopic } from "../../src/core/model/inputs.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import type { DerivedRecord } from "../../src/core/model/records.ts";
import { stateDigest } from "../../src/core/state/digest.ts";
import { type Log, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { LogCatalogue } from "../../src/reading/catalogue.ts";
import { TokenCheck } from "./token-check.ts";

export interface CheckOptions {
	readonly layout: Layout;
	/** `all` (default): every input on the log must have its entry. `consumed`: those up to the last one consumed. */
	readonly inputs?: "all" | "consumed";
	/** False: the processor may have died before it published everything that its entries derive. Default true. */
	readonly isSettled?: boolean;
	/** Further reply topics (`replies.<name>`) beside `replies`. */
	readonly replyTopics?: readonly string[];
}

export interface CheckReport {
	/** Empty: nothing is wrong. At most 100 for each partition. */
	readonly findings: readonly string[];
	readonly counts: {
		readonly entries: number;
		readonly claims: number;
		readonly voids: number;
		readonly decisions: number;
		readonly repetitions: number;
		readonly admissions: number;
		readonly replies: number;
		readonly tokens: number;
		readonly violations: number;
		readonly checkpoints: number;
		readonly deadLetters: number;
		readonly snapshots: number;
	};
}

const FINDINGS_MAX = 100;

const noCounts = () => ({
	entries: 0,
	claims: 0,
	voids: 0,
	decisions: 0,
	repetitions: 0,
	admissions: 0,
	replies: 0,
	tokens: 0,
	violations: 0,
	checkpoints: 0,
	deadLetters: 0,
	snapshots: 0,
});

export async function checkLog(log: Log, options: CheckOptions): Promise<CheckReport> {
	const { layout } = options;
	const catalogue = new LogCatalogue({ log, budgetRoot: layout.budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	const findings: string[] = [];
	const counts = noCounts();
	for (let partition = 0; partition < layout.partitions; partition++) {
		const check = new PartitionCheck(log, options, catalogue, partition, await TokenCheck.of(log));
		await check.run();
		findings.push(...check.findings.slice(0, FINDINGS_MAX));
		for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += check.counts[name];
	}
	return { findings, counts };
}

class PartitionCheck {
	readonly findings: string[] = [];
	readonly counts = noCounts();
	readonly #log: Log;
	readonly #of: CheckOptions;
	readonly #catalogue: LogCatalogue;
	readonly #partition: number;
	readonly #tokens: TokenCheck;
	#checks: LedgerChecks | null = null;
	/** Digests of what each entry may have replied, by `seq`. */
	readonly #answers = new Map<number, readonly string[]>();
	/** State digests that snapshots promise, by `seq`. */
	#promised = new Map<number, string[]>();

	constructor(log: Log, of: CheckOptions, catalogue: LogCatalogue, partition: number, tokens: TokenCheck) {
		this.#log = log;
		this.#of = of;
		this.#catalogue = catalogue;
		this.#partition = partition;
		this.#tokens = tokens;
	}

	async run(): Promise<void> {
		this.#promised = await this.#readPromises();
		// Projections first: what is published while the ledger is read must not look unfounded. What is not there, is.
		const published = await this.#readPublished();
		const folded = await this.#readLedger();
		if (folded === null) return;
		this.#checkSnapshots(folded);
		for (const each of published) this.#checkPublished(each.topic, each.record);
		if (this.#of.isSettled !== false) {
			for (const { name } of this.#checks?.derived.unpublished() ?? []) this.#found(`${name} was never published`);
		}
		for (const topic of ["intents", "control"] as const) {
			if (this.#of.inputs === "consumed") continue;
			const next = this.#checks?.inputs.next[topic] ?? 0;
			const left = await this.#firstFrom(topic, next);
			if (left !== null) this.#found(`${topic} is consumed up to ${next}, and ${left} is there`);
		}
		this.counts.admissions = this.#checks?.admissions ?? 0;
	}

	#found(what: string): void {
		if (this.findings.length < FINDINGS_MAX) this.findings.push(`partition ${this.#partition}: ${what}`);
	}

	async #readLedger(): Promise<Folded | null> {
		const folded = beginFold(this.#of.layout, this.#partition);
		const checks = new LedgerChecks(folded, this.#partition, this.#catalogue);
		this.#checks = checks;
		for await (const records of readToEnd(this.#log, this.#at(TOPICS.decisions), 0)) {
			for (const record of records) {
				this.#checkSnapshots(folded);
				const { seq: before } = folded.head;
				const policyDigest = folded.state.policy.digest;
				const judged = takeRecord(folded, record, decodeEntry);
				if (!judged.ok) {
					this.#found(judged.error.message);
					return null;
				}
				if (judged.value.kind === "claim") {
					this.counts.claims += 1;
					const difference = layoutDifference(this.#of.layout, judged.value.layout);
					if (difference !== null) this.#found(`the claim at ${record.offset} has another layout: ${difference}`);
				}
				if (judged.value.kind !== "entry") continue;
				const { entry } = judged.value;
				this.counts.entries += 1;
				if (entry.seq !== before + 1) this.#found(`seq ${entry.seq} follows ${before}`);
				checks.take(entry, record.offset, (_, what) => this.#found(`seq ${entry.seq} ${what}`));
				this.#count(entry);
				this.#expectAnswers(entry, policyDigest);
				foldEntry(folded, entry, record.value);
			}
		}
		await this.#checkPassedOver(checks);
		this.counts.voids = folded.voids;
		return folded;
	}

	/** Offsets that hold no input are passed over, and no others. */
	async #checkPassedOver({ passedOver }: LedgerChecks): Promise<void> {
		for (const { topic, from, until, seq } of passedOver) {
			const first = await this.#firstFrom(topic, from);
			if (first !== until) this.#found(`seq ${seq} answers ${topic} ${until} where ${from} is next`);
		}
	}

	/** Where the first input at or after `at` lies; null when there is none. */
	async #firstFrom(topic: InputTopic, at: number): Promise<number | null> {
		const from = this.#at(topic);
		if ((await this.#log.bounds(from)).end <= at) return null;
		return (await this.#log.read(from, at, { recordsMax: 1 }))[0]?.offset ?? null;
	}

	#count({ kind }: LedgerEntry): void {
		if (kind === "decision.made" || kind === "decision.held") this.counts.decisions += 1;
		if (kind === "decision.repeated") this.counts.repetitions += 1;
	}

	/** What the entry may have answered. The answer's address is the input's: any reply id fits. */
	#expectAnswers(entry: LedgerEntry, policyDigest: string): void {
		this.#tokens.take(entry);
		const answers = repliesOf(entry, { topic: TOPICS.replies, replyId: ANY }, policyDigest);
		if (answers.length > 0) {
			this.#answers.set(
				entry.seq,
				answers.map(({ reply }) => digestOf(reply)),
			);
		}
	}

	async #readPublished(): Promise<{ topic: string; record: DerivedRecord }[]> {
		const published: { topic: string; record: DerivedRecord }[] = [];
		const replyTopics = [TOPICS.replies, ...(this.#of.replyTopics ?? [])];
		for (const topic of [...replyTopics, TOPICS.violations, TOPICS.checkpoints, TOPICS.deadLetters]) {
			const { begin } = await this.#log.bounds(this.#at(topic));
			for await (const records of readToEnd(this.#log, this.#at(topic), begin)) {
				for (const record of records) {
					const read = decodeDerived(record.value);
					if (!read.ok) this.#found(`${topic} ${record.offset} cannot be read: ${read.error.message}`);
					else published.push({ topic, record: read.value });
				}
			}
		}
		return published;
	}

	#checkPublished(topic: string, record: DerivedRecord): void {
		switch (record.type) {
			case "decision.replied": {
				this.counts.replies += 1;
				const answers = this.#answers.get(record.seq) ?? [];
				const said = { ...record, token: "" };
				const isMine = answers.includes(digestOf(said)) || answers.includes(digestOf({ ...said, replyId: ANY }));
				if (!isMine) this.#found(`a reply to ${callKey(record.call)} says what entry ${record.seq} does not`);
				if (record.token !== "") this.counts.tokens += 1;
				const token = this.#tokens.check(record);
				if (!token.ok) this.#found(`the token of a reply to ${callKey(record.call)} ${token.error}`);
				return;
			}
			case "violation.detected":
				this.counts.violations += 1;
				this.#see(record);
				return;
			case "checkpoint.created":
				this.counts.checkpoints += 1;
				this.#see(record);
				return;
			case "record.dead":
				this.counts.deadLetters += 1;
				this.#see(record);
				return;
			case "claim":
			case "policy.bundle":
			case "snapshot.chunk":
			case "snapshot.manifest":
			case "token-key.published":
			case "checkpoint.signed":
			case "call.replayed":
				this.#found(`${topic} holds a ${record.type}`);
				return;
		}
	}

	#see(record: Consequence): void {
		const fault = this.#checks?.derived.fault(record) ?? null;
		if (fault === "unfounded") this.#found(`${nameOf(record)} belongs to no valid entry`);
		if (fault === "differs") this.#found(`${nameOf(record)} says what its entry does not`);
	}

	async #readPromises(): Promise<Map<number, string[]>> {
		const promised = new Map<number, string[]>();
		const from = this.#at(TOPICS.snapshots);
		const { begin } = await this.#log.bounds(from);
		for await (const records of readToEnd(this.#log, from, begin)) {
			for (const record of records) {
				const read = decodeDerived(record.value);
				if (!read.ok || read.value.type !== "snapshot.manifest") continue;
				const { seq, stateDigest: digest } = read.value;
				promised.set(seq, [...(promised.get(seq) ?? []), digest]);
			}
		}
		return promised;
	}

	/** Compares the fold as it stands with what snapshots at this `seq` promise, once. */
	#checkSnapshots(folded: Folded): void {
		const promised = this.#promised.get(folded.state.nextSeq);
		if (promised === undefined) return;
		this.#promised.delete(folded.state.nextSeq);
		this.counts.snapshots += promised.length;
		for (const digest of promised) {
			if (digest !== stateDigest(folded.state))
				this.#found(`a snapshot at seq ${folded.state.nextSeq} is of another state`);
		}
	}

	#at(topic: string): { topic: string; partition: number } {
		return { topic, partition: this.#partition };
	}
}

/** Stands for the reply id, which comes from the input's headers and not from the entry. */
const ANY = "any";

const digestOf = (record: DerivedRecord): string => sha256Hex(encodeDerived(record)).slice(0, 32);
