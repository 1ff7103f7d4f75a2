/** Gives the rights that `assent topics acl --print` prints, as an administrator would: in a shell, with Kafka's own tool. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { User } from "../support/kafka/access.ts";
import { runJava } from "../support/kafka/installation.ts";

/** Writes down what the shell made of its words. */
const RECORDER = `#!/bin/sh\nprintf '%s\\n' "$@" '' >> "$ASSENT_TEST_ACLS"\n`;

/** Runs printed commands as they are. Throws what the tool says when it refuses one. */
export async function grantPrinted(
	printed: string,
	of: { readonly admin: User; readonly folder: string },
): Promise<void> {
	const { admin, folder } = of;
	const at = (name: string): string => join(folder, name);
	writeFileSync(at("kafka-acls.sh"), RECORDER, { mode: 0o755 });
	writeFileSync(at("acls.txt"), "");
	writeFileSync(
		at("admin.properties"),
		[
			"security.protocol=SASL_PLAINTEXT",
			"sasl.mechanism=SCRAM-SHA-512",
			`sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${admin.name}" password="${admin.password}";`,
			"",
		].join("\n"),
	);
	const env = { ...process.env, PATH: `${folder}:${process.env["PATH"]}`, ASSENT_TEST_ACLS: at("acls.txt") };
	execFileSync("sh", ["-e", "-c", printed], { env });
	const tool = join(import.meta.dirname, "KafkaAcls.java");
	await runJava(tool, [at("acls.txt"), "--command-config", at("admin.properties")]);
}
