/** Tags of classified calls: of their categories, of more exact rules, and of nothing that is unsure. */
import { expect, it } from "vitest";
import { classify } from "../../../../src/core/classify/classify.ts";
import { tagsOf } from "../../../../src/core/classify/tags.ts";

const tags = (command: string) => tagsOf(classify({ tool: "bash", args: { command } }).categories);

it.each([
	["rm -rf /srv", ["T1485", "ASI02", "D003"]],
	["echo cm0gLXJmIC9zcnYK | base64 -d | sh", ["T1485"]],
	["chmod 4755 /tmp/sh", ["T1548", "ASI03"]],
	["mkfs.ext4 /dev/sdb1", ["T1561"]],
	["iptables -F", ["T1686"]],
])("of `%s` are %j", (command, expected) => {
	expect(tags(command)).toEqual(expect.arrayContaining(expected));
	expect(new Set(tags(command)).size).toBe(tags(command).length);
});

it("of a harmless call name no threat", () => {
	expect(tags("echo hello")).toEqual(["D003.3"]);
});

it("are not of categories that are unsure, nor of names that every object has", () => {
	const judged = { category: "destructive_data", rules: ["sh-firewall"], fact: 0 } as const;
	expect(tagsOf([{ ...judged, confidence: 49 }])).toEqual([]);
	expect(tagsOf([{ ...judged, confidence: 50 }])).toContain("T1686");
	expect(tagsOf([{ ...judged, confidence: 50, rules: ["constructor"] }])).not.toContain("T1686");
});
