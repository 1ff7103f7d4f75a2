/**
 * One gateway over the embedded log, a processor and the agents in processes of their own. What HTTP adds to asking the TypeScript
 * client is measured in turns in one run; ratios and differences are medians of rounds. Then 10,000 agents wait at once, each on a
 * connection of its own, while nobody decides; once a processor does, each reply is compared with what was asked. The gateway runs
 * with the options of Node that docs/gateway.md has for many agents.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { issueKey } from "../src/app/bearer-keys.ts";
import { connect } from "../src/app/connect.ts";
import { openLoop, type Pace } from "./open-loop.ts";
import { type BenchRow, median, percentile } from "./row.ts";

const root = join(import.meta.dirname, "..");
/** As it is installed: what strips types from sources takes memory of its own. */
const COMMAND = "dist/cli/main.js";
/** A small young generation, and an old one that is collected before it has grown by half. */
const MANY_AGENTS = ["--max-semi-space-size=8", "--max-old-space-size=512"];
const ROUNDS = 5;
/** Of each round; the first one warms up. */
const SECONDS = 4;
const WAITING = 10_000;
const SETTINGS = "gateway: { port: 0, keys: keys.yaml, rate: { perSecond: 100000 }, connections: 20000 }\n";
const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: bench }
tools: { allow: all, deny: [shell] }
limits: [{ name: calls, measure: tool_calls, scope: agent, max: 1000000000 }]
`;

export interface Places {
	readonly folder: string;
	readonly log: string;
	readonly policy: string;
	readonly config: string;
	/** Path of the file of keys. */
	readonly keys: string;
	readonly key: string;
}

export async function benchGateway(): Promise<BenchRow[]> {
	const folder = await mkdtemp(join(tmpdir(), "assent-bench-"));
	execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
	const places = await prepared(folder, SETTINGS);
	const { log, config } = places;
	await ran(["topics", "create", "--log", log]);
	const listening = () => ready(["gateway", "--log", log, "--config", config, "--json"], MANY_AGENTS);
	const running: Started[] = [await processing(places), await listening()];
	const stop = async (): Promise<void> => {
		for (const { child } of running.splice(0).reverse()) await stopped(child);
	};
	try {
		const rows = await latencies(urlOf(running.at(-1)), places);
		await stop();
		running.push(await listening());
		const crowd = await crowded(urlOf(running.at(-1)), places, async () => {
			running.push(await processing(places));
		});
		return [...rows, ...crowd];
	} finally {
		await stop();
		await rm(folder, { recursive: true, force: true });
	}
}

export const urlOf = (gateway: Started | undefined): string => String(gateway?.said["gateway"]);

export async function prepared(folder: string, settings: string): Promise<Places> {
	const [policy, config, keys] = ["policy.yaml", "config.yaml", "keys.yaml"].map((name) => join(folder, name)) as [
		string,
		string,
		string,
	];
	await writeFile(policy, POLICY);
	await writeFile(config, settings);
	const agent = { name: "bench", roles: ["agent" as const], tenant: "bench", agents: "*", tools: ["*"] };
	const { secret } = await issueKey(keys, { ...agent, expiresAt: null }, Date.now());
	return { folder, log: `file:${join(folder, "log.db")}`, policy, config, keys, key: secret };
}

export const processing = ({ log, policy }: Places) => ready(["processor", "--json", "--log", log, "--policy", policy]);

export interface Started {
	readonly child: ChildProcess;
	/** The event that says that it is ready. */
	readonly said: Readonly<Record<string, unknown>>;
}

export async function ready(args: readonly string[], flags: readonly string[] = []): Promise<Started> {
	const child = spawn(process.execPath, [...flags, COMMAND, ...args], {
		cwd: root,
		stdio: ["ignore", "pipe", "inherit"],
	});
	for await (const line of createInterface({ input: child.stdout })) {
		const said = JSON.parse(line) as Started["said"];
		if (said["event"] === "ready") {
			child.stdout.resume();
			return { child, said };
		}
	}
	throw new Error(`${args[0]} ended before it was ready`);
}

export async function ran(args: readonly string[]): Promise<void> {
	const child = spawn(process.execPath, [COMMAND, ...args], {
		cwd: root,
		stdio: ["ignore", "ignore", "inherit"],
	});
	const [code] = await once(child, "exit");
	if (code !== 0) throw new Error(`${args.join(" ")} ended with ${String(code)}`);
}

export async function stopped(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill("SIGTERM");
	await once(child, "exit");
}

/** Through the gateway and without it, in turns. */
async function latencies(url: string, { log, key }: Places): Promise<BenchRow[]> {
	const client = await connect({ log, principal: { tenant: "bench" } });
	const agent = new Agent({ keepAlive: true });
	const rows: BenchRow[] = [];
	let run = 0;
	const callOf = (index: number) => ({
		tool: "fs.read",
		args: { path: `/srv/data/${index}.txt` },
		agent: `agent-${index % 500}`,
		session: `run-${run}-${index}`,
	});
	for (const perSecond of [100, 1_000]) {
		const pace: Pace = { perSecond, seconds: SECONDS };
		const rounds: { readonly direct: readonly number[]; readonly http: readonly number[] }[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			run += 1;
			const direct = await openLoop(pace, async (index) => {
				const decision = await client.decide(callOf(index));
				if (decision.source !== "reply") throw new Error("no decision came in time");
			});
			run += 1;
			const http = await openLoop(pace, async (index) => {
				const decision = await asked({ url, key, agent }, callOf(index), "5s");
				if (decision["source"] !== "reply") throw new Error("no decision came in time");
			});
			rounds.push({ direct, http });
		}
		const each = (measure: (round: (typeof rounds)[number]) => number): number => median(rounds.map(measure));
		for (const share of [0.5, 0.99]) {
			const name = `at ${perSecond}/s, p${share * 100}`;
			rows.push(
				{
					what: `peer: the TypeScript client ${name}`,
					value: each(({ direct }) => percentile(direct, share)),
					unit: "ms",
				},
				{ what: `through the gateway ${name}`, value: each(({ http }) => percentile(http, share)), unit: "ms" },
				{
					what: `the gateway adds ${name}`,
					value: each(({ http, direct }) => percentile(http, share) - percentile(direct, share)),
					unit: "ms",
				},
			);
		}
	}
	agent.destroy();
	await client.close();
	const calls = ROUNDS * SECONDS * (100 + 1_000);
	const cpu = ((await gaugeOf(url, "process_cpu_seconds_total")) * 1_000_000) / calls;
	return [...rows, { what: "CPU time of the gateway, its start included", value: cpu, unit: "µs/call" }];
}

/** Agents that all wait, and their replies once somebody decides. Throws where one is lost, or is another's. */
async function crowded(url: string, { key }: Places, decide: () => Promise<void>): Promise<BenchRow[]> {
	const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
	const idle = await memoryOf(url);
	const waiting = Array.from({ length: WAITING }, async (_, index) => {
		// A thousand a second: more at once would wait in the system's queue of connections, which overflows.
		await sleep(index);
		const isDenied = index % 10 === 0;
		const call = {
			id: `waiting-${index}`,
			tool: isDenied ? "shell" : "fs.read",
			args: { path: `/srv/data/${index}.txt`, note: `of agent ${index}` },
			agent: `agent-${index % 2_000}`,
			executor: `executor-of-${index}`,
		};
		const decision = await asked({ url, key, agent }, call, "60s");
		const isOwn =
			decision["id"] === call.id &&
			decision["executor"] === call.executor &&
			decision["source"] === "reply" &&
			decision["verdict"] === (isDenied ? "deny" : "allow") &&
			JSON.stringify(decision["args"]) === JSON.stringify(isDenied ? null : sorted(call.args));
		if (!isOwn) throw new Error(`agent ${index} was answered with ${JSON.stringify(decision)}`);
	});
	const all = Promise.all(waiting);
	// A fault is told at once, and not only when all wait.
	await Promise.race([all, untilWaiting(url)]);
	const memory = await memoryOf(url);
	const startedAt = performance.now();
	await decide();
	await all;
	const ms = performance.now() - startedAt;
	const peak = await memoryOf(url);
	agent.destroy();
	return [
		{ what: "agents that waited at once, each answered with its own decision", value: WAITING, unit: "agents" },
		{ what: "memory of the gateway before them", value: idle, unit: "MB" },
		{ what: "memory of the gateway with all of them waiting", value: memory, unit: "MB" },
		{ what: "memory of the gateway after all were answered", value: peak, unit: "MB" },
		{ what: "from starting a processor until all were answered", value: ms, unit: "ms" },
	];
}

/** As decisions have them: in canonical order. */
const sorted = (args: { readonly path: string; readonly note: string }) => ({ note: args.note, path: args.path });

async function untilWaiting(url: string): Promise<void> {
	while ((await gaugeOf(url, "assent_gateway_waiting")) < WAITING) await sleep(100);
}

const MEGABYTE = 1_048_576;

const memoryOf = async (url: string): Promise<number> =>
	(await gaugeOf(url, "process_resident_memory_bytes")) / MEGABYTE;

async function gaugeOf(url: string, name: string): Promise<number> {
	const text = await (await fetch(`${url}/metrics`)).text();
	return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
}

interface Caller {
	readonly url: string;
	readonly key: string;
	readonly agent: Agent;
}

export function asked(
	{ url, key, agent }: Caller,
	call: object,
	wait: string,
): Promise<Readonly<Record<string, unknown>>> {
	const body = Buffer.from(JSON.stringify(call));
	return new Promise((resolve, reject) => {
		const sent = request(
			`${url}/v1/intents?wait=${wait}`,
			{
				method: "POST",
				agent,
				headers: {
					authorization: `Bearer ${key}`,
					"content-type": "application/json",
					"content-length": body.length,
				},
			},
			(answer) => {
				const parts: Buffer[] = [];
				answer.on("data", (part: Buffer) => parts.push(part));
				answer.on("error", reject);
				answer.on("end", () => {
					const text = Buffer.concat(parts).toString();
					if (answer.statusCode === 200) resolve(JSON.parse(text) as Readonly<Record<string, unknown>>);
					else reject(new Error(`${answer.statusCode}: ${text}`));
				});
			},
		);
		sent.on("error", reject);
		sent.end(body);
	});
}
