/** The Kafka Streams peer: `PassThrough.java`, run from its source on jars that Maven fetches once. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Running, startProgram } from "./child.ts";

const POM = join(import.meta.dirname, "pom.xml");
const SOURCE = join(import.meta.dirname, "PassThrough.java");

/** How it is configured; what is left out is as Kafka Streams ships it. */
export interface StreamsSettings {
	readonly guarantee: "exactly_once_v2" | "at_least_once";
	readonly commitMs?: number;
	readonly lingerMs?: number;
	readonly threads?: number;
}

export interface StreamsOptions extends StreamsSettings {
	readonly brokers: readonly string[];
	readonly application: string;
	readonly stateFolder: string;
	readonly input: string;
	readonly output: string;
	/** Whole size of an output record; by default the value is passed on. */
	readonly outBytes?: number;
	/** A second record for each input, of this length; the counters are then kept without a changelog. */
	readonly ledger?: { readonly topic: string; readonly bytes: number };
}

/** It stops when its standard input ends, so that it never outlives this process. */
export function startStreams(of: StreamsOptions): Running {
	const options = {
		brokers: of.brokers.join(","),
		application: of.application,
		"state-dir": of.stateFolder,
		in: of.input,
		out: of.output,
		guarantee: of.guarantee,
		"commit-ms": of.commitMs,
		"linger-ms": of.lingerMs,
		threads: of.threads,
		"out-bytes": of.outBytes,
		ledger: of.ledger?.topic,
		"ledger-bytes": of.ledger?.bytes,
	};
	const args = Object.entries(options).flatMap(([name, value]) =>
		value === undefined ? [] : [`--${name}`, `${value}`],
	);
	const java = process.env["JAVA_HOME"] ? join(process.env["JAVA_HOME"], "bin", "java") : "java";
	const heap = ["-Xms256m", "-Xmx512m", "-XX:+UseG1GC"];
	const command = [java, ...heap, "-cp", join(jars(), "*"), SOURCE, ...args] as const;
	return startProgram("Kafka Streams", command, (child) => child.stdin?.end());
}

/** The folder with the jars. Fetched beside it and renamed, so that a broken-off fetch is never taken for whole. */
export function jars(): string {
	const version = /<artifactId>kafka-streams<\/artifactId><version>([^<]+)</.exec(readFileSync(POM, "utf8"))?.[1];
	if (version === undefined) throw new Error(`${POM} names no version of Kafka Streams`);
	const folder = join(import.meta.dirname, "../../node_modules/.cache/assent-kafka-streams", version);
	if (existsSync(folder)) return folder;
	mkdirSync(dirname(folder), { recursive: true });
	const beside = mkdtempSync(`${folder}.fetching-`);
	try {
		const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${beside}`];
		execFileSync("mvn", ["-q", "-B", "-f", POM, ...goal], { stdio: ["ignore", "inherit", "inherit"] });
		renameSync(beside, folder);
	} finally {
		rmSync(beside, { recursive: true, force: true });
	}
	return folder;
}
