/**
 * What a re-audit found, in a topic of its own, which it makes. Nothing is written to a topic of the deployment.
 *
 * F1  One topic is about one candidate from one moment: with another, nothing is written.
 * F2  A record's id and bytes follow from what was found, and what is there already is not written again: whoever repeats a run that was
 *     cut short gets the rest.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import { derivedEvent } from "../core/codec/event.ts";
import { instantText } from "../core/model/instant.ts";
import type { Layout } from "../core/model/layout.ts";
import type { CallReplayed } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type Log, type OutRecord, readToEnd } from "../ports/log/log.ts";
import { reAuditSpec } from "../ports/log/topics.ts";
import { cutAppends } from "../publishing/append-bounds.ts";
import { failureOf } from "../publishing/appended.ts";
import type { ReplayedCall } from "./tally.ts";

export interface FlipTerms {
	/** Of the topic, without `re-audit.`. */
	readonly name: string;
	readonly layout: Layout;
	/** Digest of the candidate, and since when it is in force; null: since the ledger's beginning. */
	readonly candidate: string;
	readonly from: EpochMs | null;
}

interface FlipsFound {
	readonly isMade: boolean;
	readonly seqs: readonly Set<number>[];
}

export class Flips {
	/** Written by this run, and found there. */
	written = 0;
	known = 0;
	readonly topic: string;
	readonly #log: Log;
	readonly #terms: FlipTerms;
	#isMade: boolean;
	/** Entries that are told of already, by partition. */
	readonly #seqs: readonly Set<number>[];

	private constructor(log: Log, terms: FlipTerms, { isMade, seqs }: FlipsFound) {
		this.#log = log;
		this.#terms = terms;
		this.#isMade = isMade;
		this.#seqs = seqs;
		this.topic = reAuditSpec(terms.name, terms.layout).name;
	}

	/** Makes nothing yet. Throws what the log throws, and ASSENT_USAGE where the topic is about something else. */
	static async open(log: Log, terms: FlipTerms): Promise<Flips> {
		const spec = reAuditSpec(terms.name, terms.layout);
		const isMade = (await log.admin().shapes()).some(({ name }) => name === spec.name);
		// Is refused where there is one of another number of partitions.
		if (isMade) await log.admin().createTopics([spec]);
		const seqs: Set<number>[] = [];
		for (let partition = 0; partition < spec.partitions; partition++) {
			const known = new Set<number>();
			const from = { topic: spec.name, partition };
			const begin = isMade ? (await log.bounds(from)).begin : 0;
			for await (const records of isMade ? readToEnd(log, from, begin) : []) {
				for (const { value } of records) {
					const read = decodeDerived(value);
					if (!read.ok || read.value.type !== "call.replayed") throw foreign(spec.name);
					if (isOther(read.value, terms)) throw other(spec.name, read.value);
					known.add(read.value.seq);
				}
			}
			seqs.push(known);
		}
		return new Flips(log, terms, { isMade, seqs });
	}

	/** The topic is there from now on, for whoever subscribes. Throws what the log throws. */
	async make(): Promise<void> {
		if (this.#isMade) return;
		await this.#log.admin().createTopics([reAuditSpec(this.#terms.name, this.#terms.layout)]);
		this.#isMade = true;
	}

	/** Calls of one class that cannot be decided again are no finding. Throws what the log throws. */
	async publish(calls: readonly ReplayedCall[]): Promise<void> {
		await this.make();
		const byPartition = Map.groupBy(calls, ({ partition }) => partition);
		for (const [partition, found] of byPartition) {
			const known = this.#seqs[partition] as Set<number>;
			const told = found.flatMap((call) => flipOf(call, this.#terms) ?? []);
			const fresh = told.filter(({ seq }) => !known.has(seq));
			this.known += told.length - fresh.length;
			for (const records of cutAppends(fresh.map(recordOf), ({ value }) => value.length)) {
				const failure = failureOf(await this.#log.append({ topic: this.topic, partition }, records));
				if (failure !== null) throw this.#unwritten(failure);
				this.written += records.length;
			}
		}
	}

	#unwritten(failure: string): AssentError {
		return new AssentError(
			problem(
				"ASSENT_LOG_UNAVAILABLE",
				`\`${this.topic}\` was not written to its end: ${failure}`,
				"run the command again: what is there already is not written twice",
			),
		);
	}
}

function flipOf(found: ReplayedCall, { name, candidate, from }: FlipTerms): CallReplayed | null {
	const { class: kind, partition, seq, at, recorded } = found;
	if (kind === "unreplayable" || found.candidate === null) return null;
	const { tenant, agent, id, session, tool } = found.call;
	return {
		type: "call.replayed",
		id: `${name}-${candidate.slice(0, 16)}-${partition}-${seq}`,
		candidate,
		from: from ?? 0,
		partition,
		seq,
		at,
		call: { tenant, agent, id },
		session,
		tool,
		difference: kind === "budget" || kind === "reason" ? kind : "verdict",
		recordedVerdict: recorded.verdict,
		recordedReason: recorded.reason,
		verdict: found.candidate.verdict,
		reason: found.candidate.reason,
	};
}

function recordOf(flip: CallReplayed): OutRecord {
	const { value, headers } = derivedEvent(flip, { id: flip.id, source: "assent/replay", time: flip.at });
	return { key: null, value, headers };
}

const isOther = (flip: CallReplayed, { candidate, from }: FlipTerms): boolean =>
	flip.candidate !== candidate || flip.from !== (from ?? 0);

function other(topic: string, { candidate, from }: CallReplayed): AssentError {
	const since = from === 0 ? "the ledger's beginning" : instantText(from);
	return new AssentError(
		problem(
			"ASSENT_USAGE",
			`\`${topic}\` tells of other policies or another moment: of ${candidate.slice(0, 12)} from ${since} on`,
			"take another name: one topic answers one question",
		),
	);
}

const foreign = (topic: string): AssentError =>
	new AssentError(problem("ASSENT_USAGE", `\`${topic}\` holds records of something else`, "take another name"));
