/** kafkajs's encoder of record batches: the oracle of the decoder's tests. */

declare module "kafkajs/src/protocol/recordBatch/v0/index.js" {
	const module: { RecordBatch(of: object): Promise<{ readonly buffer: Buffer }> };
	export = module;
}

declare module "kafkajs/src/protocol/recordBatch/record/v0/index.js" {
	const encodeRecord: (of: object) => object;
	export = encodeRecord;
}
