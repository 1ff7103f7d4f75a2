/** A value for each of some partitions, found without building a name for it. */
import type { TopicPartition } from "./log.ts";

export class PartitionMap<Value> {
	readonly #topics = new Map<string, Map<number, Value>>();

	get({ topic, partition }: TopicPartition): Value | undefined {
		return this.#topics.get(topic)?.get(partition);
	}

	/** What is set again comes last in `ofTopic`. */
	set({ topic, partition }: TopicPartition, value: Value): void {
		const values = this.#topics.get(topic) ?? new Map<number, Value>();
		values.delete(partition);
		this.#topics.set(topic, values.set(partition, value));
	}

	delete({ topic, partition }: TopicPartition): void {
		const values = this.#topics.get(topic);
		values?.delete(partition);
		if (values?.size === 0) this.#topics.delete(topic);
	}

	/** In the order in which they were set. */
	ofTopic(topic: string): readonly Value[] {
		return [...(this.#topics.get(topic)?.values() ?? [])];
	}

	topics(): readonly string[] {
		return [...this.#topics.keys()];
	}

	entries(): readonly (readonly [TopicPartition, Value])[] {
		return [...this.#topics].flatMap(([topic, values]) =>
			[...values].map(([partition, value]) => [{ topic, partition }, value] as const),
		);
	}

	clear(): void {
		this.#topics.clear();
	}
}
