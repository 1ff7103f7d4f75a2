/** What is signed on its way to its readers: tiles and leaves first, then the log, then the folder, then witnesses. */
import { anchorOrigin, partitionOrigin } from "../core/audit/checkpoint.ts";
import { noteText, readNote } from "../core/audit/note.ts";
import { ANCHOR_PREFIX, treePrefix } from "../core/audit/tiles.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { Anchor } from "./anchor.ts";
import type { LedgerTree } from "./ledger-tree.ts";
import type { NotaryParts } from "./parts.ts";
import { writeTiles } from "./published-tree.ts";
import { publishSigned } from "./signed-records.ts";
import type { Signed, SignedState } from "./signed-state.ts";
import type { Witnessing } from "./witnessing.ts";

interface PublicationParts extends Pick<NotaryParts, "log" | "folder" | "signer" | "clock" | "telemetry"> {
	readonly ledgers: readonly LedgerTree[];
	readonly anchor: Anchor;
	readonly witnessing: Witnessing | null;
}

type Unpublished = Signed & { readonly origin: string; readonly partition: number };

export class Publication {
	readonly #parts: PublicationParts;
	/** What is signed, and not published yet as a whole. */
	#left: readonly Unpublished[] = [];
	#signed: SignedState | null = null;

	constructor(parts: PublicationParts) {
		this.#parts = parts;
	}

	/** What was signed since `before`, or all of it, is to be published; nothing else is left from earlier. */
	add(signed: SignedState, before: SignedState | null = null): void {
		this.#signed = signed;
		const { name } = this.#parts.signer.key;
		const { partitions, anchor } = signed;
		const news = partitions.flatMap((one, partition) =>
			one === null || one === before?.partitions[partition]
				? []
				: [{ ...one, partition, origin: partitionOrigin(name, partition) }],
		);
		const anchored =
			anchor === null ? [] : [{ ...anchor, partition: this.#anchorPartition, origin: this.#anchorOrigin }];
		this.#left = [...news, ...anchored];
	}

	/** What is not published yet. `isMissing`: on the log. Throws what the folder throws, and ASSENT_LOG_UNAVAILABLE; then it is done again. */
	async publish(isMissing: (signed: Unpublished) => boolean = () => true): Promise<void> {
		const left = this.#left;
		if (left.length === 0) return;
		const { folder, ledgers, anchor, witnessing } = this.#parts;
		const isAnchor = ({ origin }: Unpublished): boolean => origin === this.#anchorOrigin;
		for (const { partition } of left.filter((one) => !isAnchor(one))) {
			const { prefix, tree } = ledgers[partition] as LedgerTree;
			await writeTiles(folder, prefix, tree);
		}
		await anchor.publish();
		for (const one of left.filter(isMissing)) await this.#send(one);
		for (const one of left) {
			if (!isAnchor(one)) await folder.write(`${treePrefix(one.partition)}/checkpoint`, bytesOf(one.note));
			else if (witnessing === null) await folder.write(`${ANCHOR_PREFIX}/checkpoint`, bytesOf(one.note));
			else await witnessing.ask(one);
		}
		this.#left = [];
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

	/** The anchor's checkpoint with what witnesses have answered since. Throws as `Witnessing.take`, and as `publish`. */
	async publishWitnessed(): Promise<void> {
		const cosigned = (await this.#parts.witnessing?.take()) ?? null;
		if (cosigned === null) return;
		const note = readNote(cosigned.anchor.note);
		if (note === null) return;
		const full = noteText({ ...note, signatures: [...note.signatures, ...cosigned.signatures] });
		await this.#parts.folder.write(`${ANCHOR_PREFIX}/checkpoint`, bytesOf(full));
		const partition = this.#anchorPartition;
		await this.#send({ ...cosigned.anchor, origin: this.#anchorOrigin, partition, note: full });
	}

	get #anchorOrigin(): string {
		return anchorOrigin(this.#parts.signer.key.name);
	}

	/** Of `checkpoints`, where the anchor's are told: one whose ledger has begun, for nothing is derived from one that has not. */
	get #anchorPartition(): number {
		return Math.max(0, this.#signed?.partitions.findIndex((one) => one !== null) ?? 0);
	}
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
