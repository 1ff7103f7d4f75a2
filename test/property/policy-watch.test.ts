/** Random file-system operations on a folder of policies, against a model of what the folder says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileFiles, loadPolicies } from "../../src/app/policies.ts";
import { watchPolicies } from "../../src/app/policy-watch.ts";
import { AssentError, problem } from "../../src/core/base/errors.ts";

const policy = (name: string, allow: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\ntools: { allow: ${allow} }\n`;

/** A file of the model: its text, or why nobody can read it. */
type Entry = { readonly text: string } | { readonly broken: string };

/** Paths below the folder, `/` between their parts. */
type Tree = Map<string, Entry>;

const NAMES = ["a.yaml", "b.yml", "C.YAML", "team/d.yaml", "team/deep/e.yaml", "f.yaml"] as const;
/** What lies beside policies and says nothing. */
const NOISE = [".#a.yaml", "._a.yaml", ".hidden/x.yaml", "README.md", "a.yaml~", "team/.swp.yaml", "#a.yaml#"] as const;

type Operation =
	| { readonly kind: "write" | "rename-over" | "link"; readonly name: string; readonly allow: string }
	| { readonly kind: "spoil"; readonly name: string; readonly how: "typo" | "half" | "bytes" | "dangling" | "pipe" }
	| { readonly kind: "delete" | "noise"; readonly name: string }
	| { readonly kind: "mount-swap"; readonly allow: string }
	| { readonly kind: "replace-folder" | "move-team" | "remove-folder" }
	| { readonly kind: "disk"; readonly isFull: boolean };

const name = fc.constantFrom(...NAMES);
const allow = fc.constantFrom("all", "none", "[ls]", "[cat, ls]");
const operation: fc.Arbitrary<Operation> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("write", "rename-over", "link"), name, allow }) },
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant("spoil"),
			name,
			how: fc.constantFrom("typo", "half", "bytes", "dangling", "pipe"),
		}),
	},
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant("delete"), name }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("noise"), name: fc.constantFrom(...NOISE) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("mount-swap"), allow }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("replace-folder", "move-team", "remove-folder") }) },
	{ weight: 1, arbitrary: fc.record({ kind: fc.constant("disk"), isFull: fc.boolean() }) },
) as fc.Arbitrary<Operation>;

/** The folder on the disk, and beside it the model of what it says. */
class World {
	readonly base = mkdtempSync(join(tmpdir(), "assent-watch-"));
	readonly folder = join(this.base, "policies");
	tree: Tree = new Map();
	isDiskFull = false;
	#versions = 0;

	constructor() {
		mkdirSync(this.folder);
		this.#put("a.yaml", { text: policy("a", "all") });
	}

	apply(of: Operation): void {
		switch (of.kind) {
			case "write":
				this.#put(of.name, { text: policy(nameOf(of.name), of.allow) });
				break;
			case "rename-over": {
				const beside = join(this.base, "edited");
				const entry = { text: policy(nameOf(of.name), of.allow) };
				writeFileSync(beside, entry.text);
				this.#clear(of.name);
				renameSync(beside, this.#path(of.name));
				this.tree.set(of.name, entry);
				break;
			}
			case "link": {
				const target = join(this.base, `target-${this.#versions++}`);
				const entry = { text: policy(nameOf(of.name), of.allow) };
				writeFileSync(target, entry.text);
				this.#clear(of.name);
				symlinkSync(target, this.#path(of.name));
				this.tree.set(of.name, entry);
				break;
			}
			case "spoil":
				this.#spoil(of.name, of.how);
				break;
			case "delete":
				this.#remove(of.name);
				break;
			case "noise":
				this.#clear(of.name);
				if (of.name === ".#a.yaml") symlinkSync("user@host.1:1", this.#path(of.name));
				else writeFileSync(this.#path(of.name), "\0\u0005 no policy");
				break;
			case "mount-swap":
				this.#swapMount(of.allow);
				break;
			case "replace-folder":
				this.#replaceFolder();
				break;
			case "move-team":
				this.#moveTeam();
				break;
			case "remove-folder":
				rmSync(join(this.folder, "team"), { recursive: true, force: true });
				for (const path of [...this.tree.keys()]) if (path.startsWith("team/")) this.tree.delete(path);
				break;
			case "disk":
				this.isDiskFull = of.isFull;
				break;
		}
	}

	/** The digest of what the model says; null where it is not to be put into force. */
	expected(): string | null {
		const entries = [...this.tree].map(([path, entry]) => ({ name: join(this.folder, path), entry }));
		const sources = entries.flatMap(({ name, entry }) => ("text" in entry ? [{ name, text: entry.text }] : []));
		if (sources.length < entries.length || sources.length === 0) return null;
		const compiled = compileFiles({ sources, problems: [] }, "tenant");
		return compiled.ok ? compiled.value.compiled.digest : null;
	}

	remove(): void {
		rmSync(this.base, { recursive: true, force: true });
	}

	#path(name: string): string {
		return join(this.folder, ...name.split("/"));
	}

	#put(name: string, entry: { readonly text: string }): void {
		this.#clear(name);
		writeFileSync(this.#path(name), entry.text);
		this.tree.set(name, entry);
	}

	/** Makes the way free; what lay there is not yet gone for the model. */
	#clear(name: string): void {
		const path = this.#path(name);
		mkdirSync(join(path, ".."), { recursive: true });
		rmSync(path, { force: true, recursive: true });
	}

	#remove(name: string): void {
		rmSync(this.#path(name), { force: true, recursive: true });
		this.tree.delete(name);
	}

	#spoil(name: string, how: (Operation & { kind: "spoil" })["how"]): void {
		const path = this.#path(name);
		this.#clear(name);
		if (how === "typo") writeFileSync(path, policy(nameOf(name), "all").replace("tools", "tolls"));
		if (how === "half") writeFileSync(path, policy(nameOf(name), "all").slice(0, 30));
		if (how === "bytes") writeFileSync(path, Buffer.from([0xff, 0xfe, 0x41]));
		if (how === "dangling") symlinkSync("nowhere", path);
		if (how === "pipe") execFileSync("mkfifo", [path]);
		this.tree.set(name, { broken: how });
	}

	/** As the kubelet does it: the file is a link through `..data`, which is swapped by a rename. */
	#swapMount(allowed: string): void {
		const version = `..version-${this.#versions++}`;
		const entry = { text: policy("mounted", allowed) };
		mkdirSync(join(this.folder, version));
		writeFileSync(join(this.folder, version, "mounted.yaml"), entry.text);
		const swapped = join(this.folder, "..data_tmp");
		rmSync(swapped, { force: true });
		symlinkSync(version, swapped);
		renameSync(swapped, join(this.folder, "..data"));
		// After a replaced folder a plain file has its name, which a mount would not swap.
		this.#clear("mounted.yaml");
		symlinkSync("..data/mounted.yaml", join(this.folder, "mounted.yaml"));
		this.tree.set("mounted.yaml", entry);
	}

	/** Another folder in its place, as a deployment does it, with all that can be read. */
	#replaceFolder(): void {
		const next = join(this.base, `next-${this.#versions++}`);
		mkdirSync(next);
		const tree: Tree = new Map();
		for (const [name, entry] of this.tree) {
			if (!("text" in entry)) continue;
			mkdirSync(join(next, name, ".."), { recursive: true });
			writeFileSync(join(next, name), entry.text);
			tree.set(name, entry);
		}
		renameSync(this.folder, join(this.base, `old-${this.#versions++}`));
		renameSync(next, this.folder);
		this.tree = tree;
	}

	#moveTeam(): void {
		const to = `team-${this.#versions++}`;
		mkdirSync(join(this.folder, "team"), { recursive: true });
		renameSync(join(this.folder, "team"), join(this.folder, to));
		for (const [path, entry] of [...this.tree]) {
			if (!path.startsWith("team/")) continue;
			this.tree.delete(path);
			this.tree.set(path.replace("team", to), entry);
		}
	}
}

/** `team/d.yaml` holds the policy `d`. */
const nameOf = (path: string): string => (/([a-z])\.[a-z]+$/i.exec(path)?.[1] ?? "x").toLowerCase();

describe("policies that follow their files", () => {
	it("are in force as the files say, or it was told why not, whatever is done to the folder", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async (operations) => {
				const world = new World();
				const loaded = await loadPolicies([world.folder], "tenant");
				if (!loaded.ok) throw new Error("the first policy is good");
				let inForce = loaded.value.compiled.digest;
				let isToldBad = false;
				const end = new AbortController();
				const watching = watchPolicies(
					{
						paths: [world.folder],
						budgetRoot: "tenant",
						inForce: loaded.value,
						signal: end.signal,
						pace: { lookEveryMs: 2, settleMs: 2, restFactor: 1, restMaxMs: 1_000 },
					},
					{
						activate: async ({ compiled }) => {
							if (compiled.digest === inForce) return false;
							if (world.isDiskFull) throw new AssentError(problem("ASSENT_LOG_FULL", "no space"));
							inForce = compiled.digest;
							return true;
						},
						onActivated: () => {
							isToldBad = false;
						},
						onGood: () => {
							isToldBad = false;
						},
						onRefused: (problems) => {
							expect(problems.map(({ code }) => code)).not.toContain("ASSENT_INTERNAL");
							isToldBad = true;
						},
					},
				);
				try {
					let before = inForce;
					for (const each of operations) {
						world.apply(each);
						const wanted = world.expected();
						const isStuck = wanted === null || (world.isDiskFull && wanted !== before);
						const told = { inForce: isStuck ? before : wanted, isToldBad: isStuck };
						await expect
							.poll(() => ({ inForce, isToldBad }), { interval: 2, message: JSON.stringify(each) })
							.toEqual(told);
						before = inForce;
					}
				} finally {
					end.abort();
					await watching;
					world.remove();
				}
			}),
			{ numRuns: 25 },
		);
	}, 300_000);
});
