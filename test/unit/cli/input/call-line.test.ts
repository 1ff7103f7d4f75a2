/** The one reader of call lines: what it takes can be published, and what it refuses costs one answer and names the key. */
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openMemoryLog } from "../../../../src/adapters/memory/log.ts";
import { readLine } from "../../../../src/cli/input/call-line.ts";
import { type Line, readLines } from "../../../../src/cli/input/lines.ts";
import { AssentClient } from "../../../../src/client/client.ts";
import { AssentError } from "../../../../src/core/base/errors.ts";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { DEFAULT_LAYOUT } from "../../../../src/core/model/layout.ts";
import { topicSpecs } from "../../../../src/ports/log/topics.ts";

const lineOf = (value: JsonObject, number = 7): Line => ({ number, read: { ok: true, value } });

const read = (value: JsonObject) => readLine(lineOf(value), () => "drawn");

const fault = (value: JsonObject): { id: string; message: string } => {
	const result = read(value);
	if (result.ok) throw new Error(`was taken: ${JSON.stringify(value).slice(0, 100)}`);
	return result.error;
};

async function linesOf(...chunks: (string | Buffer)[]): Promise<Line[]> {
	const lines: Line[] = [];
	for await (const some of readLines(Readable.from(chunks.map((each) => Buffer.from(each))))) lines.push(...some);
	return lines;
}

describe("a call line", () => {
	it("is taken with what it says, and with defaults for what it leaves out", () => {
		expect(read({ tool: "shell", args: { command: "ls" } })).toEqual({
			ok: true,
			value: {
				kind: "call",
				call: {
					id: "drawn",
					tenant: "default",
					agent: "default",
					session: "default",
					onBehalfOf: null,
					tool: "shell",
					args: { command: "ls" },
					facts: null,
					estimate: { tokens: 0, costMicros: 0 },
					usage: { tokens: null, costMicros: null, executionMs: null },
					at: null,
				},
			},
		});
	});

	it.each([
		["no arguments", { tool: "t" }, /`args` is missing/],
		["`arguments` for `args`", { tool: "t", arguments: {} }, /unknown key `arguments`: did you mean `args`/],
		["`input` for `args`", { tool: "t", input: {} }, /unknown key `input`: did you mean `args`/],
		["`parameters` for `args`", { tool: "t", parameters: {} }, /unknown key `parameters`: did you mean `args`/],
		["`arguments` beside `args`", { tool: "t", args: {}, arguments: { a: 1 } }, /unknown key `arguments`/],
		["a key that nothing here has", { tool: "t", args: {}, label: "x" }, /unknown key `label`/],
		["a slip of the pen", { tool: "t", args: {}, sesion: "s" }, /`sesion`: did you mean `session`/],
		["usage under another name", { tool: "t", args: {}, usage: { token: 5 } }, /`usage.token` is not a member/],
		["a key of every object", { tool: "t", args: {}, constructor: 1 }, /unknown key `constructor`/],
		["an empty tool", { tool: "", args: {} }, /`tool` is empty/],
		["a tool with a tab", { tool: "a\tb", args: {} }, /`tool` holds a control character/],
		["a session with a newline", { tool: "t", args: {}, session: "a\nb" }, /`session` holds a control/],
		["a tenant that is null", { tool: "t", args: {}, tenant: null }, /`tenant` is missing/],
		["an owner that is a number", { tool: "t", args: {}, onBehalfOf: 5 }, /`onBehalfOf` is not a text/],
		["facts of another name", { tool: "t", args: {}, facts: { cwd: "/a" } }, /unknown fact `cwd`/],
		[
			"a relative workspace",
			{ tool: "t", args: {}, facts: { workspace: "." } },
			/`facts.workspace` is not an absolute/,
		],
		["a time in microseconds", { tool: "t", args: {}, at: 1_790_000_000_000_000 }, /`at` is not a time/],
		[
			"arguments of 950 KB",
			{ tool: "t", args: { a: "x".repeat(950_000) } },
			/`args` are not plain JSON: .*more than 900000 characters/,
		],
		["arguments of 400,000 characters and 1.2 MB", { tool: "t", args: { a: "語".repeat(400_000) } }, /bytes/],
	])("with %s is refused under its id, and the key is named", (_what, line: JsonObject, message) => {
		const { id, message: said } = fault({ id: "mine", ...line });
		expect(id).toBe("mine");
		expect(said).toMatch(/^line 7: /);
		expect(said).toMatch(message);
		expect(fault(line).id).toBe("7");
	});

	it("with an id that no record can hold is refused under its number", () => {
		for (const id of ["", "a\nb", "x".repeat(257), null, {}, true]) {
			expect(fault({ id, tool: "t", args: {} } as JsonObject)).toMatchObject({ id: "7" });
		}
	});

	it("is taken exactly if the library publishes it, whatever its names are and however long its arguments", async () => {
		const log = openMemoryLog();
		await log.admin().createTopics(topicSpecs(DEFAULT_LAYOUT));
		const client = await new AssentClient({ log, layout: DEFAULT_LAYOUT, secret: new Uint8Array(32) }).start();
		const name = fc.oneof(
			fc.string({ unit: "binary", maxLength: 4 }),
			fc.constantFrom("a", "a\u0000", "\u0085", "é", "x".repeat(256), "x".repeat(257), " "),
		);
		const size = fc.oneof(fc.constant(1), fc.integer({ min: 899_000, max: 901_000 }));
		try {
			await fc.assert(
				fc.asyncProperty(name, name, name, name, size, async (id, tool, agent, session, length) => {
					const line = { id, tool, agent, session, args: { a: "x".repeat(length) } };
					const taken = read(line).ok;
					const published = await client
						.decide({ ...line, deadlineMs: 1 })
						.then(() => true)
						.catch((thrown: unknown) => {
							if (thrown instanceof AssentError && /^RECORD_|^ASSENT_USAGE/.test(thrown.code)) return false;
							throw thrown;
						});
					// What a client adds (salts, times) may be shorter than what the reader allows for.
					if (length < 899_500 || length > 900_000) expect(taken).toBe(published);
					else if (taken) expect(published).toBe(true);
				}),
				{ numRuns: 150 },
			);
		} finally {
			await client.close();
		}
	});
});

describe("an outcome line", () => {
	it.each([
		["null", { outcome: null }, /`outcome` is not an object/],
		["a list", { outcome: [1] }, /`outcome` is not an object/],
		["a text", { outcome: "a" }, /`outcome` is not an object/],
		["no id", { outcome: {} }, /`outcome.id` is missing/],
		["an id with a tab", { outcome: { id: "a\tb" } }, /`outcome.id` holds a control/],
		["no status", { outcome: { id: "a" } }, /`outcome.status` is missing: `"status":"ok"` where the tool ended well/],
		["a slip in its usage", { outcome: { id: "a", status: "ok", usage: { token: 5 } } }, /did you mean `tokens`/],
		["a status that is null", { outcome: { id: "a", status: null } }, /`error` or `unknown`/],
		["a key of its own", { outcome: { id: "a", result: 1 } }, /unknown key `result`/],
		[
			"usage in texts",
			{ outcome: { id: "a", status: "ok", usage: { tokens: "5" } } },
			/`outcome.usage.tokens` is a string/,
		],
		["a call beside it", { outcome: { id: "a" }, tool: "t" }, /`tool` is beside/],
		["an agent that is a number", { outcome: { id: "a", status: "ok", agent: 5 } }, /`agent` is not a text/],
	])("that is %s is a bad line, and nothing worse", (_what, line: JsonObject, message) => {
		expect(fault(line).message).toMatch(message);
	});

	it("names the call and what it used", () => {
		expect(read({ outcome: { id: 5, status: "error", usage: { tokens: 3 }, agent: "a" } })).toMatchObject({
			ok: true,
			value: {
				outcome: { id: "5", status: "error", usage: { tokens: 3, costMicros: null }, agent: "a", session: null },
			},
		});
	});
});

describe("lines of a stream", () => {
	it("begin behind a byte order mark, end at any newline, and are numbered with the empty ones", async () => {
		const lines = await linesOf('\ufeff{"a":1}\r\n\n  \n{"b"', ':2}\n{"c":3}');
		expect(lines.map(({ number }) => number)).toEqual([1, 4, 5]);
		expect(lines.every((line) => line.read.ok)).toBe(true);
	});

	it("are the same however the bytes are cut", async () => {
		const bytes = Buffer.from('{"a":"é語😀"}\nno\n{"b":2}\n');
		const whole = await linesOf(bytes);
		for (let at = 1; at < bytes.length; at++) {
			expect(await linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
		}
	});

	it("are refused where they are no UTF-8, and only there", async () => {
		const lines = await linesOf(Buffer.from([...Buffer.from('{"a":"'), 0xff, ...Buffer.from('"}\n{"a":"\ufffd"}\n')]));
		expect(lines.map((line) => line.read.ok)).toEqual([false, true]);
	});

	it("of more than 3 MB are refused unread, and the next one is read", async () => {
		const lines = await linesOf(`${"x".repeat(2_000_000)}`, `${"x".repeat(2_000_000)}\n{"a":1}\n`);
		expect(lines.map((line) => line.read.ok)).toEqual([false, true]);
	});

	it("end when the signal aborts, although the stream keeps silent", async () => {
		const silent = new Readable({ read() {} });
		silent.push('{"a":1}\n{"b"');
		const stop = new AbortController();
		const seen: Line[] = [];
		for await (const lines of readLines(silent, stop.signal)) {
			seen.push(...lines);
			setTimeout(() => stop.abort(), 10);
		}
		expect(seen).toHaveLength(1);
	});

	it("that cannot be read are an error, and no empty input", async () => {
		const broken = new Readable({ read() {} });
		setTimeout(() => broken.destroy(new Error("EIO: i/o error, read")), 10);
		await expect(readLines(broken).next()).rejects.toMatchObject({ code: "ASSENT_INPUT_LINE" });
	});
});

describe("a long input", () => {
	it("is never held whole, however much of it was read", async () => {
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		const seen: WeakRef<Buffer>[] = [];
		function* chunks(): Generator<Buffer> {
			for (let at = 0; at < 200; at++) {
				const chunk = Buffer.from(`{"at":${at}}\n`.padEnd(10_000));
				seen.push(new WeakRef(chunk));
				yield chunk;
			}
		}
		let held = 0;
		for await (const lines of readLines(Readable.from(chunks()), new AbortController().signal)) {
			if (lines.some(({ number }) => number === 190)) {
				// What weak references name is let go in a later turn.
				await new Promise((resolve) => setImmediate(resolve));
				collect();
				held = seen.filter((each) => each.deref() !== undefined).length;
			}
		}
		expect(seen).toHaveLength(200);
		expect(held).toBeLessThan(100);
	});
});
