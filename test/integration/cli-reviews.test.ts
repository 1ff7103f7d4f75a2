/** Two operators for what is not proven to be as strict, and what commands say of activations that had no effect. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openConfigured, readConfig } from "../../src/app/config/config.ts";
import { ensureActive, Node, newInstance } from "../../src/app/node.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import { encodeInput } from "../../src/core/codec/encode.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { scratchFolder } from "../support/cli.ts";
import { recompute } from "../support/recompute.ts";
import { type CliOutcome, runCli } from "../support/run-cli.ts";

const policy = (tools: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: ${tools} }\n`;

const BACK = /^\w{12} is in force as generation 3, as before\nthe proposal \w{12} of ann is taken back\n$/;

let folder: string;
let node: { stop(): Promise<void> } | null = null;
const path = (name: string): string => join(folder, name);
const config = (): string[] => ["--config", path("assent.yaml")];
const assent = (...args: string[]): Promise<CliOutcome> => runCli([...args, ...config()]);
const activate = (file: string, by: string, ...more: string[]): Promise<CliOutcome> =>
	assent("policy", "activate", path(file), "--by", by, "--wait", "60s", ...more);
const history = async (): Promise<object[]> =>
	((await assent("policy", "history", "--json")).json() as { activations: object[] }).activations;

function configure(more = ""): void {
	writeFileSync(path("assent.yaml"), `log: file:log.db\nlayout: { partitions: 2 }\n${more}`);
}

async function run(): Promise<void> {
	const { layout, snapshotEvery, policyKeys, requireReview, ...read } = await readConfig({
		file: path("assent.yaml"),
		log: undefined,
		env: {},
	});
	const log = await openConfigured({ layout, snapshotEvery, policyKeys, requireReview, ...read }, { create: false });
	const parts = { log, layout, instance: newInstance(), snapshotEvery, policyKeys, requireReview };
	const made = await Node.make({ ...parts, telemetry: silentTelemetry, metrics: null });
	await made.processor.start();
	node = {
		stop: async () => {
			await made.stop();
			expect((await recompute(log, layout)).firstDifference).toBeNull();
			await log.close();
		},
	};
}

beforeEach(async () => {
	folder = scratchFolder();
	configure();
	writeFileSync(path("strict.yaml"), policy("[a]"));
	writeFileSync(path("loose.yaml"), policy("[a, b]"));
	writeFileSync(path("other.yaml"), policy("[c]"));
	expect((await assent("topics", "create")).exit).toBe(0);
});

afterEach(async () => {
	await node?.stop();
	node = null;
});

describe("`policy activate --require-review`", () => {
	it("puts into force what is proven to be as strict, and proposes what is not, until a second operator comes", async () => {
		await run();
		expect((await activate("loose.yaml", "ann", "--require-review")).exit).toBe(0);
		const strict = await activate("strict.yaml", "ann", "--require-review");
		expect([strict.exit, strict.stdout]).toEqual([0, expect.stringContaining("is in force as generation 2")]);

		const proposed = await activate("loose.yaml", "ann", "--require-review");
		expect(proposed.exit).toBe(1);
		expect(proposed.stdout).toMatch(/^\w{12} is proposed as generation 3; \w{12} stays in force\n {2}~ p\n$/);
		expect(proposed.stderr).toContain("a second operator is needed");
		expect(proposed.stderr).toContain("tools: p/tools.allow");
		expect(proposed.stderr).toContain(
			`another operator runs \`assent policy activate ${path("loose.yaml")} --by NAME\``,
		);
		const doctor = await assent("doctor");
		expect(doctor.stdout).toContain("is proposed by ann and waits for a second operator");

		const alone = await activate("loose.yaml", "Ann", "--json");
		expect([alone.exit, alone.json()]).toEqual([
			1,
			expect.objectContaining({ isChanged: false, adopted: 0, proposed: 2, refused: null }),
		]);
		const second = await activate("loose.yaml", "bob");
		expect([second.exit, second.stderr]).toEqual([0, ""]);
		expect(second.stdout).toMatch(/is in force as generation 5, in place of \w{12}, proposed by Ann\n/);
		expect(await history()).toMatchObject([
			{ generation: 5, by: "bob", outcome: "in force", proposedBy: "Ann" },
			{ generation: 4, by: "Ann", outcome: "confirmed" },
			{ generation: 3, by: "ann", outcome: "replaced" },
			{ generation: 2, by: "ann", outcome: "activated", proposedBy: "" },
			{ generation: 1, by: "ann", outcome: "activated" },
		]);
		expect((await assent("doctor")).stdout).not.toContain("proposed");
	});

	it("takes a proposal back by activating what is in force", async () => {
		await run();
		await activate("strict.yaml", "ann");
		expect((await activate("other.yaml", "ann", "--require-review")).exit).toBe(1);
		const back = await activate("strict.yaml", "ann", "--require-review");
		expect([back.exit, back.stdout]).toEqual([0, expect.stringMatching(BACK)]);
		expect(await history()).toMatchObject([{ outcome: "in force" }, { outcome: "replaced" }, { outcome: "activated" }]);
		const again = await activate("other.yaml", "bob", "--require-review");
		expect([again.exit, again.stdout]).toEqual([1, expect.stringContaining("is proposed as generation 4")]);
	});

	it("is not taken for being in force by a process that brings the same policies along", async () => {
		await run();
		await activate("strict.yaml", "ann");
		await activate("loose.yaml", "ann", "--require-review");
		const read = await readConfig({ file: path("assent.yaml"), log: undefined, env: {} });
		const log = await openConfigured(read, { create: false });
		const loaded = await loadPolicies([path("loose.yaml")], read.layout.budgetRoot);
		if (!loaded.ok) throw new Error("the policies do not compile");
		const wanted = { layout: read.layout, policies: loaded.value, by: "assent dev", signer: null };
		expect(await ensureActive(log, wanted)).toBe(true);
		await log.close();
	});

	it("brings partitions that are of two minds together again, by two operators", async () => {
		await run();
		expect((await activate("loose.yaml", "ann")).exit).toBe(0);
		expect((await activate("strict.yaml", "ann")).exit).toBe(0);
		const [, first] = (await history()) as { digest: string }[];
		const log = await openConfigured(await readConfig({ file: path("assent.yaml"), log: undefined, env: {} }), {
			create: false,
		});
		const head = { type: "policy.activated", id: "one-only", issuedBy: "ann", issuedAt: Date.now() } as const;
		const value = encodeInput({ ...head, generation: 3, digest: first?.digest ?? "", needsReview: false });
		await log.append({ topic: "control", partition: 0 }, [{ key: null, value, headers: {} }]);
		await log.close();
		await expect
			.poll(async () => (await assent("doctor")).stdout, { timeout: 30_000 })
			.toContain("the partitions do not have the same policies in force");
		const help = (await assent("doctor")).stdout;
		expect(help).toContain("or needed a second operator on some only");
		expect(help).toContain("`assent processor --log");

		const alone = await activate("loose.yaml", "ann", "--require-review", "--json");
		expect([alone.exit, alone.json()]).toEqual([1, expect.objectContaining({ adopted: 1, proposed: 1 })]);
		const second = await activate("loose.yaml", "bob", "--require-review", "--json");
		expect([second.exit, second.json()]).toEqual([0, expect.objectContaining({ adopted: 2, proposed: 0 })]);
		expect((await assent("doctor")).stdout).not.toContain("do not have the same policies");
	});

	it("is an option of `rollback`, too", async () => {
		await run();
		expect((await activate("loose.yaml", "ann")).exit).toBe(0);
		expect((await activate("strict.yaml", "ann")).exit).toBe(0);
		const back = await assent("policy", "rollback", "--by", "ann", "--wait", "60s", "--require-review");
		expect([back.exit, back.stdout]).toEqual([1, expect.stringContaining("is proposed as generation 3")]);
	});

	it("waits on the log for a processor, and so does the second operator", async () => {
		for (const [file, by] of [
			["strict.yaml", "ann"],
			["loose.yaml", "ann"],
			["loose.yaml", "bob"],
		] as const) {
			const sent = await assent("policy", "activate", path(file), "--by", by, "--wait", "0s", "--require-review");
			expect([sent.exit, sent.stdout]).toEqual([0, expect.stringContaining("is on the log as generation")]);
		}
		expect(await history()).toMatchObject([{ outcome: "waiting" }, { outcome: "waiting" }, { outcome: "waiting" }]);
		await run();
		const back = await assent("policy", "rollback", "--by", "bob", "--wait", "60s");
		expect([back.exit, back.stdout]).toEqual([0, expect.stringContaining("is in force as generation 4")]);
		expect(await history()).toMatchObject([
			{ outcome: "in force", by: "bob" },
			{ outcome: "activated", by: "bob", proposedBy: "ann" },
			{ outcome: "confirmed", by: "ann" },
			{ outcome: "activated", by: "ann" },
		]);
	});
});

describe("`requireReview` of the configuration", () => {
	it("binds operators, also those whose own configuration asks for nothing, and `rollback`", async () => {
		configure("requireReview: true\n");
		await run();
		expect((await activate("loose.yaml", "ann")).exit).toBe(0);
		expect((await activate("strict.yaml", "ann")).exit).toBe(0);
		configure();
		const proposed = await activate("loose.yaml", "eve");
		expect([proposed.exit, proposed.stdout]).toEqual([1, expect.stringContaining("is proposed as generation 3")]);
		expect(proposed.stderr).toContain("tools: p/tools.allow");
		const back = await assent("policy", "rollback", "--by", "eve", "--wait", "60s");
		expect([back.exit, back.stdout]).toEqual([1, expect.stringContaining("is proposed as generation 4")]);
		const told = (await history()) as { generation: number; outcome: string; needsReview: boolean }[];
		expect(told.map(({ outcome, needsReview }) => [outcome, needsReview])).toEqual([
			["proposed", true],
			["replaced", true],
			["in force", false],
			["activated", false],
		]);
		expect(back.stderr).toMatch(/another operator runs `assent policy rollback --to \w{12} --by NAME`/);
	});

	it("asks for a second operator where counts would be forgotten, and says which", async () => {
		configure("requireReview: true\n");
		const limited = (name: string): string =>
			`${policy("all")}limits: [{ name: ${name}, measure: tool_calls, scope: agent, max: 5 }]\n`;
		writeFileSync(path("calls.yaml"), limited("calls"));
		writeFileSync(path("renamed.yaml"), limited("renamed"));
		await run();
		expect((await activate("calls.yaml", "ann")).exit).toBe(0);
		const renamed = await activate("renamed.yaml", "ann");
		expect([renamed.exit, renamed.stdout]).toEqual([1, expect.stringContaining("is proposed as generation 2")]);
		expect(renamed.stderr).toContain("would not go on with all that was counted under those in force");
		expect(renamed.stderr).toContain("  starts again from nothing: limit p/calls\n");
		const json = (await activate("renamed.yaml", "ann", "--json")).json();
		expect(json).toMatchObject({
			relation: "equal",
			restarts: [{ kind: "limit", policy: "p", name: "calls" }],
			proposed: 2,
		});
		expect((await activate("renamed.yaml", "bob")).exit).toBe(0);
	});

	it("is none for `dev` and `processor --policy`", async () => {
		configure("requireReview: true\n");
		for (const command of ["dev", "processor"]) {
			const refused = await assent(command, "--policy", path("loose.yaml"));
			expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining("`requireReview`")]);
		}
	});
});

describe("an activation that is refused", () => {
	it("is nowhere taken for one that came into force", async () => {
		const made = await runCli(["keys", "create", "ops.example.com", "--out", path("ops.key")]);
		const key = made.stdout.trim();
		configure(`policyKeys: ['${key}']\n`);
		const sign = (file: string): Promise<CliOutcome> =>
			runCli(["policy", "sign", path(file), "--key", path("ops.key"), "--out", path(`${file}.sig`)]);
		await run();
		for (const file of ["strict.yaml", "loose.yaml"]) {
			await sign(file);
			expect((await activate(file, "ann", "--signature", path(`${file}.sig`))).exit).toBe(0);
		}
		// Somebody whose configuration asks for nothing.
		configure();
		const refused = await activate("other.yaml", "mia");
		expect([refused.exit, refused.stdout]).toEqual([1, ""]);
		expect(refused.stderr).toContain("policy.unsigned");
		const json = await activate("other.yaml", "mia", "--json");
		expect([json.exit, json.json()]).toEqual([
			1,
			expect.objectContaining({
				isChanged: false,
				adopted: 0,
				refused: expect.objectContaining({ code: "policy.unsigned" }),
			}),
		]);
		expect((await assent("policy", "history")).stdout).toMatch(/^ +4 +\w{12} +refused: policy\.unsigned +.* mia +p$/m);
		const doctor = await assent("doctor");
		expect([doctor.exit, doctor.stdout]).toEqual([
			1,
			expect.stringMatching(/warning +policies +\w{12} of mia was refused/),
		]);

		configure(`policyKeys: ['${key}']\n`);
		const back = await assent("policy", "rollback", "--by", "ann", "--wait", "60s");
		expect([back.exit, back.stdout]).toEqual([0, expect.stringContaining("is in force as generation 5, in place of")]);
		expect(await history()).toMatchObject([
			{ generation: 5, outcome: "in force" },
			{ generation: 4, outcome: "refused", code: "policy.unsigned" },
			{ generation: 3, outcome: "refused" },
			{ generation: 2, outcome: "activated" },
			{ generation: 1, outcome: "activated" },
		]);
		const digests = (await history()) as { digest: string }[];
		expect(digests[0]?.digest).toBe(digests[4]?.digest);
		expect((await assent("doctor")).stdout).not.toContain("was refused");
	});
});
