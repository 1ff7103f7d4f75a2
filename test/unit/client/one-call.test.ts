/** What one guarded call costs in readings and writings: each record is made once, and read once. */
import { expect, it, vi } from "vitest";
import { connect } from "../../../src/app/connect.ts";

const counts = vi.hoisted(() => new Map<string, number>());

/** The module with its functions counted, under their names. */
function counted(original: object, ...names: readonly string[]): object {
	const wrapped: Record<string, unknown> = { ...original };
	for (const name of names) {
		const run = wrapped[name] as (...args: readonly unknown[]) => unknown;
		wrapped[name] = (...args: readonly unknown[]) => {
			counts.set(name, (counts.get(name) ?? 0) + 1);
			return run(...args);
		};
	}
	return wrapped;
}

vi.mock("../../../src/core/codec/encode.ts", async (original) =>
	counted(await original(), "encodeInput", "encodeEntry", "encodeDerived"),
);
vi.mock("../../../src/core/codec/decode.ts", async (original) =>
	counted(await original(), "decodeInput", "decodeEntry", "decodeDerived", "identify"),
);
vi.mock("../../../src/core/arguments/canonical.ts", async (original) =>
	counted(await original(), "readArguments", "parseArguments"),
);
vi.mock("../../../src/core/model/ids.ts", async (original) => counted(await original(), "budgetRootKey"));

it("makes and reads every record of a guarded call once", async () => {
	await using assent = await connect({
		log: "memory:",
		policies: "policies/baseline.yaml",
		telemetry: "silent",
		// Whoever waits for half of this asks again.
		deadlineMs: 3_600_000,
	});
	const list = assent.guard("list", async ({ path }: { path: string }) => path);
	await list({ path: "." });
	// Twelve partitions have taken the policy, and one the call and its outcome.
	await vi.waitFor(() => expect(counts.get("encodeEntry")).toBe(12 + 2));
	counts.clear();
	await list({ path: "." });
	await vi.waitFor(() => expect(counts.get("encodeEntry")).toBe(2));
	expect(Object.fromEntries(counts)).toEqual({
		// The guard reads what it is handed; the processor reads what is on the log, which anybody may have written.
		readArguments: 1,
		parseArguments: 1,
		// The intent and its outcome; their entries; the reply.
		encodeInput: 2,
		encodeEntry: 2,
		encodeDerived: 1,
		decodeInput: 2,
		decodeDerived: 1,
		// Where each of the two goes; whether it has come to the right place is known from there.
		budgetRootKey: 2,
	});
});
