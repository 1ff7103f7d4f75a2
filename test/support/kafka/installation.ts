/** Apache Kafka on this machine: its jars, fetched once by Maven, and the Java that runs them. */
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const JAVA_VERSION_MIN = 17;
const POM = join(import.meta.dirname, "pom.xml");

/** Of Kafka, instead of the one that `pom.xml` names. */
const OTHER_VERSION = process.env["ASSENT_KAFKA_VERSION"] || undefined;

const java = (): string => (process.env["JAVA_HOME"] ? join(process.env["JAVA_HOME"], "bin", "java") : "java");

/** What `pom.xml` asks for: the version of Kafka, and its own. */
function wantedJars(): string {
	const pom = readFileSync(POM, "utf8");
	const [named, own] = [/<kafka\.version>([^<]+)</, /<version>([^<]+)</].map((version) => version.exec(pom)?.[1]);
	const kafka = OTHER_VERSION ?? named;
	if (kafka === undefined || own === undefined) throw new Error(`${POM} names no version of Kafka or of its own`);
	return `${kafka}-${own}`;
}

/** Where the jars are, or will be. */
function jarsFolder(): string {
	const project = resolve(import.meta.dirname, "../../..");
	const cache = process.env["ASSENT_KAFKA_CACHE"] || join(project, "node_modules/.cache/assent-kafka", wantedJars());
	return resolve(cache);
}

/** What is missing to run brokers from their jars, as the end of a sentence; null when nothing is. */
export function whatIsMissing(): string | null {
	const asked = spawnSync(java(), ["-version"], { encoding: "utf8", timeout: 20_000 });
	const version = Number(/version "(\d+)/.exec(asked.stderr ?? "")?.[1] ?? 0);
	if (version < JAVA_VERSION_MIN) {
		return `Java ${JAVA_VERSION_MIN} or later (${version === 0 ? "there is none" : `there is ${version}`})`;
	}
	if (existsSync(jarsFolder())) return null;
	return spawnSync("mvn", ["-v"], { timeout: 20_000 }).status === 0 ? null : "Maven (`mvn`), to fetch Kafka once";
}

let fetching: Promise<string> | undefined;

/** The folder with the jars; fetches them when it does not exist yet. Throws what Maven says. */
function kafkaJars(): Promise<string> {
	fetching ??= fetchJars();
	return fetching;
}

/** The command line that runs a main class of Kafka, or a Java source file that uses its classes. */
export async function javaCommand(
	mainClass: string,
	classes: string | null = null,
): Promise<readonly [string, ...string[]]> {
	return [java(), "-XX:TieredStopAtLevel=1", "-cp", await classPath(classes), mainClass];
}

/** Kafka's classes, and those of a folder beside them. */
const classPath = async (classes: string | null): Promise<string> =>
	[join(await kafkaJars(), "*"), ...(classes === null ? [] : [classes])].join(delimiter);

/** Runs such a class to its end. Throws what it printed when it fails. */
export async function runJava(
	mainClass: string,
	args: readonly string[],
	classes: string | null = null,
): Promise<void> {
	const [command, ...before] = await javaCommand(mainClass, classes);
	await run(command, [...before, ...args]);
}

/** Compiles a Java source file that uses Kafka's classes into a folder. Throws what the compiler says. */
export async function compileJava(source: string, into: string): Promise<void> {
	const [command] = await javaCommand("");
	await run(`${command}c`, ["-cp", await classPath(null), "-d", into, source]);
}

/** The command that starts a broker which logs to `log`. `ASSENT_KAFKA_HEAP` replaces the heap's bounds. */
export async function brokerCommand(of: {
	properties: string;
	log: string;
	/** A folder of classes that the broker finds beside its own. */
	classes: string | null;
}): Promise<readonly [string, string[]]> {
	const heap = (process.env["ASSENT_KAFKA_HEAP"] || "-Xms256m -Xmx512m").split(/\s+/);
	const logging = [
		`-Dassent.log=${of.log}`,
		`-Dlog4j2.configurationFile=${join(import.meta.dirname, "log4j2.properties")}`,
	];
	return [java(), [...heap, ...logging, "-cp", await classPath(of.classes), "kafka.Kafka", of.properties]];
}

/** Fetches beside the cache and renames, so that of two processes which fetch at once one wins and both have all jars. */
async function fetchJars(): Promise<string> {
	const folder = jarsFolder();
	if (existsSync(folder)) return folder;
	mkdirSync(dirname(folder), { recursive: true });
	const beside = mkdtempSync(`${folder}.fetching-`);
	try {
		const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${beside}`];
		const version = OTHER_VERSION === undefined ? [] : [`-Dkafka.version=${OTHER_VERSION}`];
		await run("mvn", ["-q", "-B", "-f", POM, ...version, ...goal]);
		renameSync(beside, folder);
	} catch (thrown) {
		if (!existsSync(folder)) throw thrown;
	} finally {
		rmSync(beside, { recursive: true, force: true });
	}
	return folder;
}

async function run(command: string, args: readonly string[]): Promise<void> {
	try {
		await promisify(execFile)(command, args, { encoding: "utf8", maxBuffer: 16 << 20 });
	} catch (thrown) {
		const { stdout = "", stderr = "" } = thrown as { stdout?: string; stderr?: string };
		const said = `${stdout}\n${stderr}`.trim().split("\n").slice(-20).join("\n");
		throw new Error(`\`${command} ${args.join(" ")}\` failed:\n${said || String(thrown)}`);
	}
}
