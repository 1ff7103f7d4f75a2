/** ListOffsets: what several ask of a broker within one turn goes out in one request for each end of the partitions. */
import type { TopicPartition } from "../../../ports/log/log.ts";
import { placeOf } from "../../../ports/log/problems.ts";
import type { Topology } from "../network/topology.ts";
import type { Wire } from "../network/wire.ts";

/** The partition's answer, with the broker's error. */
export interface OffsetAnswer {
	readonly partition: number;
	readonly errorCode: number;
	readonly offset: string;
}

interface Question {
	readonly place: TopicPartition;
	readonly resolve: (answer: OffsetAnswer | null) => void;
	readonly reject: (why: unknown) => void;
}

/**
 * What is asked for: the earliest offset; the end of what may be read, which is where a transaction begins that is neither
 * committed nor given up; the end of what is replicated.
 */
const ASKED = {
	earliest: { timestamp: -2, isolationLevel: 1 },
	readable: { timestamp: -1, isolationLevel: 1 },
	replicated: { timestamp: -1, isolationLevel: 0 },
} as const;

export type Which = keyof typeof ASKED;

export class OffsetQuestions {
	readonly #wire: Wire;
	readonly #topology: Topology;
	readonly #asked = new Map<string, { node: number; which: Which; questions: Question[] }>();

	constructor(wire: Wire, topology: Topology) {
		this.#wire = wire;
		this.#topology = topology;
	}

	/** Null when the broker's answer does not name it. */
	ask(node: number, place: TopicPartition, which: Which): Promise<OffsetAnswer | null> {
		return new Promise((resolve, reject) => {
			const key = `${node} ${which}`;
			const together = this.#asked.get(key) ?? { node, which, questions: [] };
			this.#asked.set(key, together);
			together.questions.push({ place, resolve, reject });
			if (together.questions.length > 1) return;
			queueMicrotask(() => {
				this.#asked.delete(key);
				void this.#send(node, which, together.questions);
			});
		});
	}

	async #send(node: number, which: Which, questions: readonly Question[]): Promise<void> {
		try {
			const { timestamp, isolationLevel } = ASKED[which];
			const broker = await this.#wire.broker("ask", node);
			// A partition that is named twice in one request is refused.
			const places = new Map(questions.map(({ place }) => [placeOf(place), place]));
			const byTopic = Map.groupBy(places.values(), ({ topic }) => topic);
			const { responses } = await this.#wire.request(broker, "ListOffsets", {
				replicaId: -1,
				isolationLevel,
				topics: [...byTopic].map(([topic, partitions]) => ({
					topic: this.#topology.nameOf(topic),
					partitions: partitions.map(({ partition }) => ({ partition, timestamp })),
				})),
			});
			const answers = new Map<string, OffsetAnswer>();
			for (const { topic, partitions } of responses)
				for (const each of partitions) answers.set(placeOf({ topic, partition: each.partition }), each);
			for (const { place, resolve } of questions)
				resolve(answers.get(placeOf({ ...place, topic: this.#topology.nameOf(place.topic) })) ?? null);
		} catch (thrown) {
			for (const { reject } of questions) reject(thrown);
		}
	}
}
