/**
 * The notary: signs what the ledgers' trees are, so that nobody can change afterwards what was recorded without being found out.
 *
 * N1  Of one key no two checkpoints are signed that contradict each other: whatever is signed continues, by the state that survives the
 *     machine, all that was signed before. Who loses the state, or finds another one, signs nothing.
 * N2  Nothing that is signed leaves the process before the state says so. Of two notaries on one state one goes on, the other ends.
 * N3  A checkpoint is published when everything is there that it needs, tiles and leaves; first on the log, so that a folder that is
 *     put back from a backup is found out; then in the folder. Nothing else is read or signed before that is done.
 * N4  A leaf is signed within a second of being readable, or with the 1,000th of them.
 */
import { anchorOrigin, type Checkpoint, checkpointText, partitionOrigin } from "../core/audit/checkpoint.ts";
import { type NoteSignature, noteText } from "../core/audit/note.ts";
import { AssentError, type ErrorCode } from "../core/base/errors.ts";
import { keyId, publicKeyText } from "../core/model/signing-keys.ts";
import { type DurationMs, type EpochMs, SECOND } from "../core/model/units.ts";
import { pause } from "../ports/pause.ts";
import { Anchor } from "./anchor.ts";
import type { LedgerTree } from "./ledger-tree.ts";
import type { NotaryParts } from "./parts.ts";
import { Publication } from "./publication.ts";
import { stateTaken } from "./refusal.ts";
import { assertLatest, signedLedger } from "./signed-ledgers.ts";
import { type Signed, type SignedState, stateText } from "./signed-state.ts";
import { Witnessing } from "./witnessing.ts";

const LEAVES_MAX = 1_000;
const DELAY_MAX_MS: DurationMs = SECOND;
const WAIT_MS: DurationMs = 30 * SECOND;
/** Leaves of a partition that are read before what was read is signed: they are kept until then. */
const UNSIGNED_MAX = 4_096;
const GATHERED_MS: DurationMs = 50;
const RETRY_MS: DurationMs = 200;
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ASSENT_LOG_UNAVAILABLE", "ASSENT_LOG_TOPIC"]);
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	"ASSENT_NOTARY_HISTORY",
	"ASSENT_NOTARY_STATE",
	"ASSENT_NOTARY_TAKEN",
]);

export class Notary {
	readonly #parts: NotaryParts;
	readonly #ledgers: readonly LedgerTree[];
	readonly #anchor: Anchor;
	readonly #witnessing: Witnessing | null;
	readonly #publication: Publication;
	#signed: SignedState;
	/** There is more on the log than was read last. */
	#isBehind = false;
	/** Since when the oldest entry waits that is not signed. */
	#unsignedSince: EpochMs | null = null;

	private constructor(parts: NotaryParts, ledgers: readonly LedgerTree[], anchor: Anchor, signed: SignedState) {
		this.#parts = parts;
		this.#ledgers = ledgers;
		this.#anchor = anchor;
		this.#signed = signed;
		const { witnesses, telemetry, meter } = parts;
		this.#witnessing = witnesses.length === 0 ? null : new Witnessing({ witnesses, anchor, telemetry, meter });
		this.#publication = new Publication({ ...parts, ledgers, anchor, witnessing: this.#witnessing });
	}

	/**
	 * Reads the ledgers from their beginning, holds them against what was signed, and publishes what was signed and may not have been
	 * published. Throws ASSENT_NOTARY_HISTORY and ASSENT_NOTARY_STATE, and what the log and the folder throw.
	 */
	static start(parts: NotaryParts): Promise<Notary> {
		return refusing(parts, () => Notary.#restored(parts));
	}

	static async #restored(parts: NotaryParts): Promise<Notary> {
		const { folder, layout, signer } = parts;
		const { signed, onLog } = await assertLatest(parts);
		await folder.write("log.vkey", bytesOf(`${publicKeyText(signer.key)}\n`));
		const anchor = await Anchor.restore(folder, signed);
		const ledgers: LedgerTree[] = [];
		for (let partition = 0; partition < layout.partitions; partition++)
			ledgers.push(await signedLedger(parts, partition, signed.partitions[partition] ?? null));
		const notary = new Notary(parts, ledgers, anchor, signed);
		notary.#publication.add(signed);
		await notary.#publication.publish(({ origin, size }) => size > (onLog.get(origin)?.size ?? 0));
		return notary;
	}

	/** Until the signal; then once more what is not signed yet. Throws as `read` and `sign` do. */
	run(signal: AbortSignal): Promise<void> {
		return refusing(this.#parts, async () => {
			while (!signal.aborted) {
				try {
					await this.#read(await this.#wait(signal));
					if (this.#isDue() || signal.aborted) await this.#sign();
				} catch (thrown) {
					if (!(thrown instanceof AssentError) || !PASSING.has(thrown.code)) throw thrown;
					await pause(RETRY_MS, signal);
				}
			}
			await this.#sign();
			await this.#witnessing?.settled();
			await this.#publication.publishWitnessed();
		});
	}

	/** Takes what is on the log, up to as much as is signed at once. Throws ASSENT_NOTARY_HISTORY, and what the log throws. */
	read(): Promise<void> {
		return refusing(this.#parts, () => this.#read(this.#ledgers));
	}

	/** Signs what was read and is not signed. Throws ASSENT_NOTARY_TAKEN, and what the folder throws. */
	sign(): Promise<void> {
		return refusing(this.#parts, () => this.#sign());
	}

	/** The ledgers that may have something new: asked again only after a pause, in which more of it comes together. */
	async #wait(signal: AbortSignal): Promise<readonly LedgerTree[]> {
		const { log, clock } = this.#parts;
		const since = this.#unsignedSince;
		const timeoutMs = since === null ? WAIT_MS : Math.max(0, since + DELAY_MAX_MS - clock.now());
		const positions = this.#ledgers.map(({ at, next }) => ({ ...at, offset: next }));
		const woken = AbortSignal.any([signal, ...(this.#witnessing === null ? [] : [this.#witnessing.answered])]);
		const ready = await log.waitFor(positions, { timeoutMs, signal: woken });
		if (ready.length > 0 && !this.#isBehind) await pause(Math.min(GATHERED_MS, timeoutMs), signal);
		return ready.map(({ partition }) => this.#ledgers[partition] as LedgerTree);
	}

	async #read(ledgers: readonly LedgerTree[]): Promise<void> {
		await this.#publication.publish();
		this.#isBehind = false;
		for (const ledger of ledgers) {
			const signed = this.#signed.partitions[ledger.at.partition]?.size ?? 0;
			this.#isBehind = (await ledger.read(signed + UNSIGNED_MAX)) || this.#isBehind;
		}
		this.#measure();
		await this.#publication.publishWitnessed();
	}

	get #unsigned(): number {
		const { partitions } = this.#signed;
		return this.#ledgers.reduce((sum, { tree }, index) => sum + tree.size - (partitions[index]?.size ?? 0), 0);
	}

	#measure(): void {
		const unsigned = this.#unsigned;
		if (unsigned === 0) this.#unsignedSince = null;
		else this.#unsignedSince ??= this.#parts.clock.now();
		this.#parts.meter.unsigned(unsigned, this.#unsignedSince);
	}

	#isDue(): boolean {
		const since = this.#unsignedSince;
		return since !== null && (this.#unsigned >= LEAVES_MAX || this.#parts.clock.now() >= since + DELAY_MAX_MS);
	}

	async #sign(): Promise<void> {
		await this.#publication.publish();
		const { signer, state, meter } = this.#parts;
		const { name } = signer.key;
		const before = this.#signed;
		const news = this.#ledgers.flatMap(({ tree, at: { partition } }) => {
			if (tree.size === (before.partitions[partition]?.size ?? 0)) return [];
			return [
				{
					partition,
					...this.#signedTree({ origin: partitionOrigin(name, partition), size: tree.size, root: tree.root() }),
				},
			];
		});
		if (news.length === 0) return;
		const added = news.map(({ note }) => note);
		this.#anchor.append(added);
		if (before.anchor !== null) await this.#anchor.assertContinues(before.anchor);
		const anchor = this.#signedTree({ origin: anchorOrigin(name), ...this.#anchor.head });
		const partitions = before.partitions.map(
			(last, partition) => news.find((one) => one.partition === partition) ?? last,
		);
		const next: SignedState = { version: before.version + 1, partitions, anchor, added };
		if (!(await state.add(next.version, stateText(next)))) throw stateTaken(next.version);
		this.#signed = next;
		this.#publication.add(next, before);
		meter.signed(news.length + 1);
		this.#measure();
		await this.#publication.publish();
	}

	#signedTree(checkpoint: Checkpoint): Signed {
		const { key, sign } = this.#parts.signer;
		const text = checkpointText(checkpoint);
		const signature: NoteSignature = { name: key.name, id: keyId(key), bytes: sign(bytesOf(text)) };
		return { size: checkpoint.size, root: checkpoint.root, note: noteText({ text, signatures: [signature] }) };
	}
}

/** A refusal is told, and measured, whoever catches it. */
async function refusing<Out>({ telemetry, meter }: NotaryParts, work: () => Promise<Out>): Promise<Out> {
	try {
		return await work();
	} catch (thrown) {
		if (thrown instanceof AssentError && REFUSALS.has(thrown.code)) {
			telemetry.error("notary.refused", { code: thrown.code, why: thrown.problem.message });
			meter.refused();
		}
		throw thrown;
	}
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
