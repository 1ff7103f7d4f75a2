/** kafkajs's encoders and decoders of record batches, requests and answers: the oracles of the adapter's tests. */

declare module "kafkajs/src/protocol/recordBatch/v0/index.js" {
	const module: { RecordBatch(of: object): Promise<{ readonly buffer: Buffer }> };
	export = module;
}

declare module "kafkajs/src/protocol/recordBatch/record/v0/index.js" {
	const encodeRecord: (of: object) => object;
	export = encodeRecord;
}

declare module "kafkajs/src/protocol/decoder.js" {
	class Decoder {
		constructor(of: Buffer);
		readString(): string | null;
		readInt16(): number;
		readInt32(): number;
		readBytes(): Buffer;
	}
	export = Decoder;
}

declare module "kafkajs/src/protocol/recordBatch/v0/decoder.js" {
	import type Decoder from "kafkajs/src/protocol/decoder.js";

	const decodeBatch: (of: Decoder) => Promise<{
		lastOffsetDelta: number;
		maxTimestamp: string;
		records: {
			offset: string;
			timestamp: string;
			key: Buffer | null;
			value: Buffer;
			headers: Record<string, Buffer>;
		}[];
	}>;
	export = decodeBatch;
}

declare module "kafkajs/src/protocol/request.js" {
	const createRequest: (of: {
		correlationId: number;
		clientId: string;
		request: { apiKey: number; apiVersion: number; encode(): Promise<{ buf: Buffer; buffer: Buffer }> };
	}) => Promise<{ readonly buffer: Buffer }>;
	export = createRequest;
}

declare module "kafkajs/src/protocol/requests/produce/v7/response.js" {
	const response: {
		decode(payload: Buffer): Promise<{
			topics: {
				topicName: string;
				partitions: { partition: number; errorCode: number; baseOffset: string; logAppendTime: string }[];
			}[];
			clientSideThrottleTime: number;
		}>;
	};
	export = response;
}
