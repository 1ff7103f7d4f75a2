import { describe, expect, it } from "vitest";
import { makeKey, signerOf, verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { POLICIES_AT } from "../../../src/ports/log/log.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import { type PolicyKeys, signBundle } from "../../../src/reading/bundle-signature.ts";
import { LogCatalogue } from "../../../src/reading/catalogue.ts";
import { Heard, LogWorld, TEST_POLICY } from "../../support/world.ts";

function catalogueOf(world: LogWorld, policyKeys: PolicyKeys = []): { catalogue: LogCatalogue; heard: Heard } {
	const heard = new Heard();
	const catalogue = new LogCatalogue({
		log: world.handle(),
		budgetRoot: world.layout.budgetRoot,
		telemetry: heard,
		policyKeys,
	});
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
			signature: "",
		});
		await world.publishBundle({
			type: "policy.bundle",
			digest: b,
			sources: [{ name: "p.yaml", text: TEST_POLICY }],
			signature: "",
		});
		await catalogue.refresh();
		expect([catalogue.get(a), catalogue.get(b)]).toEqual(["invalid", "invalid"]);
		expect(heard.said("policy.bundle.invalid")).toHaveLength(2);
	});

	it("keeps a good bundle when a bad one comes under its digest, and takes a good one in a bad one's place", async () => {
		const world = new LogWorld();
		const { catalogue } = catalogueOf(world);
		const digest = world.digestOf(TEST_POLICY);
		const bad = {
			type: "policy.bundle",
			digest,
			sources: [{ name: "p.yaml", text: "kind: Nothing" }],
			signature: "",
		} as const;
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

	it("uses no bundle that a key it is told to ask for has not signed, and keeps one that was", async () => {
		const world = new LogWorld();
		const [ann, eve] = [signer("ann"), signer("ann")];
		const { catalogue, heard } = catalogueOf(world, [verifierOf(ann.key)]);
		const digest = world.digestOf(TEST_POLICY);
		const publish = (signature: string, text = TEST_POLICY): Promise<void> =>
			world.publishBundle({ type: "policy.bundle", digest, sources: [{ name: "p.yaml", text }], signature });
		const refused = [
			"",
			"no note",
			signBundle(digest, eve),
			signBundle("f".repeat(64), ann),
			signBundle(digest, ann).replace("assent", "Assent"),
		];
		for (const signature of refused) {
			await publish(signature);
			await catalogue.refresh();
			expect(catalogue.get(digest), signature).toBe("unsigned");
		}
		expect(heard.said("policy.bundle.unsigned").map(({ why }) => why)).toEqual([
			"it is not signed, and `policyKeys` are configured",
			...Array(4).fill("no key of `policyKeys` has signed it"),
		]);
		await publish(signBundle(digest, ann));
		await catalogue.refresh();
		expect(catalogue.get(digest)).toMatchObject({ digest });
		await publish("");
		await publish(signBundle(digest, ann), "kind: Nothing");
		await catalogue.refresh();
		expect(catalogue.get(digest)).toMatchObject({ digest });
	});
});

function signer(name: string): Signer {
	const made = signerOf(makeKey(name));
	if (made === null) throw new Error("a key does not fit itself");
	return made;
}
