/** Whether what is in force is as strict as a program asks for: told over HTTP, for Assent's policies and those of Agent-OS. */
import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { activatePolicies } from "../../src/operations/activation.ts";
import { policyStanding } from "../../src/operations/policy-standing.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { type Answer, ask, type GatewayWorld, gatewayWorld } from "../support/gateway.ts";
import { until } from "../support/world.ts";

const policy = (tools: string, rest = ""): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: desk }\ntools: ${tools}\n${rest}`;

const ACTIVE = policy(
	"{ allow: [search, model.generate], deny: [delete_file] }",
	"limits:\n  - { name: max-tool-calls, measure: tool_calls, scope: session, max: 5, except: [model.generate] }\n  - { name: max-tokens, measure: tokens, scope: session, max: 100 }\nobligations:\n  - { deadline: 60s }\n",
);

const compared = async (world: GatewayWorld, text: string, more: object = {}) =>
	world.post("/v1/policies/compare", await world.key(), { sources: [{ name: "policy.yaml", text }], ...more });

describe("POST /v1/policies/compare", () => {
	it("says that what is in force is equal, stricter or looser, with the rules that it is about", async () => {
		const world = await gatewayWorld(ACTIVE);
		expect((await compared(world, ACTIVE)).body).toMatchObject({ relation: "equal", isAsStrict: true, looser: [] });
		expect((await compared(world, policy("{ allow: all }"))).body).toMatchObject({
			relation: "stricter",
			isAsStrict: true,
		});
		const { status, body } = await compared(world, policy("{ allow: [search] }"));
		expect(status).toBe(200);
		expect(body).toMatchObject({ isAsStrict: false });
		expect(body["looser"]).toContainEqual(expect.objectContaining({ dimension: "tools" }));
	});

	it("reads a GovernancePolicy, with the calls of the host that it has no word for", async () => {
		const world = await gatewayWorld(ACTIVE);
		const text = "allowed_tools: [search, delete_file]\nmax_tool_calls: 8\nmax_tokens: 200\n";
		const without = await compared(world, text);
		expect(without.body).toMatchObject({ isAsStrict: false });
		const { body } = await compared(world, text, { besides: ["model.generate"] });
		expect(body).toMatchObject({ isAsStrict: true });
		expect(JSON.stringify(body["sources"])).toContain("kind: Policy");
		expect(body["differences"]).toContainEqual(expect.objectContaining({ field: "max_tokens", admits: "fewer" }));
	});

	it("names what is wrong with a policy, and changes nothing", async () => {
		const world = await gatewayWorld(ACTIVE);
		const faulty = await compared(world, policy("{ alow: all }"));
		expect(faulty.status).toBe(400);
		expect(faulty.body).toMatchObject({ code: "POLICY_UNKNOWN_KEY" });
		expect((await compared(world, "allowed_tool: [a]\n")).body).toMatchObject({ code: "POLICY_UNKNOWN_KEY" });
		expect((await compared(world, ACTIVE)).body).toMatchObject({ relation: "equal" });
	});

	it("does not take for active what waits for a second operator", async () => {
		const world = await gatewayWorld(ACTIVE);
		const { log, layout } = world;
		const sources = [{ name: "strict.yaml", text: policy("{ allow: none }") }];
		const compiled = compilePolicies(sources, { budgetRoot: layout.budgetRoot });
		if (!compiled.ok) throw new Error("it does not compile");
		const { digest } = compiled.value;
		await activatePolicies(log, { layout, sources, digest, by: "ann", now: Date.now(), needsReview: true });
		for (const hasRead of [false, true]) {
			if (hasRead) await until(async () => (await policyStanding(log, layout, 0)).policy.proposed?.digest === digest);
			expect((await compared(world, policy("{ allow: none }"))).body).toMatchObject({ isAsStrict: false });
			expect((await compared(world, ACTIVE)).body).toMatchObject({ relation: "equal" });
		}
	});

	it("is not for approvers", async () => {
		const world = await gatewayWorld(ACTIVE);
		const key = await world.key({ roles: ["approver"] });
		const { status } = await world.post("/v1/policies/compare", key, { sources: [{ name: "p.yaml", text: ACTIVE }] });
		expect(status).toBe(403);
	});
});

describe("POST /v1/policies/additions", () => {
	const add = async (world: GatewayWorld, name: string, text: string, key?: string) =>
		world.post("/v1/policies/additions", key ?? (await world.key({ roles: ["operator"] })), {
			sources: [{ name, text }],
		});
	const strict =
		"apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: strict }\ntools: { allow: all, deny: [search] }\n";

	it("puts a policy beside those in force, which decides when it has answered, once", async () => {
		const world = await gatewayWorld(ACTIVE);
		const agent = await world.key();
		const ask = async (tool: string) => (await world.post("/v1/intents", agent, { tool, args: {} })).body["verdict"];
		expect(await ask("search")).toBe("allow");
		expect((await add(world, "strict.yaml", strict)).body).toMatchObject({ isAdded: true });
		expect([await ask("search"), await ask("other")]).toEqual(["deny", "deny"]);
		expect((await add(world, "again.yaml", strict)).body).toMatchObject({ isAdded: false });
		expect((await compared(world, ACTIVE)).body).toMatchObject({ isAsStrict: true });
	});

	it("puts those that come at once beside each other", async () => {
		const world = await gatewayWorld(ACTIVE);
		const other = strict.replace("strict", "other").replace("search", "model.generate");
		const key = await world.key({ roles: ["operator"] });
		const answers = await Promise.all([add(world, "strict.yaml", strict, key), add(world, "other.yaml", other, key)]);
		expect(answers.map(({ body }) => body["isAdded"])).toEqual([true, true]);
		for (const text of [ACTIVE, strict, other]) {
			expect((await compared(world, text)).body).toMatchObject({ isAsStrict: true });
		}
	});

	// Held there, an activation is a generation above the other, or of the same one.
	it.each(["policies", "control"])("keeps what another gateway has added meanwhile: held at `%s`", async (topic) => {
		const world = await gatewayWorld(ACTIVE);
		const key = await world.key({ roles: ["operator"] });
		const other = strict.replace("strict", "other").replace("search", "model.generate");
		let first: Promise<Answer> | null = null;
		const log = holdingAppends(world.log, topic, async () => {
			first ??= add(world, "strict.yaml", strict, key);
			expect((await first).body).toMatchObject({ isAdded: true });
		});
		const { address } = await world.another({ log });
		const body = { sources: [{ name: "other.yaml", text: other }] };
		const second = await ask(address, "POST", "/v1/policies/additions", key, body);
		expect(first).not.toBeNull();
		expect(second.body).toMatchObject({ isAdded: true });
		for (const text of [ACTIVE, strict, other]) {
			expect((await compared(world, text)).body).toMatchObject({ isAsStrict: true });
		}
	});

	it("gives way to what another gateway has added meanwhile under the same name", async () => {
		const world = await gatewayWorld(ACTIVE);
		const key = await world.key({ roles: ["operator"] });
		const other = strict.replace("search", "model.generate");
		let first: Promise<Answer> | null = null;
		const log = holdingAppends(world.log, "policies", async () => {
			first ??= add(world, "policy.yaml", strict, key);
			await first;
		});
		const { address } = await world.another({ log });
		const body = { sources: [{ name: "policy.yaml", text: other }] };
		const second = await ask(address, "POST", "/v1/policies/additions", key, body);
		expect([second.status, second.body["code"]]).toEqual([409, "GATEWAY_CONFLICT"]);
		for (const text of [ACTIVE, strict]) {
			expect((await compared(world, text)).body).toMatchObject({ isAsStrict: true });
		}
	});

	it("replaces nothing, and is for operators", async () => {
		const world = await gatewayWorld(ACTIVE);
		await add(world, "strict.yaml", strict);
		const replacing = await add(world, "strict.yaml", strict.replace("search", "model.generate"));
		expect([replacing.status, replacing.body["code"]]).toEqual([409, "GATEWAY_CONFLICT"]);
		expect((await compared(world, strict)).body).toMatchObject({ isAsStrict: true });
		expect((await add(world, "strict.yaml", strict, await world.key())).status).toBe(403);
	});
});

/** The log, with an append to the topic waiting for something else. */
const holdingAppends = (log: Log, topic: string, until: () => Promise<void>): Log =>
	new Proxy(log, {
		get: (target, name) => {
			const value = Reflect.get(target, name, target);
			if (name !== "append") return typeof value === "function" ? value.bind(target) : value;
			return async (...args: Parameters<Log["append"]>) => {
				if (args[0].topic === topic) await until();
				return target.append(...args);
			};
		},
	});
