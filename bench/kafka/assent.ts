/** Assent over Kafka: its topics, its processor in a process of its own, and intents that wait for it. */
import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Message } from "kafkajs";
import { openLog } from "../../src/app/open-log.ts";
import { IntentComposer } from "../../src/client/composer.ts";
import { inputEvent } from "../../src/core/codec/event.ts";
import { submissionHeaders } from "../../src/core/codec/headers.ts";
import { DEFAULT_LAYOUT, type Layout, routeOf } from "../../src/core/model/layout.ts";
import { HOUR } from "../../src/core/model/units.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { TOPICS } from "../../src/ports/log/log.ts";
import { topicSpecs } from "../../src/ports/log/topics.ts";
import { callOf, POLICY, TENANT } from "./calls.ts";
import { type Running, startProgram } from "./child.ts";

/** A deployment of its own: every topic begins with its prefix and a dot. */
export interface Deployment {
	readonly brokers: readonly string[];
	readonly prefix: string;
	readonly partitions: number;
}

const CLI = join(import.meta.dirname, "../../dist/cli/main.js");

export const logUrl = ({ brokers, prefix }: Deployment): string => `kafka://${brokers.join(",")}/${prefix}`;

export const layoutFor = ({ partitions }: Deployment): Layout => ({ ...DEFAULT_LAYOUT, partitions });

/** Makes the topics, so that a client can read replies and intents can wait before a processor runs. */
export async function makeAssentTopics(of: Deployment): Promise<void> {
	const log = await openLog(logUrl(of), { create: true });
	try {
		await log.admin().createTopics(topicSpecs(layoutFor(of)));
	} finally {
		await log.close();
	}
}

/** Runs `assent processor` with the baseline policy, as it is built in `dist`. */
export function startProcessor(of: Deployment, folder: string): Running {
	const config = join(folder, `${of.prefix}.yaml`);
	writeFileSync(config, `layout:\n  partitions: ${of.partitions}\n`);
	const args = [CLI, "processor", "--log", logUrl(of), "--config", config, "--policy", POLICY, "--log-level", "error"];
	// As the Dockerfile sets it: a decision makes much that is short-lived.
	return startProgram("assent processor", [process.execPath, "--max-semi-space-size=64", ...args], (child) =>
		child.kill("SIGTERM"),
	);
}

/** Builds intents as a client publishes them, to be queued before the processor starts. */
export function queuedIntents(of: Deployment & { readonly records: number }): (index: number) => Message {
	const layout = layoutFor(of);
	const composer = new IntentComposer({
		principal: { tenant: TENANT },
		secret: randomBytes(32),
		clock: systemClock,
		// They wait while the others are written: none may be late.
		deadlineMs: HOUR,
		sessionMs: layout.sessionMs,
	});
	return (index) => {
		const intent = composer.intentOf(composer.read(callOf({ run: of.prefix, index, total: of.records })));
		const { id } = intent;
		const { value, headers } = inputEvent(intent, { id, source: "assent/client", time: systemClock.now() });
		return {
			...routeOf(layout, intent.principal),
			value: Buffer.from(value),
			headers: {
				...headers,
				...submissionHeaders(id, { topic: TOPICS.replies, replyId: randomUUID() }),
			},
		};
	};
}
