/** The shipped policy against a hijacked agent: addresses in disguise, and secrets on their way out. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type GatewayWorld, gatewayWorld } from "../support/gateway.ts";

const BASELINE = readFileSync(new URL("../../policies/baseline.yaml", import.meta.url), "utf8");

const verdictOf = async (world: GatewayWorld, key: string, tool: string, args: object): Promise<unknown> =>
	(await world.post("/v1/intents", key, { tool, args })).body["verdict"];

describe("URLs", () => {
	it("of tools are judged by the class of their address, however it is spelled", async () => {
		const world = await gatewayWorld(BASELINE);
		const key = await world.key();
		for (const host of [
			"169.254.169.254",
			"0xa9.0xfe.0xa9.0xfe",
			"2852039166",
			"0251.0376.0251.0376",
			"[::ffff:169.254.169.254]",
		])
			expect(await verdictOf(world, key, "http.get", { url: `http://${host}/latest/meta-data/` }), host).toBe("deny");
		expect(await verdictOf(world, key, "http.get", { url: "http://example.com/" })).toBe("allow");
	});
});

describe("metrics", () => {
	it("name nobody, for they are there for everybody", async () => {
		const world = await gatewayWorld(BASELINE);
		const key = await world.key({ tenant: "a-tenant", agents: "an-agent", name: "a-name" });
		expect(await verdictOf(world, key, "eval_secret", {})).toBe("deny");
		expect(await verdictOf(world, key, "a_tool", {})).toBe("allow");
		await world.get("/v1/decisions/an-id?agent=another-agent", key);
		const page = await (await fetch(`${world.url}/metrics`)).text();
		expect(page).toContain("assent_");
		for (const name of ["a-tenant", "an-agent", "a-name", "another-agent", "eval_secret", "a_tool", "an-id", key])
			expect(page).not.toContain(name);
	});
});

describe("a sequence", () => {
	it("closes the way out once a secret was read", async () => {
		const world = await gatewayWorld(`
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: leak }
tools: { allow: all }
sequences:
  - { name: secrets-stay, scope: agent, within: 1h, after: { tools: [read_secret] }, then: { tools: ['http.*'] } }
`);
		const [key, other] = [await world.key(), await world.key({ agents: "writer" })];
		const send = { url: "http://example.com/" };
		expect(await verdictOf(world, key, "http.post", send)).toBe("allow");
		expect(await verdictOf(world, key, "read_secret", {})).toBe("allow");
		expect(await verdictOf(world, key, "http.post", send)).toBe("deny");
		// In whatever run it goes on, and not for anybody else.
		const { body } = await world.post("/v1/intents", key, { tool: "http.post", args: send, session: "another" });
		expect(body["verdict"]).toBe("deny");
		expect(await verdictOf(world, other, "http.post", send)).toBe("allow");
	});
});
