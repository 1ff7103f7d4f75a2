/** Opening a log on Kafka: connected, or an error that says why not. */
import type { Log } from "../../ports/log/log.ts";
import { KafkaLog } from "./log.ts";
import type { KafkaLogOptions } from "./options.ts";

/** Throws ASSENT_LOG_UNAVAILABLE when no broker answers, ASSENT_LOG_DENIED when none lets this user in. */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
	const log = new KafkaLog(options);
	try {
		return await log.connect();
	} catch (thrown) {
		await log.close();
		throw thrown;
	}
}
