/**
 * `docker-compose.yml`, without a Docker engine: its parts fit together, and what it says is run by hand. The broker is made
 * by the class that makes it in the image, from the service's environment; the other services' commands run as they stand,
 * with nothing in their environment but what the file gives them. Ports, hosts and folders are this machine's.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { jsonLines, scratchFolder } from "../support/cli.ts";
import { startBroker } from "../support/kafka/broker.ts";
import { runJava } from "../support/kafka/installation.ts";
import { freePorts } from "../support/kafka/ports.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { ROOT, textOf } from "../support/repository.ts";
import { until } from "../support/world.ts";

type Environment = Readonly<Record<string, string>>;

interface Service {
	readonly image: string;
	readonly build?: string;
	readonly command?: readonly string[];
	readonly environment: Environment;
	readonly ports?: readonly string[];
	readonly volumes: readonly string[];
	readonly restart: string;
	readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
	readonly healthcheck?: { readonly test: readonly string[]; readonly interval: string; readonly retries: number };
}

interface Compose {
	readonly services: Readonly<Record<string, Service>>;
	readonly volumes: Readonly<Record<string, unknown>>;
}

const { services, volumes } = parse(textOf("docker-compose.yml"), { merge: true }) as Compose;
const PROCESSORS = ["processor-1", "processor-2"] as const;
const COMMAND = join(ROOT, "dist/cli/main.js");
const HEALTHY_MS = 60_000;

function service(name: string): Service {
	const found = services[name];
	if (found === undefined) throw new Error(`docker-compose.yml has no service \`${name}\``);
	return found;
}

/** `NAME://host:port,…` by name. */
const listeners = (list = ""): ReadonlyMap<string, { readonly host: string; readonly port: number }> =>
	new Map(
		list.split(",").map((each) => {
			const [, name = "", host = "", port = ""] = /^(\w+):\/\/([^:]*):(\d+)$/.exec(each) ?? [];
			return [name, { host, port: Number(port) }];
		}),
	);

/** The port in `127.0.0.1:HOST:CONTAINER`, and what stands before and after it. */
const published = ({ ports = [] }: Service) => ports.map((each) => each.split(":"));

const metricsPort = ({ command = [] }: Service): string => command[command.indexOf("--metrics-port") + 1] ?? "";

describe("docker-compose.yml", () => {
	it("has Kafka, what prepares it, and two processors", () => {
		expect(Object.keys(services).sort()).toEqual(["kafka", "policy", "processor-1", "processor-2", "topics"]);
	});

	it("waits only for what there is, and for health only where there is a check", () => {
		for (const [name, { depends_on = {} }] of Object.entries(services)) {
			for (const [other, { condition }] of Object.entries(depends_on)) {
				const { healthcheck, restart } = service(other);
				if (condition === "service_healthy") expect(healthcheck, `${name} waits for ${other}`).toBeDefined();
				else expect([condition, restart]).toEqual(["service_completed_successfully", "no"]);
			}
		}
		const order = ["topics", "policy", ...PROCESSORS].map((name) => Object.keys(service(name).depends_on ?? {}));
		expect(order).toEqual([["kafka"], ["topics"], ["policy"], ["policy"]]);
	});

	it("checks the health of everything that goes on running", () => {
		for (const name of ["kafka", ...PROCESSORS]) {
			const { healthcheck } = service(name);
			expect(healthcheck?.test[0], name).toBe("CMD");
			expect(healthcheck?.interval, name).toMatch(/^\d+s$/);
			expect(healthcheck?.retries, name).toBeGreaterThan(2);
		}
	});

	it("opens no port to other machines, and each only once", () => {
		const all = Object.values(services).flatMap(published);
		expect(all.map(([host]) => host)).toEqual(all.map(() => "127.0.0.1"));
		expect(new Set(all.map(([, port]) => port)).size).toBe(3);
		for (const name of PROCESSORS) {
			const port = metricsPort(service(name));
			expect(published(service(name))).toEqual([["127.0.0.1", port, port]]);
			expect(service(name).healthcheck?.test.at(-1)).toContain(`http://127.0.0.1:${port}/readyz`);
		}
	});

	it("gives Kafka an environment in which each name that is used is defined", () => {
		const { environment, image, volumes: mounted } = service("kafka");
		expect(image).toBe(`apache/kafka:${/<kafka\.version>([^<]+)</.exec(textOf("test/support/kafka/pom.xml"))?.[1]}`);
		expect(Object.values(environment).every((value) => typeof value === "string")).toBe(true);
		const bound = listeners(environment["KAFKA_LISTENERS"]);
		const advertised = listeners(environment["KAFKA_ADVERTISED_LISTENERS"]);
		const controller = environment["KAFKA_CONTROLLER_LISTENER_NAMES"] ?? "";
		const mapped = (environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] ?? "").split(",");
		expect(mapped.map((each) => each.split(":")[0]).sort()).toEqual([...bound.keys()].sort());
		expect([...advertised.keys(), controller].sort()).toEqual([...bound.keys()].sort());
		for (const [name, { port }] of advertised) expect(bound.get(name)?.port).toBe(port);
		expect(environment["KAFKA_CONTROLLER_QUORUM_VOTERS"]).toMatch(
			new RegExp(`^${environment["KAFKA_NODE_ID"]}@.+:${bound.get(controller)?.port}$`),
		);
		const inter = advertised.get(environment["KAFKA_INTER_BROKER_LISTENER_NAME"] ?? "");
		for (const name of ["topics", "policy", ...PROCESSORS]) {
			expect(service(name).environment).toEqual({ ASSENT_LOG: `kafka://${inter?.host}:${inter?.port}` });
		}
		expect(inter?.host).toBe("kafka");
		const { host, port } = advertised.get("PLAINTEXT") ?? {};
		expect(published(service("kafka"))).toEqual([[host, String(port), String(port)]]);
		expect(`${host}:${port}`).toBe("127.0.0.1:9092");
		expect(environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"]).toBe("false");
		expect(Buffer.from(environment["CLUSTER_ID"] ?? "", "base64url")).toHaveLength(16);
		const [volume = "", folder] = mounted[0]?.split(":") ?? [];
		expect([Object.keys(volumes), folder]).toEqual([[volume], environment["KAFKA_LOG_DIRS"]]);
	});

	it("keeps everything once, as one broker can", () => {
		const { environment } = service("kafka");
		const copies = Object.entries(environment).filter(([name]) => /REPLICATION_FACTOR|MIN_ISR|MIN_INSYNC/.test(name));
		expect(copies).toHaveLength(7);
		expect(copies.every(([, value]) => value === "1")).toBe(true);
	});

	it("mounts and names only files that are there, at the image's places for them", () => {
		for (const name of ["topics", "policy", ...PROCESSORS]) {
			const { command = [], volumes: mounted, build } = service(name);
			expect(build).toBe(".");
			for (const each of mounted) {
				const [ours = "", theirs, mode] = each.split(":");
				expect(existsSync(join(ROOT, ours)), each).toBe(true);
				expect([theirs, mode]).toEqual([ours.replace(/^\./, "/app"), "ro"]);
			}
			const named = command.filter((word) => word.includes("/"));
			expect(named.length).toBeGreaterThan(0);
			for (const file of named) expect(existsSync(join(ROOT, file)), file).toBe(true);
		}
	});
});

describe("the Dockerfile", () => {
	const lines = textOf("Dockerfile").split("\n");

	it("copies only what is there and is let through", () => {
		const admitted = textOf(".dockerignore").split("\n");
		const copied = lines
			.filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
			.flatMap((line) => line.split(" ").slice(1, -1));
		expect(copied.length).toBeGreaterThan(5);
		for (const path of copied) {
			expect(existsSync(join(ROOT, path)), path).toBe(true);
			expect(admitted, path).toContain(`!${path}`);
		}
	});

	it("runs the command as a user without rights, without development's dependencies", () => {
		const last = lines.slice(lines.findLastIndex((line) => line.startsWith("FROM ")));
		expect(last).toContain("USER node");
		expect(last).toContain('ENTRYPOINT ["node", "dist/cli/main.js"]');
		expect(lines.some((line) => line.startsWith("RUN npm prune --omit=dev "))).toBe(true);
		expect(last.some((line) => line.startsWith("RUN "))).toBe(false);
	});
});

/** Runs with this environment and no other. */
async function within<Out>(environment: Environment, run: () => Promise<Out>): Promise<Out> {
	const before = { ...process.env };
	for (const name of Object.keys(before)) if (name.startsWith("KAFKA_")) delete process.env[name];
	Object.assign(process.env, environment);
	try {
		return await run();
	} finally {
		for (const name of Object.keys(environment)) delete process.env[name];
		Object.assign(process.env, before);
	}
}

interface Started {
	readonly child: ChildProcess;
	readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Node with these arguments, in the checkout as the image has it in `/app`; killed when the test is over. */
function runNode(args: readonly string[], environment: Environment = {}, cwd = ROOT): Started {
	const child = spawn(process.execPath, [...args], { cwd, env: { ...environment } });
	onTestFinished(() => void child.kill("SIGKILL"));
	const said = Promise.all([text(child.stdout), text(child.stderr)]);
	const ended = Promise.all([once(child, "close"), said]).then(([[code], [stdout, stderr]]) => ({
		code: code as number | null,
		stdout,
		stderr,
	}));
	return { child, ended };
}

describeKafka(
	"what docker-compose.yml says, by hand",
	() => {
		it("brings up a broker, topics, a policy and two processors that decide, and hand over when told to", {
			timeout: 240_000,
		}, async () => {
			expect(existsSync(COMMAND), "the command is not built: npm run build").toBe(true);
			const folder = scratchFolder();
			const [host, internal, controller, ...metrics] = await freePorts(5);
			const moved = new Map([
				["9092", host],
				["29092", internal],
				["9093", controller],
				...PROCESSORS.map((name, at) => [metricsPort(service(name)), metrics[at]] as const),
			]);
			/** What the file says, at this machine's addresses. */
			const here = (said: string): string =>
				said
					.replaceAll("://kafka:", "://127.0.0.1:")
					.replaceAll("://:", "://127.0.0.1:")
					.replaceAll("localhost:", "127.0.0.1:")
					.replace(/(?<!\d)\d{4,5}(?!\d)/g, (port) => String(moved.get(port) ?? port));
			const environmentOf = (name: string): Environment =>
				Object.fromEntries(Object.entries(service(name).environment).map(([key, value]) => [key, here(value)]));

			// The broker: the image's own setup writes its properties and formats its folder.
			const config = join(folder, "config");
			mkdirSync(config);
			const { CLUSTER_ID: clusterId = "", ...kafka } = environmentOf("kafka");
			const data = join(folder, basename(kafka["KAFKA_LOG_DIRS"] ?? ""));
			await within({ ...kafka, CLUSTER_ID: clusterId, KAFKA_LOG_DIRS: data }, () =>
				runJava("kafka.docker.KafkaDockerWrapper", [
					"setup",
					`--default-configs-dir=${join(folder, "none")}`,
					`--mounted-configs-dir=${join(folder, "none")}`,
					`--final-configs-dir=${config}`,
				]),
			);
			const address = `127.0.0.1:${host}`;
			const { broker, ready } = await startBroker({
				id: Number(kafka["KAFKA_NODE_ID"]),
				address,
				clusterId,
				folder: config,
				scratch: folder,
				access: { kind: "plaintext" },
			});
			onTestFinished(() => broker.kill());
			await ready();
			const [, script = "", ...probe] = service("kafka").healthcheck?.test ?? [];
			expect(basename(script)).toBe("kafka-broker-api-versions.sh");
			await runJava("org.apache.kafka.tools.BrokerApiVersionsCommand", probe.map(here));

			const run = (name: string): Started =>
				runNode([COMMAND, ...(service(name).command ?? []).map(here)], environmentOf(name));
			const made = await run("topics").ended;
			expect([made.code, made.stderr]).toEqual([0, ""]);
			expect(made.stdout.match(/^created {3}\S+ {2}12 partitions$/gm)).toHaveLength(9);
			const again = await run("topics").ended;
			expect([again.code, again.stdout.match(/^existing/gm)?.length]).toEqual([0, 9]);
			const activated = await run("policy").ended;
			expect([activated.code, activated.stdout]).toEqual([0, expect.stringMatching(/is on the log as generation 1/)]);

			const processors = PROCESSORS.map(run);
			for (const name of PROCESSORS) {
				const [how, what, ...rest] = service(name).healthcheck?.test ?? [];
				expect([how, what]).toEqual(["CMD", "node"]);
				const isHealthy = async (): Promise<boolean> => (await runNode(rest.map(here)).ended).code === 0;
				await until(isHealthy, `${name} to be healthy`, HEALTHY_MS);
			}

			// From outside, as a person on this machine: neither folder nor configuration of the services.
			const asked = runNode([COMMAND, "submit"], { ASSENT_LOG: `kafka://${address}` }, folder);
			asked.child.stdin?.end(
				'{"id":"list","tool":"shell","args":{"command":"ls"}}\n{"id":"wipe","tool":"shell","args":{"command":"rm -rf /"}}\n',
			);
			const answered = await asked.ended;
			const verdicts = jsonLines(answered.stdout).map(({ id, verdict }) => `${id}: ${verdict}`);
			expect([answered.code, verdicts.sort()]).toEqual([0, ["list: allow", "wipe: deny"]]);

			for (const { child } of processors) child.kill("SIGTERM");
			for (const { ended } of processors) {
				const { code, stdout } = await ended;
				expect([code, stdout]).toEqual([0, expect.stringMatching(/stopped: .* the partitions are handed over\n$/)]);
			}
		});
	},
	{ needs: "own" },
);
