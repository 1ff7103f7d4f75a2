/** Sealed arguments on Kafka: the keys are in a file beside nothing, which publishers and processors share by its name. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { SqlitePayloadKeys } from "../../src/adapters/embedded/payload-keys.ts";
import { type Log, readToEnd } from "../../src/ports/log/log.ts";
import { scratchFolder } from "../support/cli.ts";
import { Deployment } from "../support/kafka/deployment.ts";
import { describeKafka } from "../support/kafka/shared.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";
import { until } from "../support/world.ts";

const SECRET = "ann-larsson-1974";

const deployments: Deployment[] = [];

afterEach(async () => {
	await Promise.all(deployments.splice(0).map((each) => each.close()));
});

/** A deployment, and a command that is given its configuration: with these keys. */
async function deployed(folder: string) {
	const on = await Deployment.make();
	deployments.push(on);
	const { partitions } = on.layout;
	const assent = (keys: string, args: readonly string[], stdin = ""): Promise<CliOutcome> => {
		const config = join(folder, `${keys}.yaml`);
		const privacy = `privacy: { mode: sealed, keys: ${join(folder, keys)} }`;
		writeFileSync(config, `log: ${on.log.url}\nlayout: { partitions: ${partitions} }\n${privacy}\n`);
		return runCli([...args, "--config", config], { stdin });
	};
	return { on, assent };
}

const call = (id: string): string =>
	`${JSON.stringify({ id, tenant: "acme", agent: "coder", tool: "shell.run", args: { command: `cat ${SECRET}` } })}\n`;

async function withKeys(on: Deployment, path: string): Promise<Log> {
	const payloads = new SqlitePayloadKeys(path);
	onTestFinished(() => payloads.close());
	return Object.assign(await on.openLog(), { payloads });
}

async function bytesOf(log: Log, topic: string, partitions: number): Promise<Buffer> {
	const values: Uint8Array[] = [];
	for (let partition = 0; partition < partitions; partition++) {
		const from = { topic, partition };
		for await (const records of readToEnd(log, from, (await log.bounds(from)).begin))
			values.push(...records.map(({ value }) => value));
	}
	return Buffer.concat(values);
}

describeKafka("sealed arguments on Kafka", () => {
	it("are decided where the file of keys is shared, recompute with it, and are erased from every copy", async () => {
		const folder = scratchFolder();
		const { on, assent } = await deployed(folder);
		const running = await on.startProcessor({ log: await withKeys(on, join(folder, "keys.db")) });
		const asked = await assent("keys.db", ["submit", "--settle", "--deadline", "30s"], call("c-1") + call("c-2"));
		expect(asked, asked.stderr).toMatchObject({ exit: 0 });
		expect(asked.stdout.match(/"verdict":"allow"/g)).toHaveLength(2);
		expect((await bytesOf(on.log, "intents", on.layout.partitions)).includes(SECRET)).toBe(false);
		expect((await assent("keys.db", ["tail", "intents", "--jsonl"])).stdout).toContain(SECRET);
		await until(async () => (await assent("keys.db", ["audit", "verify", "--unsigned"])).exit === 0, "a whole log");

		const told = await assent("keys.db", ["audit", "erase", "--intent", "c-1", "--yes", "--by", "kim"]);
		expect(told, told.stderr).toMatchObject({ exit: 0 });
		const tailed = (await assent("keys.db", ["tail", "intents", "--jsonl"])).stdout;
		expect(tailed.split("\n").filter((line) => line.includes(SECRET))).toHaveLength(1);
		const verified = await assent("keys.db", ["audit", "verify", "--unsigned", "--json"]);
		expect(verified).toMatchObject({ exit: 4 });
		expect(verified.json()).toMatchObject({ findings: [] });
		expect(running.heard.said("payload.sealed")).toEqual([]);
		expect(readFileSync(join(folder, "keys.db")).includes(SECRET)).toBe(false);
	}, 120_000);

	it("are denied where the processor has another file, which it and doctor say", async () => {
		const folder = scratchFolder();
		const { on, assent } = await deployed(folder);
		const running = await on.startProcessor({ log: await withKeys(on, join(folder, "another.db")) });
		const asked = await assent("keys.db", ["submit", "--deadline", "30s"], call("c-1"));
		expect(asked.stdout).toContain("record.sealed");
		expect(running.heard.said("payload.sealed")).toMatchObject([{ intents: 1 }]);
		const { partitions } = running.processor.status();
		expect(partitions.flatMap(({ withoutKey }) => withoutKey ?? [])).toEqual([1]);
		expect(partitions.every(({ phase }) => phase === "deciding")).toBe(true);
		const there = await assent("keys.db", ["doctor"]);
		expect(there.stdout).toContain("1 sealed intent looked at: each can be opened");
		const elsewhere = await assent("another.db", ["doctor"]);
		expect(elsewhere.stdout).toContain("of the last 1 sealed intent, 1 cannot be opened by the keys at hand");
		const none = await runCli(["doctor", "--log", on.log.url]);
		expect(none.stdout).toContain("no file of keys is named");
	}, 120_000);
});
