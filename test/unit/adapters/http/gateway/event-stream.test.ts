import { describe, expect, it } from "vitest";
import { eventStream } from "../../../../../src/adapters/http/gateway/event-stream.ts";
import type { PlacedEvent } from "../../../../../src/operations/events.ts";
import { until } from "../../../../support/world.ts";

const endedBy = () => "time" as const;

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
		const stream = eventStream(await events.next(), events, { stallMs: 30, endedBy });
		const closed = new Promise((resolve) => stream.once("close", resolve));
		stream.once("readable", () => {});
		await closed;
		expect(told).toBeLessThan(200);
		await until(() => isOver);
	});

	it("tells who takes something again that it was too slow, and behind what to go on", async () => {
		let told = 0;
		async function* endless(): AsyncGenerator<PlacedEvent, void, void> {
			for (;;) {
				told += 1;
				yield { event: null, place: `${told}-${"d".repeat(1_000)}` };
			}
		}
		const events = endless();
		const stream = eventStream(await events.next(), events, { stallMs: 300, endedBy });
		stream.once("readable", () => {});
		const before = told;
		await until(() => told > before && stream.readableEnded === false && stream.readableLength > 65_536);
		// Until it has ended, and before it is cut off.
		const end = 'event: stream_ended\ndata: {"reason":"slow"}\n\n';
		const lengthWithout = stream.readableLength;
		await until(() => stream.readableLength === lengthWithout + end.length);
		let text = "";
		for await (const chunk of stream) text += String(chunk);
		expect(text.endsWith(end)).toBe(true);
		const ids = [...text.matchAll(/^id: (\d+)-/gm)].map(([, id]) => Number(id));
		expect(ids).toEqual(Array.from({ length: ids.length }, (_, at) => at + 1));
		// The last id is that of the last event that came whole.
		expect(ids.at(-1)).toBeLessThanOrEqual(told);
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
		const stream = eventStream(await events.next(), events, { stallMs: 60_000, endedBy });
		let text = "";
		for await (const chunk of stream) text += String(chunk);
		expect(text).toBe(
			': nothing new\nid: a\n\n: nothing new\nid: b\n\n: nothing new\nid: c\n\nevent: stream_ended\ndata: {"reason":"time"}\n\n',
		);
		await until(() => isOver);
	});
});
