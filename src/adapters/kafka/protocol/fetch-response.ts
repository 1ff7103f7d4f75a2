/**
 * The answer to Fetch (version 11): kafka.apache.org/protocol. Read here and not by kafkajs, which copies all headers of a
 * record for each header (a hostile record would stop the process) and decompresses without bound.
 */
import type { Offset } from "../../../core/model/units.ts";
import { type Answered, type Asked, Batches, type FetchedPartition } from "./fetched-batches.ts";
import { Reader } from "./reader.ts";

export interface Fetched {
	readonly errorCode: number;
	readonly partitions: readonly FetchedPartition[];
}

/** Throws a RangeError at an answer that ends too early, or goes backwards. */
export function decodeFetch(payload: Buffer, asked: readonly Asked[]): Fetched {
	const from = new Reader(payload);
	from.skip(4);
	const errorCode = from.int16();
	from.skip(4);
	const partitions: FetchedPartition[] = [];
	const unpacked = { bytes: 0 };
	for (let topics = from.int32(); topics > 0; topics--) {
		const topic = from.text(from.int16());
		for (let count = from.int32(); count > 0; count--) {
			const answered = partitionOf(topic, from);
			const found = asked.find((each) => each.topic === topic && each.partition === answered.partition);
			if (found !== undefined) partitions.push(new Batches(answered, found, unpacked).read());
		}
	}
	return { errorCode, partitions };
}

function partitionOf(topic: string, from: Reader): Answered {
	const partition = from.int32();
	const errorCode = from.int16();
	const highWatermark = from.int64();
	from.skip(16);
	const aborted: { producer: number; first: Offset }[] = [];
	for (let count = from.int32(); count > 0; count--) aborted.push({ producer: from.int64(), first: from.int64() });
	from.skip(4);
	const batches = from.bytes(Math.max(0, from.int32()));
	return { topic, partition, errorCode, highWatermark, aborted: aborted.sort((a, b) => a.first - b.first), batches };
}
