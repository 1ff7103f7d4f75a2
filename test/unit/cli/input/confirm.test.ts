/** What counts as a yes at a terminal. */
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { Context } from "../../../../src/cli/context.ts";
import { confirmed } from "../../../../src/cli/input/confirm.ts";

function asked() {
	const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
	const stop = new AbortController();
	const streams = { stdin, stdout, stderr, env: {} } as unknown as ConstructorParameters<typeof Context>[0];
	return { stdin, stop, answer: confirmed(new Context(streams, stop.signal), "erase it?") };
}

describe("whoever is asked", () => {
	it.each([
		["y\n", true],
		["YES\n", true],
		["n\n", false],
		["\n", false],
		["yep\n", false],
		["", false],
	])("has said with %j: %j", async (text, isMeant) => {
		const { stdin, answer } = asked();
		stdin.end(text);
		expect(await answer).toBe(isMeant);
	});

	it("has said nothing where the command is stopped, which is no refusal", async () => {
		const { stop, answer } = asked();
		stop.abort("SIGINT");
		await expect(answer).rejects.toMatchObject({ code: "ASSENT_STOPPED" });
	});
});
