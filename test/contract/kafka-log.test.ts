/** The log on a real Apache Kafka keeps the port's promises. */
import { openKafkaLog } from "../../src/adapters/kafka/open.ts";
import { describeKafka, freshPrefix, sharedKafka } from "../support/kafka/shared.ts";
import { logContract } from "./log-contract.ts";

describeKafka("on Apache Kafka", () => {
	logContract("kafka", async () => {
		const { brokers } = await sharedKafka();
		const prefix = freshPrefix();
		const open = () => openKafkaLog({ brokers, prefix, heartbeatMs: 100 });
		return { log: await open(), secondHandle: open, reopen: open };
	});
});
