/** How soon an edit is followed, whatever the edit before it has cost. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { loadPolicies } from "../../../src/app/policies.ts";
import { type Pace, watchPolicies } from "../../../src/app/policy-watch.ts";

const text = (allow: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: a }\ntools: { allow: ${allow} }\n`;

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

/** A file that is watched; what was put into force, by digest. */
async function watched(activate: () => Promise<void>, pace?: Pace) {
	const base = mkdtempSync(join(tmpdir(), "assent-pace-"));
	const path = join(base, "a.yaml");
	writeFileSync(path, text("all"));
	const digest = async (): Promise<string> => {
		const loaded = await loadPolicies([path], "tenant");
		if (!loaded.ok) throw new Error("the policy is good");
		return loaded.value.compiled.digest;
	};
	const loaded = await loadPolicies([path], "tenant");
	if (!loaded.ok) throw new Error("the first policy is good");
	const inForce: string[] = [];
	const end = new AbortController();
	const watching = watchPolicies(
		{
			paths: [path],
			budgetRoot: "tenant",
			inForce: loaded.value,
			signal: end.signal,
			...(pace === undefined ? {} : { pace }),
		},
		{
			activate: async ({ compiled }) => {
				await activate();
				inForce.push(compiled.digest);
				return true;
			},
			onActivated: () => {},
			onRefused: () => {},
			onGood: () => {},
		},
	);
	ends.push(async () => {
		end.abort();
		await watching;
		rmSync(base, { recursive: true, force: true });
	});
	const edit = async (allow: string): Promise<string> => {
		writeFileSync(path, text(allow));
		return digest();
	};
	return { edit, inForce };
}

/** Rested for by this, what is put into force for a second would keep the watch at rest until after the test. */
const LONG_REST: Pace = { lookEveryMs: 5, settleMs: 5, restFactor: 100, restMaxMs: 1e9 };

describe("the pace of the watch", () => {
	it("follows an edit soon after one that took long to put into force", async () => {
		const { edit, inForce } = await watched(() => pause(1_000), LONG_REST);
		const first = await edit("none");
		await expect.poll(() => inForce, { interval: 5 }).toEqual([first]);
		const second = await edit("[ls]");
		await expect.poll(() => inForce, { interval: 20 }).toEqual([first, second]);
	});

	it("tries soon again what took long and could not be put into force", async () => {
		let tries = 0;
		const { edit, inForce } = await watched(async () => {
			tries += 1;
			await pause(1_000);
			if (tries === 1) throw new Error("the log is locked");
		}, LONG_REST);
		const wanted = await edit("none");
		await expect.poll(() => inForce, { interval: 20 }).toEqual([wanted]);
	});

	it("rests no longer than it may after a reading that took long", async () => {
		const pace = { lookEveryMs: 5, settleMs: 5, restFactor: 1e9, restMaxMs: 50 };
		const { edit, inForce } = await watched(async () => {}, pace);
		const first = await edit("none");
		await expect.poll(() => inForce, { interval: 20 }).toEqual([first]);
	});
});
