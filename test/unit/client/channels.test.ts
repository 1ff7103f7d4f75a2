/** What a tool sees that watches a program by `node:diagnostics_channel`. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../../src/app/connect.ts";
import type { ClientEventName } from "../../../src/client/events.ts";
import { textOf } from "../../support/repository.ts";

const NAMES: readonly ClientEventName[] = [
	"policy_check",
	"tool_call_blocked",
	"call_held",
	"usage_unreported",
	"policy_violation",
	"checkpoint_created",
	"drift_detected",
];

const leaving: (() => void)[] = [];

afterEach(() => {
	for (const leave of leaving.splice(0)) leave();
});

/** Everything that comes on a channel, with the channel's name. */
function heard(...channels: readonly string[]): readonly (readonly [string, Readonly<Record<string, unknown>>])[] {
	const messages: (readonly [string, Readonly<Record<string, unknown>>])[] = [];
	for (const name of channels) {
		const hear = (message: unknown): void => void messages.push([name, message as Readonly<Record<string, unknown>>]);
		subscribe(name, hear);
		leaving.push(() => void unsubscribe(name, hear));
	}
	return messages;
}

describe("the channels of a client", () => {
	it("carry its events, each on one of its own, though nobody listens in the program", async () => {
		const messages = heard(...NAMES.map((name) => `assent:${name}`));
		await using assent = await connect({ log: "memory:", policies: "policies/baseline.yaml", telemetry: "silent" });
		const shell = assent.guard("shell", ({ command }: { command: string }) => command);
		await shell({ command: "ls" });
		await expect(shell({ command: "rm -rf /" })).rejects.toThrow("denied");
		expect(messages.map(([name, { verdict }]) => [name, verdict])).toEqual([
			["assent:policy_check", "allow"],
			["assent:usage_unreported", undefined],
			["assent:policy_check", "deny"],
			["assent:tool_call_blocked", "deny"],
		]);
		// What is on the log is read once somebody listens for it.
		assent.on("policy_violation", () => {});
		await vi.waitFor(async () => {
			await expect(shell({ command: "rm -rf /" })).rejects.toThrow("denied");
			expect(messages.map(([name]) => name)).toContain("assent:policy_violation");
		});
	});

	it("carry what goes to telemetry, though that is silent", async () => {
		const messages = heard("assent:telemetry");
		await using assent = await connect({ log: "memory:", policies: "policies/baseline.yaml", telemetry: "silent" });
		assent.on("policy_check", () => {
			throw new Error("a listener's own fault");
		});
		await assent.guard("shell", () => 1, { usageOf: () => ({ tokens: 0, cost: 0 }) })({ command: "ls" });
		const facts = { name: "policy_check", why: "Error: a listener's own fault" };
		expect(messages).toEqual([["assent:telemetry", { level: "warn", event: "listener.threw", facts }]]);
	});

	it("are those that README names", () => {
		const readme = textOf("README.md");
		for (const name of NAMES) expect(readme).toContain(name);
		expect(readme).toContain("`assent:policy_check`");
		expect(readme).toContain("`assent:telemetry`");
	});
});
