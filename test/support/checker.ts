/**
 * The checker: reads a log through its port and says what is wrong with it. Every fault test ends here, on every adapter.
 *
 * K1  The ledger folds by the validity rule, with dense `seq`, stream time that never falls, and true state digests.
 * K2  Exactly one valid entry for every input, in offset order for each input topic.
 * K3  Every intent has one decision and at most one final verdict; what is repeated is what was recorded.
 * K4  No enforced limit is over its maximum at an admission, counted again from the entries (recount.ts).
 * K5  Every published reply, violation, checkpoint and dead letter belongs to a valid entry and says what that entry says;
 *     of violations, checkpoints and dead letters none is missing.
 * K6  Every whole snapshot holds the fold at its position.
 * K7  An allow is open to one executor; to one without a name it is answered once.
 * K8  A token in a reply is signed by a published key, says the call, executor and policies of an allow of the ledger, and is
 *     the same for one allow whenever it is handed out (token-check.ts).
 *
 * Memory grows with one partition, never with the whole log.
 */

import { sha256Hex } from "../../src/core/base/digest.ts";
import { decodeDerived } from "../../src/core/codec/decode.ts";
import { encodeDerived } from "../../src/core/codec/encode.ts";
import { beginFold, type Folded, foldRecord, layoutDifference } from "../../src/core/ledger/fold.ts";
import { checkpointOf } from "../../src/core/ledger/projections/checkpoints.ts";
import { deadLetterOf } from "../../src/core/ledger/projections/dead-letters.ts";
import { repliesOf } from "../../src/core/ledger/projections/replies.ts";
import { violationsOf } from "../../src/core/ledger/projections/violations.ts";
import type { Cause, LedgerEntry, Verdict } from "../../src/core/model/entries.ts";
import { type CallId, callKey } from "../../src/core/model/ids.ts";
import type { InputTopic } from "../../src/core/model/inputs.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import type { DecisionReplied, DerivedRecord } from "../../src/core/model/records.ts";
import { DIGEST_EVERY, stateDigest } from "../../src/core/state/digest.ts";
import { type Log, readToEnd, TOPICS } from "../../src/ports/log/log.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { LogCatalogue } from "../../src/reading/catalogue.ts";
import { Recount } from "./recount.ts";
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

/** What a call came to, as the entries so far say. */
interface Known {
	/** `seq` of its decision. */
	readonly seq: number;
	readonly isHeld: boolean;
	readonly final: "allow" | "deny" | "abandoned" | null;
	/** Who has the call; null: nobody yet. */
	readonly executor: string | null;
}

class PartitionCheck {
	readonly findings: string[] = [];
	readonly counts = noCounts();
	readonly #log: Log;
	readonly #of: CheckOptions;
	readonly #catalogue: LogCatalogue;
	readonly #partition: number;
	readonly #tokens: TokenCheck;
	readonly #recount = new Recount();
	readonly #calls = new Map<string, Known>();
	/** Digests of what each entry may have replied, by `seq`. */
	readonly #answers = new Map<number, readonly string[]>();
	/** Digests of the other projections by topic and id, and whether each was seen. */
	readonly #derived = new Map<string, { readonly digest: string; isSeen: boolean }>();
	/** State digests that snapshots promise, by `seq`. */
	#promised = new Map<number, string[]>();
	readonly #next: Record<InputTopic, number> = { intents: 0, control: 0 };
	#streamTime = 0;

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
			for (const [name, { isSeen }] of this.#derived) if (!isSeen) this.#found(`${name} was never published`);
		}
		for (const topic of ["intents", "control"] as const) {
			if (this.#of.inputs === "consumed") continue;
			const left = await this.#firstFrom(topic, this.#next[topic]);
			if (left !== null) this.#found(`${topic} is consumed up to ${this.#next[topic]}, and ${left} is there`);
		}
		this.counts.admissions = this.#recount.admissions;
	}

	#found(what: string): void {
		if (this.findings.length < FINDINGS_MAX) this.findings.push(`partition ${this.#partition}: ${what}`);
	}

	async #readLedger(): Promise<Folded | null> {
		const folded = beginFold(this.#of.layout, this.#partition);
		const forgotten = watchForgotten(folded);
		// Of the state before the entry that was last to carry one.
		let promised = stateDigest(folded.state);
		for await (const records of readToEnd(this.#log, this.#at(TOPICS.decisions), 0)) {
			for (const record of records) {
				this.#checkSnapshots(folded);
				const { seq: before } = folded.head;
				const isDigestDue = (before + 1) % DIGEST_EVERY === 0;
				const digest = isDigestDue ? promised : "";
				const now = isDigestDue ? stateDigest(folded.state) : promised;
				const root = isDigestDue ? folded.tree.root() : "";
				const policyDigest = folded.state.policy.digest;
				const judged = foldRecord(folded, record);
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
				promised = now;
				if (entry.seq !== before + 1) this.#found(`seq ${entry.seq} follows ${before}`);
				if (entry.stateDigest !== digest) this.#found(`seq ${entry.seq} carries another state digest`);
				await this.#checkPlace(entry);
				this.#checkEntry(entry);
				const policies = policyDigest === "" ? null : this.#catalogue.get(policyDigest);
				this.#recount.take(entry, typeof policies === "string" ? null : policies, (what) =>
					this.#found(`seq ${entry.seq}: ${what}`),
				);
				for (const key of forgotten.splice(0)) this.#recount.forget(key);
				this.#expectProjections(entry, root, policyDigest);
			}
		}
		this.counts.voids = folded.voids;
		return folded;
	}

	async #checkPlace(entry: LedgerEntry): Promise<void> {
		const { seq, cause } = entry;
		if (cause.partition !== this.#partition) this.#found(`seq ${seq} answers an input of partition ${cause.partition}`);
		if (entry.kind === "inputs.skipped") {
			const { topic, from, until } = entry;
			if (from !== this.#next[topic])
				this.#found(`seq ${seq} skips ${topic} ${from} where ${this.#next[topic]} is next`);
			// A record about control itself is read before its turn, and again in its turn.
			if (topic !== "control") await this.#passTo(seq, cause);
			this.#next[topic] = until;
		} else await this.#passTo(seq, cause);
	}

	/** Offsets that hold no input are passed over, and no others. */
	async #passTo(seq: number, { topic, offset }: Cause): Promise<void> {
		const next = this.#next[topic];
		if (offset !== next && offset !== (await this.#firstFrom(topic, next)))
			this.#found(`seq ${seq} answers ${topic} ${offset} where ${next} is next`);
		this.#next[topic] = offset + 1;
	}

	/** Where the first input at or after `at` lies; null when there is none. */
	async #firstFrom(topic: InputTopic, at: number): Promise<number | null> {
		const from = this.#at(topic);
		if ((await this.#log.bounds(from)).end <= at) return null;
		return (await this.#log.read(from, at, { recordsMax: 1 }))[0]?.offset ?? null;
	}

	#checkEntry(entry: LedgerEntry): void {
		if (entry.at < this.#streamTime) this.#found(`stream time falls at seq ${entry.seq}`);
		this.#streamTime = entry.at;
		for (const effect of entry.effects) {
			if (effect.kind.startsWith("hold.")) this.#finish(entry, effect.call, "deny");
		}
		switch (entry.kind) {
			case "decision.made":
			case "decision.held":
				this.#checkDecision(entry);
				return;
			case "decision.repeated": {
				this.counts.repetitions += 1;
				const known = this.#calls.get(callKey(entry.call));
				if (known === undefined) this.#found(`seq ${entry.seq} repeats what was never decided`);
				else if (!mayRepeat(known, entry.verdict, entry.status)) {
					this.#found(
						`seq ${entry.seq} repeats ${entry.verdict} (${entry.status}) where ${known.final ?? "hold"} stands`,
					);
				}
				if (known !== undefined && entry.verdict === "allow" && entry.status === "open") this.#hand(entry, known);
				return;
			}
			case "approval.recorded":
				if (entry.result === "allow" || entry.result === "deny") this.#finish(entry, entry.call, entry.result);
				return;
			case "intent.abandoned": {
				const key = callKey(entry.call);
				const known = this.#calls.get(key);
				if (known === undefined || known.final === "deny") this.#found(`seq ${entry.seq} abandons what was not open`);
				else this.#calls.set(key, { ...known, final: "abandoned" });
				return;
			}
			case "usage.settled":
				if (this.#calls.get(callKey(entry.call))?.final !== "allow") {
					this.#found(`seq ${entry.seq} settles a call that was not allowed`);
				}
				return;
			case "policy.activated":
			case "policy.proposed":
			case "halt.set":
			case "halt.lifted":
			case "budget.adjusted":
			case "session.ended":
			case "inputs.skipped":
			case "payload.erased":
			case "clock.ticked":
			case "input.rejected":
				return;
		}
	}

	#checkDecision(entry: Extract<LedgerEntry, { kind: "decision.made" | "decision.held" }>): void {
		this.counts.decisions += 1;
		const key = callKey(entry.call);
		const known = this.#calls.get(key);
		// An id that is older than ids are remembered is denied anew each time; it can never be admitted.
		const isStale =
			entry.kind === "decision.made" &&
			["intent.stale", "stream.ahead"].includes(entry.decision.reasons[0]?.rule.code ?? "");
		if (known !== undefined && !isStale) {
			this.#found(`seq ${entry.seq} decides ${key} again, which seq ${known.seq} has decided`);
		}
		// What was decided before is forgotten: from here on the denial is what is repeated.
		const isHeld = entry.kind === "decision.held";
		const final = isHeld ? null : entry.verdict;
		this.#calls.set(key, { seq: entry.seq, isHeld, final, executor: final === "allow" ? executorOf(entry) : null });
	}

	/** A repetition that may run: by who has the call already, or as the first one who asks after a grant. */
	#hand(entry: Extract<LedgerEntry, { kind: "decision.repeated" }>, known: Known): void {
		if (entry.allow?.seq !== known.seq) {
			this.#found(`seq ${entry.seq} opens ${callKey(entry.call)} by ${entry.allow?.seq}, not by ${known.seq}`);
		}
		const isFirst = known.executor === null;
		if (!isFirst && (entry.executor === "" || entry.executor !== known.executor)) {
			this.#found(`seq ${entry.seq} opens ${callKey(entry.call)} to a second executor`);
		}
		this.#calls.set(callKey(entry.call), { ...known, executor: entry.executor });
	}

	#finish(entry: LedgerEntry, call: CallId, verdict: "allow" | "deny"): void {
		const key = callKey(call);
		const known = this.#calls.get(key);
		if (known === undefined || !known.isHeld || known.final !== null) {
			this.#found(`seq ${entry.seq} gives ${key} the final verdict ${verdict}, which had ${known?.final ?? "no hold"}`);
		}
		this.#calls.set(key, { seq: entry.seq, isHeld: true, final: verdict, executor: null });
	}

	/** What the entry may have answered and must have published. The answer's address is the input's: any reply id fits. */
	#expectProjections(entry: LedgerEntry, root: string, policyDigest: string): void {
		this.#tokens.take(entry);
		const answers = repliesOf(entry, { topic: TOPICS.replies, replyId: ANY }, policyDigest);
		if (answers.length > 0) {
			this.#answers.set(
				entry.seq,
				answers.map(({ reply }) => digestOf(reply)),
			);
		}
		for (const violation of violationsOf(entry)) this.#expect(TOPICS.violations, violation.id, violation);
		const checkpoint = checkpointOf(entry, root, policyDigest);
		if (checkpoint !== null) this.#expect(TOPICS.checkpoints, checkpoint.id, checkpoint);
		const letter = deadLetterOf(entry);
		if (letter !== null) this.#expect(TOPICS.deadLetters, `${letter.topic}-${letter.offset}`, letter);
	}

	#expect(topic: string, id: string, record: DerivedRecord): void {
		this.#derived.set(`${topic} ${id}`, { digest: digestOf(record), isSeen: false });
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
				this.#see(`${topic} ${record.id}`, record);
				return;
			case "checkpoint.created":
				this.counts.checkpoints += 1;
				this.#see(`${topic} ${record.id}`, record);
				return;
			case "record.dead":
				this.counts.deadLetters += 1;
				this.#see(`${topic} ${record.topic}-${record.offset}`, record);
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

	#see(name: string, record: DerivedRecord): void {
		const expected = this.#derived.get(name);
		if (expected === undefined) this.#found(`${name} belongs to no valid entry`);
		else if (expected.digest !== digestOf(record)) this.#found(`${name} says what its entry does not`);
		else expected.isSeen = true;
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

/** The scope keys of accounts that the fold forgets from now on, as it does. */
function watchForgotten({ state }: Folded): string[] {
	const forgotten: string[] = [];
	const { accounts } = state;
	const forget = accounts.delete.bind(accounts);
	accounts.delete = (key) => {
		forgotten.push(key);
		forget(key);
	};
	return forgotten;
}

/** Stands for the reply id, which comes from the input's headers and not from the entry. */
const ANY = "any";

const digestOf = (record: DerivedRecord): string => sha256Hex(encodeDerived(record)).slice(0, 32);

const executorOf = (entry: LedgerEntry): string | null => (entry.kind === "decision.made" ? entry.executor : null);

function mayRepeat(known: Known, verdict: Verdict, status: DecisionReplied["status"]): boolean {
	switch (known.final) {
		case "allow":
			return verdict === "allow";
		case "deny":
		case "abandoned":
			return verdict === "deny" && status !== "open";
		case null:
			// A hold that is overdue is denied before its effect is written.
			return verdict === "hold" || (verdict === "deny" && status === "closed");
	}
}
