/** Entries for which a call was classified: decided again by this classifier, and by another one. */
import { describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { classifierDigest } from "../../../src/core/classify/classify.ts";
import { encodeEntry } from "../../../src/core/codec/encode.ts";
import type { DecisionBody, DecisionHeldEntry, DecisionMadeEntry } from "../../../src/core/model/entries.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { LogCatalogue } from "../../../src/reading/catalogue.ts";
import { recomputed } from "../../../src/replay/recompute.ts";
import { walk } from "../../../src/replay/walk.ts";
import { LogWorld, startProcessor } from "../../support/world.ts";

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all }
intents:
  - { name: harm, tools: [shell], categories: [dangerous] }
  - { name: doubt, tools: [console], categories: [dangerous], effect: hold }
approvals: { default: { approvers: ['*'], quorum: 1, expires: 30m } }
`;
const OTHER = "ab".repeat(32);

/** What comes out for the decision on one call, where the ledger says this of it. */
async function again(
	{ tool, command }: { readonly tool: string; readonly command: string },
	recorded: Partial<DecisionBody> & { readonly verdict?: "allow" | "deny" } = {},
): Promise<string> {
	const world = new LogWorld();
	await world.policies(POLICY);
	await startProcessor(world);
	await world.submit({ id: "c", tool, args: { command } });
	await world.consumed();
	const { layout } = world;
	const log = world.handle();
	const catalogue = new LogCatalogue({ log, budgetRoot: layout.budgetRoot, telemetry: silentTelemetry });
	await catalogue.refresh();
	const found: string[] = [];
	await walk(log, 0, { layout, catalogue, verifierOf }, ({ before, lead, entry, offset, input, missing }) => {
		if (entry.kind !== "decision.made" && entry.kind !== "decision.held") return true;
		const made = entry.kind === "decision.made" ? entry : madeOf(entry);
		const { verdict = made.verdict, ...body } = recorded;
		const said: DecisionMadeEntry = { ...made, verdict, decision: { ...made.decision, ...body } };
		const value = encodeEntry(said);
		const result = recomputed({ before, lead, entry: said, offset, value, input, missing }, catalogue);
		if (result.kind === "same") expect(Buffer.from(result.written).equals(value)).toBe(true);
		found.push(result.kind === "unverifiable" ? result.why : result.kind);
		return true;
	});
	expect(found).toHaveLength(1);
	return found[0] as string;
}

/** The entry as if nobody had been asked. */
const madeOf = ({ requirements: _, expiresAt: __, address: ___, ...held }: DecisionHeldEntry): DecisionMadeEntry => ({
	...held,
	kind: "decision.made",
	executor: "x".repeat(22),
	verdict: "allow",
});

const harmful = { tool: "shell", command: "rm -rf /srv" };

describe("an entry of a classified call", () => {
	it("comes out again, whatever the verdict", async () => {
		expect(await again(harmful)).toBe("same");
		expect(await again({ tool: "shell", command: "ls" }, { classifier: classifierDigest() })).toBe("same");
	});

	it("is the same where another classifier says the same", async () => {
		expect(await again(harmful, { classifier: OTHER })).toBe("same");
	});

	it("is unverifiable where another classifier said something else", async () => {
		expect(await again(harmful, { classifier: OTHER, verdict: "allow", reasons: [] })).toBe("classifier");
	});

	it("is unverifiable where another classifier let pass what this one has a person asked about", async () => {
		const doubtful = { ...harmful, tool: "console" };
		expect(await again(doubtful, { classifier: OTHER, reasons: [] })).toBe("classifier");
		expect(await again(doubtful, { reasons: [] })).toBe("other");
	});

	it("is another one where this classifier did not say so, or none is named", async () => {
		expect(await again(harmful, { verdict: "allow", reasons: [] })).toBe("other");
		expect(await again(harmful, { classifier: "" })).toBe("other");
	});

	it("is another one where nobody was to classify the call", async () => {
		expect(await again({ tool: "other", command: "ls" }, { classifier: OTHER })).toBe("other");
	});
});
