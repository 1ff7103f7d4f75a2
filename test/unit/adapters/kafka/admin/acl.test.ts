import { describe, expect, it } from "vitest";
import { ACL_ROLES, aclCommand, aclRules } from "../../../../../src/adapters/kafka/admin/acl.ts";
import { DEFAULT_LAYOUT } from "../../../../../src/core/model/layout.ts";
import { topicSpecs } from "../../../../../src/ports/log/topics.ts";

const line = (rule: ReturnType<typeof aclRules>[number]): string =>
	`${rule.role} ${rule.principal} ${rule.resource.kind} ${rule.resource.name} ${rule.resource.pattern} ${rule.operations.join(",")}`;

describe("the rights of each role", () => {
	it("are these, and in this order", () => {
		expect(aclRules("assent.").map(line)).toMatchInlineSnapshot(`
			[
			  "gateway User:assent-gateway topic assent.intents literal Write,Describe,DescribeConfigs",
			  "gateway User:assent-gateway topic assent.replies literal Read,Describe,DescribeConfigs",
			  "gateway User:assent-gateway topic assent.policies literal Read,Describe,DescribeConfigs",
			  "gateway User:assent-gateway topic assent.control literal Read,Describe,DescribeConfigs",
			  "processor User:assent-processor topic assent.intents literal Read",
			  "processor User:assent-processor topic assent.control literal Read,Write",
			  "processor User:assent-processor topic assent.decisions literal Read,Write",
			  "processor User:assent-processor topic assent.policies literal Read",
			  "processor User:assent-processor topic assent.snapshots literal Read,Write",
			  "processor User:assent-processor topic assent.checkpoints literal Read,Write",
			  "processor User:assent-processor topic assent.violations literal Read,Write",
			  "processor User:assent-processor topic assent.dead-letters literal Read,Write",
			  "processor User:assent-processor topic assent.replies prefixed Write",
			  "processor User:assent-processor topic assent. prefixed DescribeConfigs",
			  "processor User:assent-processor group assent.processor literal Read",
			  "alerting User:assent-alerting topic assent.violations literal Read,Describe,DescribeConfigs",
			  "notify User:assent-notify topic assent.decisions literal Read,Describe,DescribeConfigs",
			  "notify User:assent-notify topic assent.checkpoints literal Read,Describe,DescribeConfigs",
			  "notify User:assent-notify topic assent.intents literal Read,Describe,DescribeConfigs",
			  "notary User:assent-notary topic assent.decisions literal Read,Describe,DescribeConfigs",
			  "notary User:assent-notary topic assent.checkpoints literal Read,Write,Describe,DescribeConfigs",
			  "auditor User:assent-auditor topic assent. prefixed Read,Describe,DescribeConfigs",
			  "operator User:assent-operator topic assent. prefixed Read,Describe,DescribeConfigs",
			  "operator User:assent-operator topic assent.control literal Write",
			  "operator User:assent-operator topic assent.policies literal Write",
			  "provisioning User:assent-provisioning topic assent. prefixed Create,Describe,AlterConfigs,DescribeConfigs",
			]
		`);
	});

	it("lie under the deployment's prefix, every one", () => {
		for (const { resource } of aclRules("team-a.")) expect(resource.name).toMatch(/^team-a\./);
	});

	it("let nobody but the processor write the ledger, and it write no intent and no policy", () => {
		const writers = (topic: string): string[] =>
			aclRules("assent.")
				.filter(({ resource: { kind, name, pattern }, operations }) => {
					const isMeant = pattern === "literal" ? `assent.${topic}` === name : `assent.${topic}`.startsWith(name);
					return kind === "topic" && isMeant && operations.includes("Write");
				})
				.map(({ role }) => role);
		expect(Object.fromEntries(topicSpecs(DEFAULT_LAYOUT).map(({ name }) => [name, writers(name)]))).toEqual({
			intents: ["gateway"],
			control: ["processor", "operator"],
			decisions: ["processor"],
			violations: ["processor"],
			checkpoints: ["processor", "notary"],
			"dead-letters": ["processor"],
			snapshots: ["processor"],
			policies: ["operator"],
			replies: ["processor"],
		});
		expect(writers("replies.gateway-1")).toEqual(["processor"]);
	});

	it("name other principals and a gateway's own replies where they are given", () => {
		const rules = aclRules("assent.", { principals: { gateway: "User:CN=gateway-1" }, replies: "gateway-1" });
		const ofGateway = rules.filter(({ role }) => role === "gateway").map(line);
		expect(ofGateway).toEqual([
			"gateway User:CN=gateway-1 topic assent.intents literal Write,Describe,DescribeConfigs",
			"gateway User:CN=gateway-1 topic assent.replies.gateway-1 literal Read,Describe,DescribeConfigs",
			"gateway User:CN=gateway-1 topic assent.policies literal Read,Describe,DescribeConfigs",
			"gateway User:CN=gateway-1 topic assent.control literal Read,Describe,DescribeConfigs",
		]);
		expect(rules.filter(({ principal }) => principal === "User:CN=gateway-1")).toHaveLength(4);
		expect(new Set(rules.map(({ role }) => role))).toEqual(new Set(ACL_ROLES));
	});

	it("are commands that a shell takes", () => {
		const [rule] = aclRules("assent.", { principals: { gateway: "User:CN=it's one,O=a b" } });
		expect(rule && aclCommand(rule, ["a:1", "b:2"])).toBe(
			"kafka-acls.sh --bootstrap-server a:1,b:2 --add --allow-principal 'User:CN=it'\\''s one,O=a b' --operation Write --operation Describe --operation DescribeConfigs --topic assent.intents --resource-pattern-type literal",
		);
	});
});
