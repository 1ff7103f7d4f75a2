import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Context, type Streams } from "../../../../src/cli/context.ts";
import { whileCounting } from "../../../../src/cli/output/progress.ts";
import { pause } from "../../../../src/ports/pause.ts";

describe("a line of progress", () => {
	it("is taken away before anything else is said, so that no text runs into it", () => {
		// Both streams are one terminal.
		const terminal = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true });
		const streams = { stdin: terminal, stdout: terminal, stderr: terminal, env: {} };
		const context = new Context(streams as unknown as Streams, AbortSignal.abort("SIGINT"));
		context.progress("1 call");
		context.print("a violation");
		context.progress("2 calls");
		context.interrupted();
		const clear = "\r\u001b[K";
		expect(terminal.read()).toBe(
			`${clear}1 call${clear}a violation\n${clear}2 calls${clear}stopped before it was finished: nothing was changed\n`,
		);
	});

	it("has no time left at the end", async () => {
		const stderr = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY: true });
		const streams = { stdin: stderr, stdout: stderr, stderr, env: {} };
		const context = new Context(streams as unknown as Streams, new AbortController().signal);
		await whileCounting(context, 5, async ({ onProgress }) => {
			await pause(350);
			onProgress(5);
		});
		expect(stderr.read()).toMatch(/100 % of 5 records, \d+\/s, 0s left/);
	});
});
