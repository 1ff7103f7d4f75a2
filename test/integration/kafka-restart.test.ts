/** What goes on when something goes away on a real Kafka: the broker, a processor, a reply; and what probes see of it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { AssentClient } from "../../src/client/client.ts";
import type { Decision } from "../../src/client/decision.ts";
import { decodeDerived, decodeEntry } from "../../src/core/codec/decode.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import type { Appended, Assignment, Log, LogRecord, OutRecord, TopicPartition } from "../../src/ports/log/log.ts";
import { type CheckReport, checkLog } from "../support/checker.ts";
import { jsonLines, type Running, scratchFolder, start } from "../support/cli.ts";
import type { BrokerHandle } from "../support/kafka/broker.ts";
import { type KafkaCluster, startKafka } from "../support/kafka/cluster.ts";
import { Deployment, type DeploymentOptions, KAFKA_LAYOUT, WHO } from "../support/kafka/deployment.ts";
import { freePorts } from "../support/kafka/ports.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { over, until } from "../support/world.ts";

const SESSION_MS = 60_000;
/** A group that has lost a member without a word waits for the end of that one's session. */
const WAIT_MS = 2 * SESSION_MS;
const HANDOVER_MS_MAX = 30_000;
const LAYOUT: Layout = { ...KAFKA_LAYOUT, partitions: 4 };

describeKafka(
	"on a broker of its own",
	() => {
		let cluster: KafkaCluster;

		beforeAll(async () => {
			cluster = await startKafka();
		});
		afterAll(() => cluster?.stop());

		function broker(): BrokerHandle {
			const [node] = cluster.nodes;
			if (node === undefined) throw new Error("the cluster is a broker of somebody else");
			return node;
		}

		async function deployed({ log, ...options }: DeploymentOptions = {}): Promise<Deployment> {
			// A test that failed may have left it down.
			if (!broker().isRunning) await broker().restart();
			const limits = { requestTimeoutMs: 2_000, sessionTimeoutMs: SESSION_MS, ...log };
			const deployment = await Deployment.make({ cluster, layout: LAYOUT, log: limits, ...options });
			onTestFinished(() => deployment.close());
			return deployment;
		}

		/** `assent processor` as a process of its own. */
		function startProcessor({ prefix }: Deployment, instance: string, ...more: string[]): Running {
			const config = join(scratchFolder(), "assent.yaml");
			const layout = `{ partitions: ${LAYOUT.partitions}, budgetRoot: tenant/agent, dedupe: 1h, session: 7d }`;
			const log = `kafka://${cluster.address}/${prefix.slice(0, -1)}`;
			writeFileSync(config, `log: ${log}\nlayout: ${layout}\nkafka: { sessionTimeout: ${SESSION_MS / 1_000}s }\n`);
			return start([
				"processor",
				"--json",
				"--log-level",
				"error",
				"--config",
				config,
				"--instance",
				instance,
				...more,
			]);
		}

		it("a handle outlives the broker: appends, reads, waits and its membership go on", async () => {
			const deployment = await deployed({ policy: null });
			const log = await deployment.openLog();
			await log.admin().createTopics([
				{ name: "notes", partitions: 1, cleanup: "keep" },
				{ name: "quiet", partitions: 1, cleanup: "keep" },
			]);
			const first = await member(log, "first");
			const quiet = { topic: "quiet", partition: 0 };
			// Heard once: from here on the topic is followed, and a wait begins without asking anything.
			await log.append(quiet, [note("first")]);
			await log.waitFor([{ ...quiet, offset: 0 }], { timeoutMs: WAIT_MS });
			const woken = log.waitFor([{ ...quiet, offset: 1 }], { timeoutMs: WAIT_MS });
			woken.catch(() => {});
			const writers = ["a", "b", "c"].map((name) => new Writer(log, name));
			const each = (enough: (writer: Writer) => boolean) => (): boolean => writers.every(enough);

			await until(
				each(({ appended }) => appended.size >= 10),
				"appends before",
				WAIT_MS,
			);
			await broker().kill();
			await until(
				each(({ unwritten, thrown }) => unwritten.size + thrown.length > 0),
				"appends to fail",
				WAIT_MS,
			);
			const before = writers.map(({ appended }) => appended.size);
			await broker().restart();
			await until(
				() => writers.every(({ appended }, at) => appended.size >= Number(before[at]) + 10),
				"appends",
				WAIT_MS,
			);
			await Promise.all(writers.map((writer) => writer.stop()));
			expect(writers.map(({ thrown }) => thrown)).toEqual([[], [], []]);

			const records = await recordsOf(log, NOTES);
			expect((await log.bounds(NOTES)).end).toBe(records.length);
			const ids = records.map(({ value }) => Buffer.from(value).toString());
			expect(new Set(ids).size).toBe(ids.length);
			const places = new Map(ids.map((id, offset) => [id, offset]));
			for (const { appended, unwritten, unknown } of writers) {
				for (const [id, base] of appended) expect([id, places.get(id)]).toEqual([id, base]);
				for (const id of unwritten) expect([id, places.has(id)]).toEqual([id, false]);
				for (const id of unknown) places.delete(id);
				for (const id of appended.keys()) places.delete(id);
			}
			// Nobody wrote what is left.
			expect([...places]).toEqual([]);

			await log.append(quiet, [note("heard")]);
			expect(await woken).toMatchObject([quiet]);

			await first.assignment.confirm();
			expect([...first.owned].sort()).toEqual(deployment.partitions);
			const second = await member(await deployment.openLog(), "second");
			await until(
				() =>
					second.owned.size === 2 &&
					first.owned.size === 2 &&
					[...first.owned].every((each) => !second.owned.has(each)),
				"two members to share the partitions",
				WAIT_MS,
			);
		});

		it("a client's calls end by their deadlines while the broker is away, and the next are decided", async () => {
			const deployment = await deployed();
			const { processor } = await deployment.startProcessor();
			const deadlineMs = 3_000;
			const callers = deployment.partitions.map((partition) => new Caller(deployment, { partition, deadlineMs }));
			const each = (enough: (caller: Caller) => boolean) => (): boolean => callers.every(enough);

			await until(
				each(({ answers }) => answers.length >= 3),
				"decisions before",
				WAIT_MS,
			);
			await broker().kill();
			await until(
				each(({ timeouts }) => timeouts > 0),
				"calls to be denied at their deadline",
				WAIT_MS,
			);
			await broker().restart();
			const restartedAt = performance.now();
			const isWell = ({ askedAt, decision }: Answer): boolean => askedAt > restartedAt && decision.verdict === "allow";
			await until(
				each(({ answers }) => answers.filter(isWell).length >= 3),
				"decisions after",
				WAIT_MS,
			);
			await Promise.all(callers.map((caller) => caller.stop()));

			const answers = callers.flatMap((caller) => caller.answers);
			// What was decided too late is denied for that, by whoever is quicker, ledger or client; nothing for another reason.
			const others = answers.filter(({ decision: { source, verdict, reasons } }) =>
				source === "reply" ? verdict !== "allow" && reasons[0]?.code !== "intent.late" : verdict !== "deny",
			);
			expect(others).toEqual([]);
			const longest = Math.max(...answers.map(({ askedAt, answeredAt }) => answeredAt - askedAt));
			expect(longest).toBeLessThan(deadlineMs + 20_000);
			await deployment.consumed({ processor });
			await processor.drain();
			expectWell(await checkLog(deployment.log, { layout: LAYOUT }));
		});

		it("SIGTERM hands partitions over long before the session would end, and no caller notices", async () => {
			const deployment = await deployed();
			const [one, two] = ["one", "two"].map((name) => startProcessor(deployment, name)) as [Running, Running];
			await Promise.all([one.said(/"event":"ready"/), two.said(/"event":"ready"/)]);
			const callers = deployment.partitions.map(
				(partition) => new Caller(deployment, { partition, deadlineMs: WAIT_MS, pauseMs: 50 }),
			);
			const isShared = async (): Promise<boolean> => {
				const owners = await ownersOf(deployment);
				return owners.filter((owner) => owner === "one").length === 2 && owners.includes("two");
			};
			await until(isShared, "both to decide", WAIT_MS);
			const ofOne = (await ownersOf(deployment)).flatMap((owner, partition) => (owner === "one" ? [partition] : []));
			expect(ofOne).toHaveLength(2);

			const toldAt = performance.now();
			const ended = await one.stop();
			const endedAt = performance.now();
			expect([ended.code, ended.stderr]).toEqual([0, ""]);
			expect(jsonLines(ended.stdout).at(-1)).toEqual({ event: "stopped" });
			// Who has ended decides nothing: an answer to what was asked later is the other's.
			const later = ({ askedAt }: Answer): boolean => askedAt > endedAt;
			await until(() => callers.every(({ answers }) => answers.some(later)), "the other to decide", WAIT_MS);
			const tookMs = ofOne.map(
				(partition) => (callers[partition]?.answers.find(later)?.answeredAt ?? Number.NaN) - toldAt,
			);
			console.log(`SIGTERM to decisions by the other processor: ${tookMs.map(Math.round).join(" and ")} ms`);
			expect(Math.max(...tookMs)).toBeLessThan(HANDOVER_MS_MAX);
			await Promise.all(callers.map((caller) => caller.stop()));
			expect(await ownersOf(deployment)).toEqual(["two", "two", "two", "two"]);
			for (const { decision } of callers.flatMap(({ answers }) => answers))
				expect([decision.source, decision.verdict]).toEqual(["reply", "allow"]);
			expect((await two.stop()).code).toBe(0);
			expectWell(await checkLog(deployment.log, { layout: LAYOUT }));
		});

		it("who missed a reply asks again under the same id, and is charged once", async () => {
			const deployment = await deployed();
			await deployment.startProcessor();
			const request = { ...WHO, tool: "shell.run", args: { command: "ls" } };
			const callsBefore = async (partition: number): Promise<number | undefined> =>
				(await deployment.decide(partition)).budgets.find(({ limit }) => limit === "calls")?.before;

			// Once: the client asks again by itself.
			const deaf = await deafTo(await deployment.openLog(), 1);
			const client = await new AssentClient({ log: deaf.log, layout: LAYOUT }).start();
			const agent = deployment.agentOf(0);
			const decision = await client.decide({ ...request, agent, id: "missed-1", deadlineMs: 4_000 });
			expect([decision.verdict, decision.status, decision.source]).toEqual(["allow", "open", "reply"]);
			expect(deaf.missed()).toBe(1);
			await client.close();
			expect(await kindsOf(deployment, "missed-1")).toEqual(["decision.made", "decision.repeated"]);
			expect(await callsBefore(0)).toBe(1);

			// Until its process was gone: the next one asks again, with the secret that its salts are drawn from.
			const secret = new Uint8Array(32).fill(7);
			const other = { ...request, agent: deployment.agentOf(1), id: "missed-2", deadlineMs: WAIT_MS };
			const lost = await deafTo(await deployment.openLog(), Number.POSITIVE_INFINITY);
			const gone = await new AssentClient({ log: lost.log, layout: LAYOUT, secret }).start();
			const unheard = gone.decide(other);
			await until(() => lost.missed() > 0, "a reply to be missed", WAIT_MS);
			// Its handle goes first, as in a crash: it can report nothing.
			await lost.log.close();
			await gone.close();
			expect((await unheard).source).toBe("closed");
			const next = await new AssentClient({ log: await deployment.openLog(), layout: LAYOUT, secret }).start();
			const recorded = await next.decide(other);
			await next.close();
			// The first may have run it before it was gone: nobody else does.
			expect([recorded.verdict, recorded.status, recorded.source]).toEqual(["allow", "taken", "reply"]);
			expect(await kindsOf(deployment, "missed-2")).toEqual(["decision.made", "decision.repeated"]);
			expect(await callsBefore(1)).toBe(1);
		});

		it("probes see a processor join, become ready and count its decisions", async () => {
			const deployment = await deployed();
			const [port] = await freePorts(1);
			const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
			// A member that the group waits for: nobody else gets a share until it has left.
			const silent = await member(
				await deployment.openLog({ heartbeatMs: WAIT_MS, sessionTimeoutMs: 30_000 }),
				"silent",
			);
			const processor = startProcessor(deployment, "watched", "--metrics-port", String(port));
			const listens = () =>
				ask("/livez").then(
					({ status }) => status === 200,
					() => false,
				);
			await until(listens, "the processor to listen", WAIT_MS);
			const joining = await ask("/readyz");
			expect([joining.status, await joining.json()]).toMatchObject([
				503,
				{ isReady: false, isMember: false, partitions: [] },
			]);

			await silent.assignment.leave();
			await processor.said(/"event":"ready"/);
			await until(async () => (await ask("/readyz")).status === 200, "the processor to be ready", WAIT_MS);
			const { isMember, partitions } = (await (await ask("/readyz")).json()) as Readiness;
			expect([isMember, partitions.map(({ phase }) => phase)]).toEqual([true, Array(4).fill("deciding")]);

			const scraped = async (): Promise<string> => (await ask("/metrics")).text();
			const before = await scraped();
			expect([allowedIn(before), deniedIn(before)]).toEqual([0, 0]);
			expect(before).toMatch(/^assent_member 1$/m);
			await Promise.all(deployment.partitions.map((partition) => deployment.decide(partition)));
			await deployment.decide(0, { tool: "wipe" });
			// An answer is on its topic before the processor hears that it is, and counts it.
			await until(async () => sampleOf(await scraped(), LATENCY_COUNT) === 5, "five answers counted", WAIT_MS);
			const after = await scraped();
			expect([allowedIn(after), deniedIn(after)]).toEqual([4, 1]);

			expect((await processor.stop()).code).toBe(0);
			await expect(ask("/livez")).rejects.toThrow();
		});
	},
	{ needs: "own" },
);

const NOTES: TopicPartition = { topic: "notes", partition: 0 };

const note = (id: string): OutRecord => ({ key: null, value: Buffer.from(id), headers: {} });

/** Writes one note after the other and remembers what the log said of each. */
class Writer {
	/** Id to offset. */
	readonly appended = new Map<string, number>();
	/** Of which the log said that they are certainly not there. */
	readonly unwritten = new Set<string>();
	readonly unknown = new Set<string>();
	/** Nothing should be thrown: the log comes back, so that a second try can mend it. */
	readonly thrown: unknown[] = [];
	#isStopped = false;
	readonly #loop: Promise<void>;

	constructor(log: Log, name: string) {
		this.#loop = this.#write(log, name);
		// Whoever stops it hears of it.
		this.#loop.catch(() => {});
	}

	stop(): Promise<void> {
		this.#isStopped = true;
		return this.#loop;
	}

	async #write(log: Log, name: string): Promise<void> {
		for (let at = 0; !this.#isStopped; at++) {
			const id = `${name}-${at}`;
			try {
				this.#say(id, await log.append(NOTES, [note(id)]));
			} catch (thrown) {
				this.thrown.push(thrown);
				this.unknown.add(id);
				await delay(100);
			}
		}
	}

	#say(id: string, appended: Appended): void {
		switch (appended.kind) {
			case "appended":
				this.appended.set(id, appended.base);
				return;
			case "unknown":
				this.unknown.add(id);
				return;
			case "failed":
				expect(appended.problem.code).toBe("ASSENT_LOG_UNAVAILABLE");
				this.unwritten.add(id);
				return;
			case "superseded":
			case "withheld":
				throw new Error(`an append that expects and follows nothing cannot be ${appended.kind}`);
		}
	}
}

interface Answer {
	readonly askedAt: number;
	readonly answeredAt: number;
	readonly decision: Decision;
}

/** An agent that asks again as soon as it is answered. */
class Caller {
	readonly answers: Answer[] = [];
	#isStopped = false;
	readonly #loop: Promise<void>;

	constructor(
		deployment: Deployment,
		of: { readonly partition: number; readonly deadlineMs: number; readonly pauseMs?: number },
	) {
		this.#loop = this.#ask(deployment, of);
		this.#loop.catch(() => {});
	}

	get timeouts(): number {
		return this.answers.filter(({ decision }) => decision.source === "timeout").length;
	}

	stop(): Promise<void> {
		this.#isStopped = true;
		return this.#loop;
	}

	async #ask(
		deployment: Deployment,
		{ partition, deadlineMs, pauseMs = 25 }: { partition: number; deadlineMs: number; pauseMs?: number },
	): Promise<void> {
		while (!this.#isStopped) {
			const askedAt = performance.now();
			const decision = await deployment.decide(partition, { deadlineMs });
			this.answers.push({ askedAt, answeredAt: performance.now(), decision });
			await delay(pauseMs);
		}
	}
}

/** Joins a group of its own and keeps count of what it owns. */
async function member(log: Log, name: string): Promise<{ owned: Set<number>; assignment: Assignment }> {
	const owned = new Set<number>();
	const assignment = await log.assign("processor", name, {
		onAssigned: (partitions) => partitions.forEach((each) => void owned.add(each)),
		onLost: (partitions) => partitions.forEach((each) => void owned.delete(each)),
	});
	return { owned, assignment };
}

/** A log whose next replies are not recognised by their reader. */
async function deafTo(log: Log, count: number): Promise<{ log: Log; missed: () => number }> {
	let missed = 0;
	const miss = (record: LogRecord): LogRecord => {
		if (record.topic !== "replies" || missed >= count) return record;
		missed += 1;
		return { ...record, headers: {} };
	};
	const read: Log["read"] = async (from, at, options) => (await log.read(from, at, options)).map(miss);
	return { log: over(log, { read }), missed: () => missed };
}

async function recordsOf(log: Log, from: TopicPartition): Promise<LogRecord[]> {
	const found: LogRecord[] = [];
	for (;;) {
		const records = await log.read(from, found.length);
		if (records.length === 0) return found;
		found.push(...records);
	}
}

/** Who claimed each partition last. */
const ownersOf = (deployment: Deployment): Promise<(string | undefined)[]> =>
	Promise.all(
		deployment.partitions.map(async (partition) => {
			const records = await deployment.records("decisions", partition);
			const claims = records.flatMap(({ value }) => {
				const read = decodeDerived(value);
				return read.ok && read.value.type === "claim" ? [read.value.instance] : [];
			});
			return claims.at(-1);
		}),
	);

/** What the ledger says of a call, in its order. */
async function kindsOf(deployment: Deployment, id: string): Promise<string[]> {
	const records = await Promise.all(deployment.partitions.map((each) => deployment.records("decisions", each)));
	return records.flat().flatMap(({ value }) => {
		const read = decodeEntry(value);
		return read.ok && "call" in read.value && read.value.call?.id === id ? [read.value.kind] : [];
	});
}

function expectWell({ findings, counts }: CheckReport): void {
	expect(findings).toEqual([]);
	expect(counts.decisions).toBeGreaterThan(0);
}

interface Readiness {
	readonly isMember: boolean;
	readonly partitions: readonly { readonly phase: string }[];
}

/** The value of a sample, by its name with its labels. */
function sampleOf(text: string, name: string): number | undefined {
	const line = text.split("\n").find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
	return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}

const LATENCY_COUNT = "assent_decision_latency_seconds_count";
const allowedIn = (text: string): number | undefined => sampleOf(text, 'assent_decisions_total{verdict="allow"}');
const deniedIn = (text: string): number | undefined => sampleOf(text, 'assent_decisions_total{verdict="deny"}');
