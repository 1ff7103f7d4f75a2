import { describe, expect, it } from "vitest";
import { sketchOf } from "../../../src/core/base/sketch.ts";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import type { IntentsRecord } from "../../../src/core/model/inputs.ts";
import { connect } from "../../../src/index.ts";
import { DriftWatch } from "../../../src/operations/drift.ts";
import { type IntentPart, intentOf } from "../../support/engine-world.ts";

const CALM = "3 rows were read from the table of orders, and 0 of them have changed since yesterday";
const OTHER = "ConnectionError: the host db-2.internal did not answer within thirty seconds";

/** A partition of `intents` that is watched. */
function watched() {
	const watch = new DriftWatch(2);
	let offset = 0;
	const see = (record: IntentsRecord) => watch.see({ value: encodeInput(record), offset: offset++, timestamp: 1_000 });
	const asked = (id: string, part: Partial<IntentPart> = {}) => see(intentOf({ ...part, id, issuedAt: 1 }));
	const reported = (id: string, sketch: string, { agent = "coder", session = "run-1" } = {}) =>
		see({
			...{ type: "outcome.reported", actor: [], status: "ok", session, sketch },
			call: { tenant: "acme", agent, id },
			usage: { tokens: null, costMicros: null, executionMs: null },
		});
	/** A call with its output. */
	const ran = (id: string, output: string, part: { agent?: string; tool?: string } = {}) => {
		asked(id, part);
		return reported(id, sketchOf(output), part);
	};
	return { watch, see, asked, reported, ran };
}

describe("drift (docs/design/drift.md)", () => {
	it("is told of an output that is unlike the first of its agent's tool, and of no other", () => {
		const { ran } = watched();
		expect(ran("a", CALM)).toBeNull();
		expect(ran("b", CALM.replace("3", "4"))).toBeNull();
		expect(ran("c", OTHER, { tool: "db.query" })).toBeNull();
		expect(ran("d", OTHER, { agent: "writer" })).toBeNull();
		expect(ran("e", OTHER)).toMatchObject({
			type: "drift_detected",
			id: "2-outcome-9",
			...{
				tenant: "acme",
				agent: "coder",
				session: "run-1",
				intent: "e",
				tool: "shell.run",
				at: 1_000,
				threshold: 0.15,
			},
			score: 0.6106,
			reason: "the output differs by 0.6106 from the first one of its tool, by more than 0.15",
		});
		expect(ran("f", CALM)).toBeNull();
	});

	it("names the two outputs by hashes that are the same for the same output", () => {
		const { ran } = watched();
		ran("a", CALM);
		const [one, two] = [ran("b", OTHER), ran("c", OTHER)];
		expect(one?.baselineHash).toMatch(/^[0-9a-f]{64}$/);
		expect(two).toMatchObject({ baselineHash: one?.baselineHash, currentHash: one?.currentHash });
		expect(one?.currentHash).not.toBe(one?.baselineHash);
	});

	it("is told once of a call, and never of what is no sketch, no call that was asked for, or another session's", () => {
		const { asked, ran, reported, watch } = watched();
		asked("x");
		expect(reported("x", "no sketch")).toBeNull();
		ran("a", CALM);
		asked("b");
		expect(reported("b", "")).toBeNull();
		expect(reported("b", sketchOf(OTHER), { session: "run-2" })).toBeNull();
		expect(reported("never", sketchOf(OTHER))).toBeNull();
		expect(reported("b", sketchOf(OTHER))).not.toBeNull();
		expect(reported("b", sketchOf(OTHER))).toBeNull();
		expect(watch.see({ value: Uint8Array.of(1, 2), offset: 99, timestamp: 0 })).toBeNull();
	});

	it("is told by the client, from the results of guarded tools and from reports by hand", async () => {
		await using assent = await connect({ log: "memory:", policies: "policies/baseline.yaml", telemetry: "silent" });
		const heard: string[] = [];
		assent.on("drift_detected", ({ tool, intent, score }) => heard.push(`${tool} ${intent} ${score > 0.15}`));
		const outputOf = (result: { rows: string }): string => result.rows;
		const query = assent.guard("query", ({ rows }: { rows: string }) => ({ rows }), { outputOf });
		await query({ rows: CALM }, { id: "a" });
		await query({ rows: CALM }, { id: "b" });
		await query({ rows: OTHER }, { id: "c" });
		const broken = assent.guard("query", ({ rows }: { rows: string }) => ({ rows }), {
			outputOf: () => {
				throw new Error("no text");
			},
		});
		expect(await broken({ rows: OTHER }, { id: "d" })).toEqual({ rows: OTHER });
		const decision = await assent.decide({ tool: "query", args: {}, id: "e" });
		const call = { ...assent.principalOf({}), id: decision.id };
		await assent.report(call, "ok", {}, { sketch: sketchOf("something else once more, by hand") });
		await expect.poll(() => heard).toEqual(["query c true", "query e true"]);
	});
});
