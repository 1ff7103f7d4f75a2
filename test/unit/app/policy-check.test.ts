/** Checking files of which one only defines what the others use. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadPolicies } from "../../../src/app/policies.ts";
import { checkFiles } from "../../../src/app/policy-check.ts";
import { changesBetween, namesOf } from "../../../src/reading/bundle-changes.ts";

let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "assent-check-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const LISTS = "apiVersion: assent.dev/v1\nkind: Lists\nmetadata: { name: common }\n";
const POLICY = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: NAME }\ntools: { allow: $shells }\n";

function write(name: string, text: string): string {
	const path = join(folder, name);
	writeFileSync(path, text);
	return path;
}

it("reads each policy with the lists of the others, and tells of what is wrong with them once", async () => {
	const [a, b] = ["a", "b"].map((name) => write(`${name}.yaml`, POLICY.replace("NAME", name))) as [string, string];
	const lists = write("lists.yaml", `${LISTS}lists: { shells: [bash] }\n`);
	const sound = await checkFiles([a, b, lists], "tenant");
	expect(sound.files.map(({ name, ok }) => [name, ok])).toEqual([
		["a", true],
		["b", true],
		["common", true],
	]);
	expect(sound.digest).toMatch(/^[0-9a-f]{64}$/);
	expect((await checkFiles([a], "tenant")).files[0]?.problems).toMatchObject([{ code: "POLICY_REFERENCE" }]);
	write("lists.yaml", `${LISTS}lists: { shells: [$bash] }\n`);
	const broken = await checkFiles([lists], "tenant");
	expect(broken.files[0]?.problems).toMatchObject([{ code: "POLICY_REFERENCE", place: { file: lists } }]);
});

it("does not take a file that only defines for a policy", async () => {
	const lists = write("lists.yaml", `${LISTS}lists: { shells: [bash] }\n`);
	const loaded = await loadPolicies([lists], "tenant");
	expect(loaded.ok ? [] : loaded.error).toMatchObject([{ code: "POLICY_EMPTY" }]);
});

it("tells which policies a shared list changes", () => {
	const bundle = (shells: string) => [
		{ name: "a", text: POLICY.replace("NAME", "a") },
		{ name: "b", text: POLICY.replace("NAME", "b").replace("$shells", "all") },
		{ name: "l", text: `${LISTS}lists: { shells: ${shells} }\n` },
	];
	expect(namesOf(bundle("[bash]"))).toEqual(["a", "b"]);
	expect(changesBetween(bundle("[bash]"), bundle("[sh]"), "tenant")).toEqual({
		added: [],
		removed: [],
		changed: ["a"],
	});
});
