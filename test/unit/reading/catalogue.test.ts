import { describe, expect, it } from "vitest";
import { POLICIES_AT } from "../../../src/reading/bundles.ts";
import { LogCatalogue } from "../../../src/reading/catalogue.ts";
import { Heard, LogWorld, TEST_POLICY } from "../../support/world.ts";

function catalogueOf(world: LogWorld): { catalogue: LogCatalogue; heard: Heard } {
	const heard = new Heard();
	const catalogue = new LogCatalogue({ log: world.handle(), budgetRoot: world.layout.budgetRoot, telemetry: heard });
	return { catalogue, heard };
}

describe("the catalogue of policy bundles", () => {
	it("finds bundles by digest, and those that come later when it looks again", async () => {
		const world = new LogWorld();
		const { catalogue } = catalogueOf(world);
		const digest = world.digestOf(TEST_POLICY);
		await catalogue.refresh();
		expect(catalogue.get(digest)).toBeNull();
		await world.bundle(TEST_POLICY);
		await Promise.all([catalogue.refresh(), catalogue.refresh()]);
		expect(catalogue.get(digest)).toMatchObject({ digest });
	});

	it("calls a bundle invalid that does not compile, or is not what its digest says", async () => {
		const world = new LogWorld();
		const { catalogue, heard } = catalogueOf(world);
		const [a, b] = ["aa".repeat(32), "bb".repeat(32)];
		await world.publishBundle({
			type: "policy.bundle",
			digest: a,
			sources: [{ name: "p.yaml", text: "kind: Nothing" }],
		});
		await world.publishBundle({ type: "policy.bundle", digest: b, sources: [{ name: "p.yaml", text: TEST_POLICY }] });
		await catalogue.refresh();
		expect([catalogue.get(a), catalogue.get(b)]).toEqual(["invalid", "invalid"]);
		expect(heard.said("policy.bundle.invalid")).toHaveLength(2);
	});

	it("keeps a good bundle when a bad one comes under its digest, and takes a good one in a bad one's place", async () => {
		const world = new LogWorld();
		const { catalogue } = catalogueOf(world);
		const digest = world.digestOf(TEST_POLICY);
		const bad = { type: "policy.bundle", digest, sources: [{ name: "p.yaml", text: "kind: Nothing" }] } as const;
		await world.publishBundle(bad);
		await catalogue.refresh();
		expect(catalogue.get(digest)).toBe("invalid");
		await world.bundle(TEST_POLICY);
		await catalogue.refresh();
		expect(catalogue.get(digest)).toMatchObject({ digest });
		await world.publishBundle(bad);
		await catalogue.refresh();
		expect(catalogue.get(digest)).toMatchObject({ digest });
	});

	it("passes over what is no bundle", async () => {
		const world = new LogWorld();
		const { catalogue } = catalogueOf(world);
		await world.put(POLICIES_AT.topic, POLICIES_AT.partition, Uint8Array.of(1, 2, 3));
		const digest = await world.bundle(TEST_POLICY);
		await catalogue.refresh();
		expect(catalogue.get(digest)).toMatchObject({ digest });
	});

	it("says from where on it will read, for whoever waits for more", async () => {
		const world = new LogWorld();
		const { catalogue } = catalogueOf(world);
		expect(catalogue.next).toBe(0);
		await world.bundle(TEST_POLICY);
		await catalogue.refresh();
		expect(catalogue.next).toBe(1);
	});
});
