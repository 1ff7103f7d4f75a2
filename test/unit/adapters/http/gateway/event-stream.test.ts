import { describe, expect, it } from "vitest";
import { eventStream } from "../../../../../src/adapters/http/gateway/event-stream.ts";
import type { PlacedEvent } from "../../../../../src/operations/events.ts";

describe("a stream of events", () => {
	it("reads no further ahead than a buffer, and cuts off who takes nothing", async () => {
		let told = 0;
		let isOver = false;
		async function* endless(): AsyncGenerator<PlacedEvent, void, void> {
			try {
				for (;;) {
					told += 1;
					yield { event: null, place: "d".repeat(1_000) };
				}
			} finally {
				isOver = true;
			}
		}
		const events = endless();
		const stream = eventStream(await events.next(), events, { stallMs: 30 });
		const closed = new Promise((resolve) => stream.once("close", resolve));
		stream.once("readable", () => {});
		await closed;
		expect(told).toBeLessThan(200);
		expect(isOver).toBe(true);
	});

	it("goes on for whom it takes a while, and ends the events when its reader leaves", async () => {
		let isOver = false;
		async function* three(): AsyncGenerator<PlacedEvent, void, void> {
			try {
				for (const place of ["a", "b", "c"]) yield { event: null, place };
			} finally {
				isOver = true;
			}
		}
		const events = three();
		const stream = eventStream(await events.next(), events, { stallMs: 60_000 });
		let text = "";
		for await (const chunk of stream) text += String(chunk);
		expect(text).toBe(": nothing new\nid: a\n\n: nothing new\nid: b\n\n: nothing new\nid: c\n\n");
		expect(isOver).toBe(true);
	});
});
