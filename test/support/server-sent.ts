/** Reads server-sent events of a gateway, as a client does. */
import { onTestFinished } from "vitest";

export interface SentEvent {
	readonly id: string;
	readonly event: string;
	readonly data: Readonly<Record<string, unknown>>;
}

export interface EventReader {
	/** As many as are asked for; waits for them. */
	take(count: number): Promise<readonly SentEvent[]>;
	/** The last id that was seen, with an event or without. */
	readonly lastId: () => string;
	close(): void;
}

/** Resolves when the gateway has accepted the stream. */
export async function readEvents(url: string, path: string, key: string, lastId = ""): Promise<EventReader> {
	const stop = new AbortController();
	onTestFinished(() => stop.abort());
	const headers = { authorization: `Bearer ${key}`, ...(lastId === "" ? {} : { "last-event-id": lastId }) };
	const response = await fetch(`${url}${path}`, { headers, signal: stop.signal });
	if (response.status !== 200 || response.body === null) throw new Error(`${response.status} ${await response.text()}`);
	const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	let last = lastId;
	const next = async (): Promise<SentEvent> => {
		for (;;) {
			const end = text.indexOf("\n\n");
			if (end < 0) {
				const { value, done } = await chunks.read();
				if (done) throw new Error("the stream has ended");
				text += value;
				continue;
			}
			const block = text.slice(0, end);
			text = text.slice(end + 2);
			const fields = new Map(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
			last = fields.get("id") ?? last;
			const data = fields.get("data");
			if (data !== undefined) {
				return { id: last, event: fields.get("event") ?? "", data: JSON.parse(data) as SentEvent["data"] };
			}
		}
	};
	return {
		take: async (count) => {
			const taken: SentEvent[] = [];
			while (taken.length < count) taken.push(await next());
			return taken;
		},
		lastId: () => last,
		close: () => stop.abort(),
	};
}
