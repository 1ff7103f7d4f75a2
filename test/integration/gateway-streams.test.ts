/** A thousand streams of events at one gateway, with credentials of every kind: each hears what is its own, and nothing else. */
import { Agent, get, type IncomingMessage } from "node:http";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { expect, it, onTestFinished } from "vitest";
import { keysOfSet } from "../../src/adapters/http/gateway/issuers.ts";
import { type GatewayWorld, gatewayWorld } from "../support/gateway.ts";
import { until } from "../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, deny: [rm] }
`;

const ISSUER = "https://id.example.com";
const KINDS = [
	"acme auditor",
	"other auditor",
	"acme coder",
	"acme writer",
	"acme glob",
	"other coder",
	"acme child",
	"other child",
	"acme token",
	"other token",
] as const;
type Kind = (typeof KINDS)[number];

/** What each hears: the tenant, and for agents what is of its agent and below its own actor. */
const HEARD: Readonly<Record<Kind, readonly string[]>> = {
	"acme auditor": ["a-child", "a-coder", "a-token", "a-writer"],
	"other auditor": ["o-child", "o-coder", "o-token"],
	"acme coder": ["a-child", "a-coder", "a-token"],
	"acme writer": ["a-writer"],
	"acme glob": ["a-child", "a-coder", "a-token"],
	"other coder": ["o-child", "o-coder", "o-token"],
	"acme child": ["a-child"],
	"other child": ["o-child"],
	"acme token": ["a-token"],
	"other token": ["o-token"],
};

type Credentials = Readonly<Record<Kind, string>>;

async function credentialsOf(
	world: GatewayWorld,
	token: (claims: JWTPayload) => Promise<string>,
	at: number,
): Promise<Credentials> {
	const child = async (parent: string): Promise<string> =>
		String((await world.post("/v1/credentials", parent, { agent: "coder", actor: "sub" })).body["token"]);
	const claims = { sub: `svc-${at}`, roles: ["agent"], agent: "coder" };
	const [coder, other] = [await world.key(), await world.key({ tenant: "other" })];
	return {
		"acme auditor": await world.key({ roles: ["auditor"], agents: "*" }),
		"other auditor": await world.key({ roles: ["auditor"], agents: "*", tenant: "other" }),
		"acme coder": coder,
		"acme writer": await world.key({ agents: "writer" }),
		"acme glob": await world.key({ agents: "cod*" }),
		"other coder": other,
		"acme child": await child(coder),
		"other child": await child(other),
		"acme token": await token({ ...claims, org: "acme" }),
		"other token": await token({ ...claims, org: "other" }),
	};
}

interface Stream {
	readonly kind: Kind;
	text: string;
}

function listening(url: string, secret: string, stream: Stream, agent: Agent): Promise<void> {
	return new Promise((resolve, reject) => {
		const take = (response: IncomingMessage): void => {
			if (response.statusCode !== 200) reject(new Error(`${stream.kind}: ${response.statusCode}`));
			response.setEncoding("utf8");
			response.on("data", (chunk: string) => {
				stream.text += chunk;
			});
			// Where the stream stands is said first.
			response.once("data", () => resolve());
			response.on("error", () => {});
		};
		get(`${url}/v1/events`, { agent, headers: { authorization: `Bearer ${secret}` } }, take).on("error", reject);
	});
}

const callsIn = ({ text }: Stream): string[] => [
	...new Set([...text.matchAll(/"intent":"([^"]*)"/g)].map(([, id = ""]) => id)),
];

it("a thousand streams of all kinds of credentials hear their own calls, all of them, and no other tenant's", async () => {
	const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
	const set = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "EdDSA" }] };
	const claimed = { roles: { claim: "roles" }, tenant: { claim: "org" }, agents: { claim: "agent" } };
	const issuer = { issuer: ISSUER, audience: "assent", algorithms: ["EdDSA" as const], keys: keysOfSet(set) };
	const world = await gatewayWorld(POLICY, { issuers: [{ ...issuer, ...claimed, tools: { fixed: ["*"] } }] });
	const token = (claims: JWTPayload): Promise<string> =>
		new SignJWT({ iss: ISSUER, aud: "assent", exp: Math.floor(Date.now() / 1_000) + 600, ...claims })
			.setProtectedHeader({ alg: "EdDSA", kid: "1" })
			.sign(privateKey);
	const sets: Credentials[] = [];
	for (let at = 0; at < 20; at++) sets.push(await credentialsOf(world, token, at));
	const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
	onTestFinished(() => agent.destroy());
	const streams: Stream[] = [];
	const opened: Promise<void>[] = [];
	for (const credentials of sets) {
		for (const kind of KINDS) {
			for (let at = 0; at < 5; at++) {
				const stream = { kind, text: "" };
				streams.push(stream);
				opened.push(listening(world.url, credentials[kind], stream, agent));
			}
		}
	}
	expect(streams).toHaveLength(1_000);
	await Promise.all(opened);
	const [first] = sets as [Credentials];
	for (const [kind, id] of [
		["acme coder", "a-coder"],
		["acme writer", "a-writer"],
		["other coder", "o-coder"],
		["acme child", "a-child"],
		["other child", "o-child"],
		["acme token", "a-token"],
		["other token", "o-token"],
	] as const) {
		// Denied, so that there is an event of each kind.
		const asked = await world.post("/v1/intents", first[kind], { id, tool: "rm", args: {} });
		expect(asked.body["verdict"]).toBe("deny");
	}
	// Those of the first set asked; a token of somebody else speaks for another.
	const heardBy = ({ kind }: Stream, at: number): readonly string[] =>
		kind.endsWith("token") && at >= 5 * KINDS.length ? [] : HEARD[kind];
	await until(() => streams.every((stream, at) => callsIn(stream).length >= heardBy(stream, at).length));
	for (const [at, stream] of streams.entries()) {
		expect(callsIn(stream).sort(), `${at} ${stream.kind}`).toEqual(heardBy(stream, at));
		expect(stream.text).not.toContain(stream.kind.startsWith("acme") ? '"tenant":"other"' : '"tenant":"acme"');
	}
});
