import { describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../src/adapters/memory/log.ts";
import { encodeDerived, encodeInput } from "../../../src/core/codec/encode.ts";
import { DEFAULT_LAYOUT } from "../../../src/core/model/layout.ts";
import { compilePolicies } from "../../../src/core/policy/compile.ts";
import { type Log, POLICIES_AT, TOPICS } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { activationsOn } from "../../../src/reading/activations.ts";
import { changesBetween } from "../../../src/reading/bundle-changes.ts";
import { compileBundle, readBundles } from "../../../src/reading/bundles.ts";

const ROOT = { budgetRoot: "tenant/agent" } as const;

const source = (name: string, allow = "all", comment = "") => ({
	name: `${name}.yaml`,
	text: `apiVersion: assent.dev/v1\nkind: Policy\n${comment}metadata: { name: ${name} }\ntools: { allow: ${allow} }\n`,
});

const digestOf = (...sources: ReturnType<typeof source>[]): string => {
	const compiled = compilePolicies(sources, ROOT);
	return compiled.ok ? compiled.value.digest : "";
};

async function emptyLog(): Promise<Log> {
	const log = openMemoryLog();
	await log.admin().createTopics(topicSpecs({ ...DEFAULT_LAYOUT, partitions: 1 }));
	return log;
}

describe("the activations of a partition", () => {
	it("are those that were adopted: late repetitions and smaller ones of a generation change nothing", async () => {
		const log = await emptyLog();
		const activate = async (id: string, generation: number) => {
			const head = { type: "policy.activated", id, issuedBy: "ann", issuedAt: 1, digest: "a".repeat(64) } as const;
			const value = encodeInput({ ...head, generation, needsReview: false });
			await log.append({ topic: TOPICS.control, partition: 0 }, [{ key: null, value, headers: {} }]);
		};
		for (const [id, generation] of [
			["m", 1],
			["n", 2],
			["m", 1],
			["n", 2],
			["a", 2],
			["z", 2],
		] as const) {
			await activate(id, generation);
		}
		const found = await activationsOn(log, 0);
		expect(found.map(({ id, generation }) => `${id}${generation}`)).toEqual(["m1", "n2", "z2"]);
	});
});

describe("what changed between two bundles", () => {
	it("is told by name, and is not a comment", () => {
		const before = [source("kept"), source("edited"), source("gone")];
		const after = [source("edited", "none"), source("kept", "all", "# why\n"), source("new")];
		expect(changesBetween(before, after, "tenant/agent")).toEqual({
			added: ["new"],
			removed: ["gone"],
			changed: ["edited"],
		});
	});
});

describe("a bundle of the log", () => {
	it("compiles to the digest it is filed under, or says why nobody can decide with it", async () => {
		const log = await emptyLog();
		const publish = (digest: string) =>
			log.append(POLICIES_AT, [
				{
					key: digest,
					value: encodeDerived({ type: "policy.bundle", digest, sources: [source("one")], signature: "" }),
					headers: {},
				},
			]);
		const digest = digestOf(source("one"));
		const wrong = "f".repeat(64);
		await publish(digest);
		await publish(wrong);
		const bundles = await readBundles(log);
		expect(compileBundle(bundles, digest, "tenant/agent")).toMatchObject({ ok: true, value: { digest } });
		expect(compileBundle(bundles, wrong, "tenant/agent")).toMatchObject({
			ok: false,
			error: [{ code: "POLICY_UNAVAILABLE", message: expect.stringContaining("has the digest") }],
		});
		expect(compileBundle(bundles, "0".repeat(64), "tenant/agent")).toMatchObject({
			ok: false,
			error: [{ message: expect.stringContaining("is not on the log") }],
		});
	});
});
