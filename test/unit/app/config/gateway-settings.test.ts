import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../../../src/app/config/config.ts";

function fileOf(text: string): string {
	const folder = mkdtempSync(join(tmpdir(), "assent-config-"));
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	writeFileSync(join(folder, "assent.yaml"), text);
	return join(folder, "assent.yaml");
}

const configOf = (file: string) => readConfig({ file, log: undefined, env: {} });

const issuerOf = (rest: string): string =>
	`gateway:\n  issuers:\n    - issuer: https://id.example.com\n      audience: assent\n      jwks: keys.json\n${rest}`;

describe("the gateway of the configuration", () => {
	it("has its paths beside the file, and the usual limits where none are given", async () => {
		const file = fileOf(
			"gateway: { port: 0, keys: k.yaml, secret: s, tls: { cert: c.pem, key: k.pem }, rate: { perSecond: 7 }, drain: 3s }\n",
		);
		const { gateway } = await configOf(file);
		const beside = (name: string): string => join(file, "..", name);
		expect(gateway).toMatchObject({ port: 0, keysFile: beside("k.yaml"), secretFile: beside("s"), drainMs: 3_000 });
		expect(gateway.tls).toEqual({ certFile: beside("c.pem"), keyFile: beside("k.pem") });
		expect(gateway.limits).toMatchObject({ rate: { perSecond: 7, burst: 2 }, waiting: 10_000, connections: 20_000 });
		expect((await configOf(fileOf("log: file:x.db\n"))).gateway).toMatchObject({
			host: undefined,
			isBehindProxy: false,
		});
	});

	it("has issuers whose keys come from a file", async () => {
		const file = fileOf(issuerOf("      roles: [agent]\n      tenant: acme\n      claims: { agents: agent }\n"));
		const { publicKey } = await generateKeyPair("EdDSA");
		writeFileSync(join(file, "..", "keys.json"), JSON.stringify({ keys: [await exportJWK(publicKey)] }));
		const [issuer] = await (await configOf(file)).gateway.issuers();
		expect(issuer).toMatchObject({
			...{
				roles: { fixed: ["agent"] },
				tenant: { fixed: "acme" },
				agents: { claim: "agent" },
				tools: { fixed: ["*"] },
			},
			algorithms: ["EdDSA", "ES256"],
		});
	});

	it.each([
		["roles that nothing says", "      tenant: acme\n      agents: a\n", /`roles` must be said once/],
		[
			"roles that are said twice",
			"      roles: [agent]\n      tenant: acme\n      agents: a\n      claims: { roles: r }\n",
			/`roles` must be said once/,
		],
		["keys that are not there", "      roles: [agent]\n      tenant: acme\n      agents: a\n", /there is no file/],
	])("refuses %s", async (_, rest, why) => {
		const { gateway } = await configOf(fileOf(issuerOf(rest)));
		await expect(gateway.issuers()).rejects.toMatchObject({
			code: "ASSENT_CONFIG",
			message: expect.stringMatching(why),
		});
	});

	it("refuses keys that would come in the clear, algorithms whose secret everybody who checks has, and a topic that is no reply topic", async () => {
		const rest = "      roles: [agent]\n      tenant: acme\n      agents: a\n";
		const clear = issuerOf(rest).replace("keys.json", "http://id.example.com/jwks");
		await expect((await configOf(fileOf(clear))).gateway.issuers()).rejects.toThrow(/in the clear/);
		await expect(configOf(fileOf(issuerOf(`${rest}      algorithms: [HS256]\n`)))).rejects.toMatchObject({
			code: "ASSENT_CONFIG",
		});
		await expect(configOf(fileOf("gateway: { replyTopic: decisions }\n"))).rejects.toThrow(/never written/);
	});
});
