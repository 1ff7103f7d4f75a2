/** Opening a log on Kafka: connected, or an error that says why not. */
import type { Log } from "../../ports/log/log.ts";
import type { KafkaCopy } from "./copy.ts";
import { KafkaLog } from "./log.ts";
import type { KafkaLogOptions } from "./options.ts";

/** Throws ASSENT_LOG_UNAVAILABLE when no broker answers, ASSENT_LOG_DENIED when none lets this user in. */
export const openKafkaLog = (options: KafkaLogOptions): Promise<Log> => connected(options);

/** To be filled with the records of another log. Throws as `openKafkaLog`. */
export async function openKafkaCopy(
	options: KafkaLogOptions,
): Promise<{ readonly log: Log; readonly target: KafkaCopy }> {
	const log = await connected(options);
	return { log, target: log.copying() };
}

async function connected(options: KafkaLogOptions): Promise<KafkaLog> {
	const log = new KafkaLog(options);
	try {
		return await log.connect();
	} catch (thrown) {
		await log.close();
		throw thrown;
	}
}
