import { describe, expect, it } from "vitest";
import { IntentComposer } from "../../../src/client/composer.ts";
import { AHEAD_MAX_MS, DAY } from "../../../src/core/model/units.ts";

function composing(sessionMs: number) {
	const time = { now: 1_000_000 };
	const composer = new IntentComposer({
		principal: { tenant: "acme" },
		secret: new Uint8Array(32),
		clock: { now: () => time.now },
		deadlineMs: 1_000,
		sessionMs,
	});
	const startOf = (session: string): number | null =>
		composer.intentOf(composer.read({ tool: "look", args: {}, session })).principal.sessionStartedAt;
	return { time, startOf };
}

describe("the start of a session", () => {
	it("is that of its first call as long as it goes on", () => {
		const { time, startOf } = composing(7 * DAY);
		const [start] = [startOf("run")];
		for (let day = 1; day < 30; day++) {
			time.now += DAY;
			expect(startOf("run")).toBe(start);
		}
	});

	it("is another once processors may have forgotten it, for they deny what began before", () => {
		const { time, startOf } = composing(7 * DAY);
		const start = startOf("run");
		startOf("other");
		time.now += 7 * DAY - AHEAD_MAX_MS - 1;
		expect(startOf("run")).toBe(start);
		time.now += 1;
		expect(startOf("other")).toBe(time.now);
		expect(startOf("run")).toBe(start);
		time.now += 7 * DAY - AHEAD_MAX_MS;
		expect(startOf("run")).toBe(time.now);
	});
});
