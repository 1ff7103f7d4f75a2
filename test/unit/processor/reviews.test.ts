/** A processor that was told to ask for a second operator does so where the new set is not proven to be as strict. */
import { afterEach, describe, expect, it } from "vitest";
import { threadReviewer } from "../../../src/adapters/threads/review-thread.ts";
import type { PolicyActivated } from "../../../src/core/model/inputs.ts";
import { emptyState } from "../../../src/core/state/state.ts";
import type { PolicyReviewer } from "../../../src/ports/policy-reviewer.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { Reviews } from "../../../src/processor/reviews.ts";
import type { LogCatalogue } from "../../../src/reading/catalogue.ts";
import { checkLog } from "../../support/checker.ts";
import { recompute } from "../../support/recompute.ts";
import { start, stop } from "../../support/running.ts";
import { LogWorld, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const STRICT = TEST_POLICY.replace("allow: all", "allow: none");
const OTHER = TEST_POLICY.replace("name: no-wipe, tools: [wipe]", "name: no-burn, tools: [burn]");

/** However slow the machine is. */
const compares = threadReviewer(60_000);
const told = (isAsStrict: boolean): PolicyReviewer => ({ isAsStrict: () => Promise.resolve(isAsStrict) });
const FAILS: PolicyReviewer = { isAsStrict: () => Promise.reject(new Error("no thread can be had")) };

const ended = async (world: LogWorld) => {
	await world.consumed();
	await stop();
	expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	expect((await recompute(world.log, world.layout)).firstDifference).toBeNull();
	return (await world.entries()).map((entry) => ("verdict" in entry ? entry.verdict : entry.kind));
};

afterEach(stop);

describe("a set that is activated where reviews are asked for", () => {
	it("comes into force at once if it is the first, or proven to be as strict", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await start(world, { reviewer: compares });
		await world.consumed();
		await world.policies(STRICT);
		expect(await ended(world)).toEqual(["policy.activated", "policy.activated"]);
	});

	it.each([
		["is looser", STRICT, TEST_POLICY, compares],
		["is not comparable", TEST_POLICY, OTHER, compares],
		["is not known to be as strict", TEST_POLICY, STRICT, told(false)],
		["cannot be compared", TEST_POLICY, STRICT, FAILS],
	])("waits for a second operator if it %s", async (_why, first, next, reviewer) => {
		const world = new LogWorld();
		await world.policies(first);
		const { heard } = await start(world, { reviewer });
		await world.consumed();
		const digest = await world.bundle(next);
		await world.activate(digest, { issuedBy: "Ann@x" });
		await world.activate(digest, { issuedBy: "ann@x" });
		await world.consumed();
		await world.activate(digest, { issuedBy: "bob@x" });
		expect(await ended(world)).toEqual(["policy.activated", "policy.proposed", "policy.proposed", "policy.activated"]);
		expect((await world.entries()).at(-1)).toMatchObject({ by: "bob@x", proposedBy: "ann@x", digest });
		expect(heard.said("policy.review.failed")).toHaveLength(reviewer === FAILS ? 1 : 0);
	});

	it("is compared once in a process, however many partitions come to it", async () => {
		let asked = 0;
		const answer = Promise.withResolvers<boolean>();
		const isAsStrict = (): Promise<boolean> => {
			asked += 1;
			return answer.promise;
		};
		const catalogue = { isGood: () => true, sourcesOf: () => [] } as unknown as LogCatalogue;
		const telemetry = silentTelemetry;
		const reviews = new Reviews({ reviewer: { isAsStrict }, catalogue, budgetRoot: "tenant", telemetry });
		const inForce = { ...emptyState(TEST_LAYOUT, 0).policy, digest: "a" };
		const record = { digest: "b", needsReview: false } as PolicyActivated;
		expect(reviews.isNeeded(inForce, record)).toBeNull();
		const partitions = Array.from({ length: 12 }, () => reviews.compare(inForce, record));
		answer.resolve(true);
		await Promise.all(partitions);
		expect([asked, reviews.isNeeded(inForce, record)]).toEqual([1, false]);
	});

	it("is compared beside deciding: intents go on, and control behind it waits", async () => {
		const world = new LogWorld();
		await world.policies(STRICT);
		const asked = Promise.withResolvers<void>();
		const answer = Promise.withResolvers<boolean>();
		const reviewer: PolicyReviewer = {
			isAsStrict: () => {
				asked.resolve();
				return answer.promise;
			},
		};
		await start(world, { reviewer });
		await world.consumed();
		await world.policies(TEST_POLICY);
		await asked.promise;
		await world.submit({ id: "a" });
		await until(async () => (await world.entries()).length === 2);
		answer.resolve(false);
		expect(await ended(world)).toEqual(["policy.activated", "deny", "policy.proposed"]);
	});

	it("waits for a second operator where the set in force cannot be compared, and is the way out of that", async () => {
		const world = new LogWorld();
		const digest = await world.policies(STRICT);
		await start(world);
		await world.consumed();
		await stop();
		await world.log.append({ topic: "policies", partition: 0 }, [
			{ key: digest, value: Uint8Array.of(1), headers: {} },
		]);
		await start(world, { reviewer: compares });
		await world.policies(TEST_POLICY);
		await world.consumed();
		await world.activate(world.digestOf(TEST_POLICY), { issuedBy: "bob" });
		await world.submit({ id: "a" });
		await world.consumed();
		await stop();
		const kinds = (await world.entries()).map(({ kind }) => kind);
		expect(kinds).toEqual(["policy.activated", "policy.proposed", "policy.activated", "decision.made"]);
	});

	it("is proposed still after a takeover by a processor that asks for none", async () => {
		const world = new LogWorld();
		await world.policies(STRICT);
		await start(world, { reviewer: told(false) });
		const digest = await world.policies(TEST_POLICY);
		await world.consumed();
		await stop();
		await start(world);
		await world.activate(digest);
		await world.consumed();
		await world.activate(digest, { issuedBy: "bob" });
		expect(await ended(world)).toEqual(["policy.activated", "policy.proposed", "policy.proposed", "policy.activated"]);
	});
});
