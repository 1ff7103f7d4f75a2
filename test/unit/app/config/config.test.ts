import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Config, kafkaOf, readConfig } from "../../../../src/app/config/config.ts";
import { AssentError, formatProblem } from "../../../../src/core/base/errors.ts";
import { scratchFolder } from "../../../support/cli.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

interface Given {
	readonly files?: Readonly<Record<string, string>>;
	readonly env?: Readonly<Record<string, string>>;
	readonly log?: string;
}

function configOf(text: string, { files = {}, env = {}, log }: Given = {}): Promise<Config> {
	const folder = scratchFolder();
	for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
	const file = join(folder, "assent.yaml");
	writeFileSync(file, text);
	return readConfig({ file, log, env });
}

/** The whole text that its user would see, without the folder. */
async function faultOf(text: string, given: Given = {}): Promise<string> {
	try {
		await (await configOf(text, given)).kafka();
	} catch (thrown) {
		expect(thrown).toBeInstanceOf(AssentError);
		expect((thrown as AssentError).code).toBe("ASSENT_CONFIG");
		return formatProblem((thrown as AssentError).problem).replace(/^.*?(?=assent\.yaml)/, "");
	}
	throw new Error(`was taken: ${text}`);
}

describe("the configuration", () => {
	it("has a default for everything", async () => {
		const config = await readConfig({ file: undefined, log: undefined, env: {} });
		expect(config).toMatchObject({
			logUrl: "file:.assent/log.db",
			policies: [],
			layout: { partitions: 12, budgetRoot: "tenant/agent" },
			isPartitionCountGiven: false,
			snapshotEvery: 100_000,
			metrics: null,
		});
		expect(await config.kafka()).toEqual({});
	});

	it("lets the option win over the environment, and the environment over the file", async () => {
		const text = "log: file:a.db\n";
		expect((await configOf(text)).logUrl).toMatch(/^file:\/.*\/a\.db$/);
		expect((await configOf(text, { env: { ASSENT_LOG: "file:b.db" } })).logUrl).toBe("file:b.db");
		expect((await configOf(text, { env: { ASSENT_LOG: "file:b.db" }, log: "file:c.db" })).logUrl).toBe("file:c.db");
	});

	it("knows whether the number of partitions was written down", async () => {
		expect((await configOf("layout: { partitions: 12 }\n")).isPartitionCountGiven).toBe(true);
		expect((await configOf("layout: { dedupe: 1m }\n")).isPartitionCountGiven).toBe(false);
	});

	it("has metrics off unless a port is named", async () => {
		expect((await configOf("metrics: { port: 9464 }\n")).metrics).toEqual({ host: "127.0.0.1", port: 9464 });
		const open = await configOf("metrics: { host: 0.0.0.0, port: 0 }\n");
		expect(open.metrics).toEqual({ host: "0.0.0.0", port: 0 });
	});
});

describe("the kafka section", () => {
	it("becomes what the adapter takes", async () => {
		const text = `kafka:
  clientId: desk
  replication: 3
  minInsync: 2
  sessionTimeout: 9s
  heartbeat: 500ms
  requestTimeout: 20s
  tls: { ca: ca.pem, cert: me.pem, key: me.key, serverName: broker.example }
  sasl: { mechanism: scram-sha-512, username: ann, passwordFile: secret }
`;
		const config = await configOf(text, {
			files: { "ca.pem": `ca ${PEM}`, "me.pem": `cert ${PEM}`, "me.key": `key ${PEM}`, secret: "  pa ss\n" },
		});
		expect(await config.kafka()).toEqual({
			clientId: "desk",
			replication: 3,
			minInsync: 2,
			sessionTimeoutMs: 9_000,
			heartbeatMs: 500,
			requestTimeoutMs: 20_000,
			tls: { ca: `ca ${PEM}`, cert: `cert ${PEM}`, key: `key ${PEM}`, serverName: "broker.example" },
			sasl: { mechanism: "scram-sha-512", username: "ann", password: "  pa ss" },
		});
	});

	it("takes the system's authorities for `tls: true`", async () => {
		expect(await (await configOf("kafka: { tls: true }\n")).kafka()).toEqual({ tls: {} });
	});

	it("takes the password from one of three places", async () => {
		const sasl = (source: string): string => `kafka: { sasl: { mechanism: plain, username: ann, ${source} } }\n`;
		const given = { env: { KAFKA_SECRET: "three\n" }, files: { "s.txt": "two\r\n" } };
		const passwords = ["password: one", "passwordFile: s.txt", "passwordEnv: KAFKA_SECRET"].map(async (source) => {
			const { sasl: read } = await (await configOf(sasl(source), given)).kafka();
			return read?.password;
		});
		expect(await Promise.all(passwords)).toEqual(["one", "two", "three\n"]);
	});

	it("reads no secrets for a log of another kind", async () => {
		const text = "kafka: { tls: { ca: none.pem }, sasl: { mechanism: plain, username: a, passwordEnv: NONE } }\n";
		expect(await kafkaOf(await configOf(text, { log: "file:x.db" }))).toEqual({});
		await expect(kafkaOf(await configOf(text, { log: "kafka://a:1" }))).rejects.toThrow(/none\.pem/);
	});
});

const SASL = "kafka:\n  sasl:\n    mechanism: plain\n    username: ann\n";

describe("a fault of the configuration file", () => {
	it.each<[string, string, RegExp]>([
		[
			"an unknown key",
			"kafka:\n  repliction: 3\n",
			/:2:3 .*unknown key `repliction` in `kafka`\nhelp: did you mean `replication`/,
		],
		[
			"an unknown key of tls",
			"kafka:\n  tls:\n    crt: a\n",
			/:3:5 .*unknown key `crt` in `kafka\.tls`\nhelp: did you mean `cert`/,
		],
		[
			"an unknown key of sasl",
			`${SASL}    pasword: x\n`,
			/:5:5 .*unknown key `pasword` in `kafka\.sasl`\nhelp: did you mean `password`/,
		],
		[
			"an unknown key of metrics",
			"metrics: { prot: 1, port: 1 }\n",
			/:1:12 .*unknown key `prot` in `metrics`\nhelp: did you mean `port`/,
		],
		["no port", "metrics: { host: a }\n", /:1:10 .*`port` is missing in `metrics`\nhelp: add it; a whole number/],
		["a port out of range", "metrics: { port: 70000 }\n", /:1:18 .*metrics\.port/],
		["tls: false", "kafka: { tls: false }\n", /:1:15 .*kafka\.tls/],
		["a certificate without its key", "kafka:\n  tls:\n    cert: a\n", /:3:11 .*kafka\.tls\.cert: there is no `key`/],
		["a key without its certificate", "kafka: { tls: { key: a } }\n", /:1:22 .*kafka\.tls\.key: there is no `cert`/],
		["a file that is not there", "kafka: { tls: { ca: no.pem } }\n", /:1:21 .*kafka\.tls\.ca: the file `no\.pem`/],
		["a file that is no PEM", "kafka: { tls: { ca: assent.yaml } }\n", /:1:21 .*`assent\.yaml` is not a PEM file/],
		[
			"no mechanism",
			"kafka: { sasl: { username: a, password: b } }\n",
			/:1:16 .*`mechanism` is missing in `kafka\.sasl`/,
		],
		[
			"no user",
			"kafka: { sasl: { mechanism: plain, password: b } }\n",
			/:1:16 .*`username` is missing in `kafka\.sasl`/,
		],
		[
			"another mechanism",
			SASL.replace("plain", "gssapi"),
			/:3:16 .*`kafka\.sasl\.mechanism` cannot be `gssapi`\nhelp: .*scram-sha-512/,
		],
		["no password", SASL, /:3:5 .*kafka\.sasl: no password is given\nhelp: .*passwordEnv/],
		[
			"two passwords",
			`${SASL}    passwordEnv: P\n    password: x\n`,
			/:5:18 .*sasl\.passwordEnv: a password is given already/,
		],
		["an empty password", `${SASL}    password: ""\n`, /:5:15 .*kafka\.sasl\.password/],
		["an empty environment", `${SASL}    passwordEnv: NONE\n`, /:5:18 .*the environment has no `NONE`/],
		["a password file that is missing", `${SASL}    passwordFile: no\n`, /:5:19 .*the file `no` cannot be read/],
		["a password file that is empty", `${SASL}    passwordFile: empty\n`, /:5:19 .*the file `empty` is empty/],
		["more in sync than copies", "kafka: { replication: 2, minInsync: 3 }\n", /:1:37 .*kafka\.minInsync: 3 copies/],
		["no copies", "kafka: { replication: 0 }\n", /:1:23 .*kafka\.replication/],
		[
			"no duration",
			"kafka: { requestTimeout: 10 }\n",
			/:1:26 .*`kafka\.requestTimeout` must be a duration, not `10`\nhelp: write a unit: `requestTimeout: 10s`/,
		],
		[
			"another duration",
			"kafka: { heartbeat: soon }\n",
			/:1:21 .*`kafka\.heartbeat` cannot be `soon`: it is not a duration\nhelp: write a whole number and a unit/,
		],
		["no time at all", "kafka: { requestTimeout: 0s }\n", /:1:26 .*kafka\.requestTimeout: it is zero/],
		[
			"a slow heartbeat",
			"kafka: { sessionTimeout: 6s, heartbeat: 3s }\n",
			/:1:41 .*kafka\.heartbeat: a heartbeat each 3000 ms/,
		],
		["a short session", "kafka: { sessionTimeout: 700ms }\n", /:1:26 .*kafka\.sessionTimeout: a heartbeat each 250 ms/],
	])("is told with its place: %s", async (_what, text, said) => {
		expect(await faultOf(text, { files: { empty: "\n" } })).toMatch(said);
	});

	it("comes with all others, in the order of the file", async () => {
		const text = `log: 5\npolicies: baseline.yaml\nlayout: { partitions: "12", budgetRot: tenant }\nmetrics: { port: 1 }\nkafka:\n  tls: { crt: a }\n  replication: 0\n  requestTimeout: 90 seconds\n`;
		const thrown = await configOf(text).catch((fault: unknown) => fault);
		expect(thrown).toBeInstanceOf(AssentError);
		const { problem, others } = thrown as AssentError;
		expect([problem, ...others].map((of) => `${of.place?.line}:${of.place?.column} ${of.message}; ${of.help}`)).toEqual(
			[
				"1:6 `log` must be a text, not `5`; put it in single quotes: `'5'`",
				"2:11 `policies` must be a list, not `baseline.yaml`; write `policies: [baseline.yaml]`",
				"3:23 `layout.partitions` must be a whole number, not `12`; write `partitions: 12`, without quotes",
				"3:29 unknown key `budgetRot` in `layout`; did you mean `budgetRoot`?",
				"6:10 unknown key `crt` in `kafka.tls`; did you mean `cert`?",
				"7:16 `kafka.replication` must be at least 1; write `replication: 1`",
				"8:19 `kafka.requestTimeout` cannot be `90 seconds`: it is not a duration; write `requestTimeout: 90s`",
			],
		);
	});

	it("of an empty file is that it holds no configuration", async () => {
		expect(await faultOf("")).toBe(
			"assent.yaml:1:1  ASSENT_CONFIG  the file has no configuration: it is empty\nhelp: leave `--config` out, or write for instance `log: file:PATH`",
		);
	});

	it("is none where paths lie beside the file, wherever the command runs", async () => {
		const { policies, logUrl } = await configOf("policies: [p/a.yaml, /abs/b.yaml]\nlog: file:.assent/log.db\n");
		expect(policies[0]).toMatch(/^\/.*\/p\/a\.yaml$/);
		expect(policies[0]?.startsWith(process.cwd())).toBe(false);
		expect(policies[1]).toBe("/abs/b.yaml");
		expect(logUrl).toBe(`file:${policies[0]?.replace("p/a.yaml", ".assent/log.db")}`);
		expect((await configOf("log: kafka://a:1/x\n")).logUrl).toBe("kafka://a:1/x");
	});

	it("never shows a password", async () => {
		const secret = "12345678901234567890";
		for (const text of [
			`${SASL}    password: ${secret}\n`,
			`${SASL}    password: 12345678\n`,
			`${SASL}    password: "${secret}\n`,
			`${SASL}    password: *${secret}\n`,
			`${SASL}    password: ${secret}\n    passwordEnv: X\n`,
			`${SASL}    password: "${secret}"\n    passwordEnv: X\n`,
			`kafka: { sasl: { mechanism: x, username: a, password: "${secret}" } }\n`,
		]) {
			const said = await faultOf(text);
			expect(said).toMatch(/^assent\.yaml:\d+:\d+ {2}ASSENT_CONFIG/);
			expect(said).not.toMatch(/12345678/);
		}
	});
});
