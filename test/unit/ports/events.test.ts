import { describe, expect, it } from "vitest";
import { EVENTS, type EventName } from "../../../src/ports/events.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { filesBelow, textOf } from "../../support/repository.ts";

const NAMES = Object.keys(EVENTS) as EventName[];

describe("the events", () => {
	it("have names of a noun and what became of it", () => {
		expect(NAMES.filter((name) => !/^[a-z]+(?:\.[a-z_]+){1,2}$/.test(name))).toEqual([]);
	});

	it("are each told somewhere in src, by the name of the table", () => {
		const told = filesBelow("src")
			.filter((path) => path !== "src/ports/events.ts")
			.map(textOf)
			.join("\n");
		expect(NAMES.filter((name) => !told.includes(`("${name}"`))).toEqual([]);
	});

	it("are told at their level, with their facts", () => {
		// @ts-expect-error: an event that nobody defined
		silentTelemetry.warn("nothing.known", {});
		// @ts-expect-error: a fact is missing
		silentTelemetry.error("replies.lost", {});
		// @ts-expect-error: it is an error
		silentTelemetry.info("replies.lost", { why: "gone" });
		silentTelemetry.error("partition.paused", { partition: 1, why: "no bundle" });
		expect(EVENTS["replies.lost"].level).toBe("error");
	});
});
