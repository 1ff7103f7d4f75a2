/** Offsets that the group is told for lag displays alone: where a partition is taken up again is in its ledger. */
import type { DurationMs } from "../../../core/model/units.ts";
import { type AssignmentListener, TOPICS } from "../../../ports/log/log.ts";
import type { Topology } from "../network/topology.ts";
import type { Coordinator } from "./coordinator.ts";

const COMMIT_EVERY_MS: DurationMs = 5_000;
const ASK_MS: DurationMs = 10_000;

/** One assignment counts for both: see the assigner. */
export const INPUT_TOPICS = [TOPICS.intents, TOPICS.control];

export interface ShownOffsetsOptions {
	readonly topology: Pick<Topology, "nameOf">;
	readonly group: string;
	readonly listener: Pick<AssignmentListener, "consumed">;
}

export class ShownOffsets {
	readonly #options: ShownOffsetsOptions;
	readonly #coordinator: Coordinator;
	#committedAt = 0;

	constructor(options: ShownOffsetsOptions, coordinator: Coordinator) {
		this.#options = options;
		this.#coordinator = coordinator;
	}

	/** Does nothing when it is too soon. */
	async commit(member: { readonly generation: number; readonly memberId: string }): Promise<void> {
		const { topology, group, listener } = this.#options;
		const now = performance.now();
		const consumed = listener.consumed?.() ?? [];
		if (consumed.length === 0 || now - this.#committedAt < COMMIT_EVERY_MS) return;
		this.#committedAt = now;
		const topics = INPUT_TOPICS.map((name) => ({
			topic: topology.nameOf(name),
			partitions: consumed
				.filter(({ topic }) => topic === name)
				.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
		}));
		const args = {
			groupId: group,
			groupGenerationId: member.generation,
			memberId: member.memberId,
			topics: topics.filter(({ partitions }) => partitions.length > 0),
		};
		await this.#coordinator.requestPatiently("ask", "OffsetCommit", args, ASK_MS);
	}
}
