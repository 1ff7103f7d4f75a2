/** Policies that an agent or an operator sends, made as expensive as they can be. */
import { expect, it } from "vitest";
import { gatewayWorld } from "../support/gateway.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n";
/** Takes long to compile, and is refused at its end. */
const SLOW = `${HEAD}patterns:\n${Array.from(
	{ length: 2_000 },
	(_, at) => `  - { name: r${at}, regex: 'a{1,${100 + (at % 50)}}b[^c]{2,${100 + (at % 40)}}x${at}', in: args.x }\n`,
).join("")}exceptions: [{ name: e, rules: [nothing], owner: o, reason: r, expires: 2099-01-01T00:00:00Z }]\n`;

const PATHS = ["/v1/policies/compare", "/v1/policies/activations", "/v1/policies/additions"];
const sources = [{ name: "p.yaml", text: SLOW }];

it.each(PATHS)("a policy that takes long to compile keeps no other agent waiting: %s", async (path) => {
	const world = await gatewayWorld(HEAD);
	const [key, other] = [await world.key({ roles: ["operator"], agents: "*" }), await world.key({ agents: "other" })];
	const ended: string[] = [];
	const compared = world.post(path, key, { sources }).then(({ status, body }) => {
		ended.push("compared");
		expect([status, body["code"]]).toEqual([400, "POLICY_REFERENCE"]);
	});
	const decided = world.post("/v1/intents", other, { tool: "read", args: {} }).then(({ status }) => {
		ended.push("decided");
		expect(status).toBe(200);
	});
	await Promise.all([compared, decided]);
	expect(ended).toEqual(["decided", "compared"]);
});

it("a GovernancePolicy that is too long to be translated while others wait is refused", async () => {
	const world = await gatewayWorld(HEAD);
	const text = `allowed_tools:\n${Array.from({ length: 4_000 }, (_, at) => `  - tool_${at}\n`).join("")}`;
	const sent = { sources: [{ name: "p.yaml", text }] };
	const { status, body } = await world.post("/v1/policies/compare", await world.key(), sent);
	expect([status, body["code"], body["detail"]]).toEqual([400, "GATEWAY_REQUEST", expect.stringContaining("32768")]);
});

it("one credential, its children included, waits for one comparison at a time", async () => {
	const world = await gatewayWorld(HEAD);
	const key = await world.key();
	const child = (await world.post("/v1/credentials", key, {})).body["token"] as string;
	const first = world.post("/v1/policies/compare", key, { sources });
	const others = await Promise.all(
		[key, child, child].map((each) => world.post("/v1/policies/compare", each, { sources })),
	);
	expect([(await first).status, ...others.map(({ status }) => status)].sort()).toEqual([400, 429, 429, 429]);
	expect((await world.post("/v1/policies/compare", child, { sources: [{ name: "p.yaml", text: HEAD }] })).status).toBe(
		200,
	);
});
