/**
 * What is in force and what is halted in a partition, by its `control` alone: read from the beginning and decided by the engine, as a
 * processor decides it, for those who do not read the ledger. Nobody is asked for a second operator here but by the records themselves:
 * whoever may put policies into force may also lift halts.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import { readSignature, tokenKeyMessage } from "../core/codec/signed.ts";
import { decide } from "../core/engine/decide/decide.ts";
import { isIssued } from "../core/engine/decide/signer.ts";
import { evolve } from "../core/engine/evolve/evolve.ts";
import { type InputRecord, isLaterActivation, type PolicyActivated } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import type { CompiledTrust } from "../core/policy/trust.ts";
import { trustIndexOf } from "../core/policy/trust-index.ts";
import { emptyState, type State } from "../core/state/state.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import type { VerifierOf } from "../ports/signer.ts";
import { silentTelemetry } from "../ports/telemetry.ts";
import { LogCatalogue } from "./catalogue.ts";
import { type Consumed, consume, inputOf, READY } from "./consumed.ts";
import { Signers, trustOf } from "./signers.ts";
import type { KeyCheck } from "./token-keys.ts";

export interface ControlFoldParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly partition: number;
	readonly verifierOf: VerifierOf;
	/** Several partitions' folds can share one. */
	readonly catalogue?: LogCatalogue;
}

/** Policies of a log, for folds of several partitions. */
export const controlCatalogue = ({ log, layout }: Pick<ControlFoldParts, "log" | "layout">): LogCatalogue =>
	new LogCatalogue({ log, budgetRoot: layout.budgetRoot, telemetry: silentTelemetry });

export class ControlFold {
	readonly #parts: ControlFoldParts;
	readonly #catalogue: LogCatalogue;
	readonly #signers: Signers;
	readonly #state: State;
	#next: Offset = 0;

	constructor(parts: ControlFoldParts) {
		this.#parts = parts;
		this.#catalogue = parts.catalogue ?? controlCatalogue(parts);
		this.#signers = new Signers(parts.verifierOf);
		this.#state = emptyState(parts.layout, parts.partition, { isDigested: false });
	}

	/** As of what was read last. */
	get state(): State {
		return this.#state;
	}

	/** Whose keys the policies in force believe; null: everybody's. */
	get trust(): CompiledTrust | null {
		return trustOf(this.#catalogue, this.#state.policy.digest);
	}

	/** Whose word on keys of tokens is believed; null: everybody's. */
	get keyCheck(): KeyCheck | null {
		const { trust } = this;
		if (trust === null || trust.operators === null) return null;
		const index = trustIndexOf(trust);
		const { verifierOf } = this.#parts;
		return (record, by) => {
			const signature = readSignature(record.headers);
			if (signature === null) return false;
			const message = tokenKeyMessage(record);
			return index.named("operators", by).some(({ key }) => verifierOf(key).verify(message, signature));
		};
	}

	/**
	 * Reads what control has gained; one at a time. Throws what the log throws, ASSENT_LOG_OFFSET_GONE where its beginning is gone, and
	 * POLICY_UNAVAILABLE where policies are that were put into force: nobody can tell then what counts.
	 */
	async readOn(now: EpochMs): Promise<void> {
		const { log, partition } = this.#parts;
		const at = { topic: TOPICS.control, partition };
		const { begin } = await log.bounds(at);
		if (begin > this.#next) throw new AssentError(beginningGone(partition, begin));
		for await (const records of readToEnd(log, at, this.#next)) {
			for (const record of records) {
				await this.#take(consume(record, "control"), now);
				this.#next = record.offset + 1;
			}
		}
	}

	async #take(consumed: Consumed, now: EpochMs): Promise<void> {
		const { from, read } = consumed;
		if (!read.ok || !isTold(read.value)) return;
		const record = read.value;
		const { digest: inForce } = this.#state.policy;
		const signerBy = () => this.#signers.issuerOf(from, record, { catalogue: this.#catalogue, inForce });
		// One that nobody believes, or that is overtaken, needs no policies: there may be none.
		const isNeeded = record.type === "policy.activated" && this.#isLater(record);
		if (isNeeded && isIssued(this.trust, record, signerBy())) await this.#find(record.digest);
		const input = inputOf(consumed, now, { ...READY, signer: signerBy() });
		evolve(this.#state, decide(this.#state, input, this.#catalogue));
	}

	#isLater(record: PolicyActivated): boolean {
		const { policy } = this.#state;
		return isLaterActivation(record, { ...policy, id: policy.activationId });
	}

	async #find(digest: string): Promise<void> {
		if (!this.#catalogue.isThere(digest)) await this.#catalogue.refresh();
		if (this.#catalogue.isThere(digest)) return;
		const message = `the policies ${digest.slice(0, 12)} that were put into force are not on the log`;
		throw new AssentError(problem("POLICY_UNAVAILABLE", message, "activate them again: `assent policy activate FILE`"));
	}
}

/** By partition 0: policies are put into force in all. Throws as `ControlFold.readOn`. */
export async function keyCheckInForce({
	now,
	...parts
}: Pick<ControlFoldParts, "log" | "layout" | "verifierOf"> & { readonly now: EpochMs }): Promise<KeyCheck | null> {
	const fold = new ControlFold({ ...parts, partition: 0 });
	await fold.readOn(now);
	return fold.keyCheck;
}

type ToldRecord = Extract<InputRecord, { type: "halt.set" | "halt.lifted" | "policy.activated" }>;

const isTold = (record: InputRecord): record is ToldRecord =>
	record.type === "halt.set" || record.type === "halt.lifted" || record.type === "policy.activated";

const beginningGone = (partition: number, begin: Offset) =>
	problem(
		"ASSENT_LOG_OFFSET_GONE",
		`\`control\`/${partition} begins at offset ${begin}: what was said before is gone`,
		"`control` is kept for good: `assent topics check` looks at its settings",
	);
