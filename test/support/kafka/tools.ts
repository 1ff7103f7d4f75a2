/** Kafka's command line as an administrator has it: `kafka-*.sh` in a folder, which run the same classes from the jars. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { javaCommand } from "./installation.ts";

/** What `bin/kafka-NAME.sh` of Kafka's distribution runs. */
const CLASSES: Readonly<Record<string, string>> = {
	"kafka-configs.sh": "kafka.admin.ConfigCommand",
	"kafka-consumer-groups.sh": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
	"kafka-delete-records.sh": "org.apache.kafka.tools.DeleteRecordsCommand",
	"kafka-leader-election.sh": "org.apache.kafka.tools.LeaderElectionCommand",
	"kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
};

/** Runs lines in a shell that finds the tools, in `folder`. What they print; throws it when one fails. */
export async function runShell(lines: string, folder: string): Promise<string> {
	for (const [name, mainClass] of Object.entries(CLASSES)) {
		const words = (await javaCommand(mainClass)).map((word) => `'${word}'`).join(" ");
		writeFileSync(join(folder, name), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
	}
	const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}` };
	const { stdout, stderr } = await promisify(execFile)("sh", ["-e", "-c", lines], { cwd: folder, env });
	return stdout + stderr;
}
