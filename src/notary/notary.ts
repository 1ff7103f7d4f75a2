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
import { type NoteSignature, noteText, readNote } from "../core/audit/note.ts";
import { counted } from "../core/base/count-text.ts";
import { AssentError, type ErrorCode, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import { keyId, publicKeyText } from "../core/model/signing-keys.ts";
import { type DurationMs, type EpochMs, SECOND } from "../core/model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { NotaryMeter } from "../ports/notary-meter.ts";
import { pause } from "../ports/pause.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import type { Signer, Verifier } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { VersionedText } from "../ports/versioned-text.ts";
import type { Witness } from "../ports/witness.ts";
import { ANCHOR_PREFIX, Anchor } from "./anchor.ts";
import { LedgerTree } from "./ledger-tree.ts";
import { checkFilled, writeFilled, writeTiles } from "./published-tree.ts";
import { historyChanged, stateLost, stateTaken } from "./refusal.ts";
import { publishSigned, signedOn } from "./signed-records.ts";
import { noneSigned, readState, type Signed, type SignedState, stateText } from "./signed-state.ts";
import { Witnessing } from "./witnessing.ts";

export interface NotaryParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly signer: Signer;
	/** Of the same key. */
	readonly verifier: Verifier;
	readonly state: VersionedText;
	readonly folder: PublicFolder;
	/** They cosign the anchor's checkpoints, which are published with that. */
	readonly witnesses: readonly Witness[];
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly meter: NotaryMeter;
}

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

/** A checkpoint on its way to its readers. */
type Unpublished = Signed & { readonly origin: string; readonly partition: number };

export class Notary {
	readonly #parts: NotaryParts;
	readonly #ledgers: readonly LedgerTree[];
	readonly #anchor: Anchor;
	readonly #witnessing: Witnessing | null;
	#signed: SignedState;
	/** What is signed, and not published yet as a whole. */
	#unpublished: readonly Unpublished[] = [];
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
	}

	/**
	 * Reads the ledgers from their beginning, holds them against what was signed, and publishes what was signed and may not have been
	 * published. Throws ASSENT_NOTARY_HISTORY and ASSENT_NOTARY_STATE, and what the log and the folder throw.
	 */
	static start(parts: NotaryParts): Promise<Notary> {
		return refusing(parts, () => Notary.#restored(parts));
	}

	static async #restored(parts: NotaryParts): Promise<Notary> {
		const { log, folder, layout, signer } = parts;
		const { name } = signer.key;
		// In this order: another notary may be at work, and what is on the log is in the state before.
		const onLog = await signedOn(log, layout.partitions, parts.verifier);
		const signed = await lastSigned(parts);
		for (const [origin, head] of onLog) {
			const known = signedAs(signed, name, origin);
			if (known === null || known.size < head.size || (known.size === head.size && known.root !== head.root))
				throw stateLost(
					`the key has signed \`${origin}\` with ${head.size} leaves, as \`checkpoints\` of ${log.url} tells, and the state has ${known === null ? "none" : known.size} of it`,
				);
		}
		await folder.write("log.vkey", bytesOf(`${publicKeyText(signer.key)}\n`));
		const anchor = await Anchor.restore(folder, signed);
		const ledgers: LedgerTree[] = [];
		for (let partition = 0; partition < layout.partitions; partition++)
			ledgers.push(await signedLedger(parts, partition, signed.partitions[partition] ?? null));
		const notary = new Notary(parts, ledgers, anchor, signed);
		notary.#unpublished = notary.#allSigned();
		await notary.#publish(({ origin, size }) => size > (onLog.get(origin)?.size ?? 0));
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
			await this.#publishWitnessed();
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
		await this.#publish();
		this.#isBehind = false;
		for (const ledger of ledgers) {
			const signed = this.#signed.partitions[ledger.at.partition]?.size ?? 0;
			this.#isBehind = (await ledger.read(signed + UNSIGNED_MAX)) || this.#isBehind;
		}
		this.#measure();
		await this.#publishWitnessed();
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
		await this.#publish();
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
		const changed = [...news.map(({ partition }) => partitionOrigin(name, partition)), anchorOrigin(name)];
		this.#unpublished = this.#allSigned().filter(({ origin }) => changed.includes(origin));
		meter.signed(changed.length);
		this.#measure();
		await this.#publish();
	}

	#signedTree(checkpoint: Checkpoint): Signed {
		const { key, sign } = this.#parts.signer;
		const text = checkpointText(checkpoint);
		const signature: NoteSignature = { name: key.name, id: keyId(key), bytes: sign(bytesOf(text)) };
		return { size: checkpoint.size, root: checkpoint.root, note: noteText({ text, signatures: [signature] }) };
	}

	/** What is not published yet. `isMissing`: on the log. Throws what the folder throws, and ASSENT_LOG_UNAVAILABLE; then it is done again. */
	async #publish(isMissing: (signed: Unpublished) => boolean = () => true): Promise<void> {
		const signed = this.#unpublished;
		if (signed.length === 0) return;
		const { folder } = this.#parts;
		const isAnchor = ({ origin }: Unpublished): boolean => origin === anchorOrigin(this.#parts.signer.key.name);
		for (const { partition } of signed.filter((one) => !isAnchor(one))) {
			const { prefix, tree } = this.#ledgers[partition] as LedgerTree;
			await writeTiles(folder, prefix, tree);
		}
		await this.#anchor.publish();
		for (const one of signed.filter(isMissing)) await this.#send(one);
		for (const one of signed) {
			if (!isAnchor(one)) await folder.write(`p/${one.partition}/checkpoint`, bytesOf(one.note));
			else if (this.#witnessing === null) await folder.write(`${ANCHOR_PREFIX}/checkpoint`, bytesOf(one.note));
			else await this.#witnessing.ask(one);
		}
		this.#unpublished = [];
	}

	async #send(signed: Unpublished): Promise<void> {
		const { log, clock, telemetry } = this.#parts;
		const why = await publishSigned(log, signed, clock.now());
		if (why === null) return;
		telemetry.warn("notary.unpublished", { origin: signed.origin, size: signed.size, why });
		throw new AssentError(
			problem("ASSENT_LOG_UNAVAILABLE", `a signed checkpoint of \`${signed.origin}\` cannot be published: ${why}`),
		);
	}

	/** The anchor's checkpoint with what witnesses have answered since. */
	async #publishWitnessed(): Promise<void> {
		const cosigned = (await this.#witnessing?.take()) ?? null;
		if (cosigned === null) return;
		const note = readNote(cosigned.anchor.note);
		if (note === null) return;
		const full = noteText({ ...note, signatures: [...note.signatures, ...cosigned.signatures] });
		await this.#parts.folder.write(`${ANCHOR_PREFIX}/checkpoint`, bytesOf(full));
		const origin = anchorOrigin(this.#parts.signer.key.name);
		await this.#send({ ...cosigned.anchor, origin, partition: this.#anchorPartition, note: full });
	}

	#allSigned(): readonly Unpublished[] {
		const { partitions, anchor } = this.#signed;
		const { name } = this.#parts.signer.key;
		return [
			...partitions.flatMap((one, partition) =>
				one === null ? [] : [{ ...one, partition, origin: partitionOrigin(name, partition) }],
			),
			...(anchor === null ? [] : [{ ...anchor, partition: this.#anchorPartition, origin: anchorOrigin(name) }]),
		];
	}

	/** Of `checkpoints`, where the anchor's are told: one whose ledger has begun, for nothing is derived from one that has not. */
	get #anchorPartition(): number {
		return Math.max(
			0,
			this.#signed.partitions.findIndex((one) => one !== null),
		);
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

async function lastSigned({ state, signer, layout }: NotaryParts): Promise<SignedState> {
	const latest = await state.latest();
	if (latest === null) return noneSigned(layout.partitions);
	const read = readState(latest.text, latest.version, { name: signer.key.name, partitions: layout.partitions });
	if (read !== null) return read;
	throw stateLost(
		`version ${latest.version} of the state is none of the key \`${signer.key.name}\` on ${counted(layout.partitions, "partition")}`,
	);
}

function signedAs({ partitions, anchor }: SignedState, name: string, origin: string): Signed | null {
	if (origin === anchorOrigin(name)) return anchor;
	return partitions.find((_, partition) => origin === partitionOrigin(name, partition)) ?? null;
}

/** Read as far as was signed, and no further: a checkpoint needs tiles of its own size. What the folder lacks of them is written. */
async function signedLedger({ log, folder }: NotaryParts, partition: number, last: Signed | null): Promise<LedgerTree> {
	const ledger = new LedgerTree(log, partition);
	if (last === null) return ledger;
	let isWhole = true;
	const onPage = async (): Promise<void> => {
		isWhole = (await checkFilled(folder, ledger.prefix, ledger.tree)) && isWhole;
	};
	await readSigned(ledger, last, onPage);
	if (isWhole) return ledger;
	// The log has what was signed: the folder is what is damaged.
	const again = new LedgerTree(log, partition);
	await readSigned(again, last, () => writeFilled(folder, again.prefix, again.tree));
	return again;
}

async function readSigned(ledger: LedgerTree, { size, root }: Signed, onPage: () => Promise<void>): Promise<void> {
	const { partition } = ledger.at;
	if (!(await ledger.read(size, onPage)))
		throw historyChanged(
			`the ledger of partition ${partition} has ${ledger.tree.size} entries, and ${size} were signed: it has lost its end`,
		);
	if (ledger.tree.root() !== root)
		throw historyChanged(
			`the first ${size} entries of the ledger of partition ${partition} are not those that were signed`,
		);
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
