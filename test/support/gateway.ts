/** A gateway over a log of the test's own, with a processor that decides, and requests to it whose answers are held to its documentation. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ROUTES } from "../../src/adapters/http/gateway/routes.ts";
import { issueKey, KeyFile, type NewKey } from "../../src/app/bearer-keys.ts";
import { startDev } from "../../src/app/dev.ts";
import { type GatewayRole, type GatewayRoleOptions, startGateway } from "../../src/app/gateway.ts";
import { writeNamedFile } from "../../src/app/named-file.ts";
import { openLog } from "../../src/app/open-log.ts";
import { loadPolicies } from "../../src/app/policies.ts";
import type { Layout } from "../../src/core/model/layout.ts";
import type { Log } from "../../src/ports/log/log.ts";
import type { Signer } from "../../src/ports/signer.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { TEST_LAYOUT } from "./world.ts";

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	/** The parsed JSON, or the text where it is none. */
	readonly body: Readonly<Record<string, unknown>>;
}

export interface GatewayWorld {
	readonly log: Log;
	readonly layout: Layout;
	readonly keysFile: string;
	readonly gateway: GatewayRole;
	readonly url: string;
	/** Issues a key, by default an agent's of tenant `acme`. */
	key(part?: Partial<NewKey>): Promise<string>;
	/** Another gateway on the same log, stopped with the test. */
	another(options?: Partial<GatewayRoleOptions>): Promise<GatewayRole>;
	get(path: string, key: string | null): Promise<Answer>;
	post(path: string, key: string | null, body: unknown): Promise<Answer>;
}

const SECRET = new Uint8Array(32).fill(7);

/** On an embedded log, or (faster, for what needs no file) in memory. Everything ends with the test. */
export async function gatewayWorld(
	policy: string,
	options: Partial<GatewayRoleOptions> & {
		readonly logUrl?: string;
		readonly decides?: boolean;
		readonly tokenSigner?: Signer;
	} = {},
): Promise<GatewayWorld> {
	const folder = mkdtempSync(join(tmpdir(), "assent-gateway-"));
	const { logUrl = `file:${join(folder, "log.db")}`, decides = true, tokenSigner = null, ...given } = options;
	const layout = TEST_LAYOUT;
	await writeNamedFile(join(folder, "policy.yaml"), policy);
	const policies = await loadPolicies([join(folder, "policy.yaml")], layout.budgetRoot);
	if (!policies.ok) throw new Error(JSON.stringify(policies.error));
	const log = await openLog(logUrl, { create: true });
	const node = await startDev({
		log,
		layout,
		policies: policies.value,
		snapshotEvery: 100_000,
		telemetry: silentTelemetry,
		tokenSigner,
	});
	if (!decides) await node.stop();
	const keysFile = join(folder, "keys.yaml");
	const keys = new KeyFile(keysFile, silentTelemetry);
	const gateways: GatewayRole[] = [];
	const another = async (more: Partial<GatewayRoleOptions> = {}): Promise<GatewayRole> => {
		const gateway = await startGateway({
			...{ log, layout, keys, issuers: [], secret: SECRET, telemetry: silentTelemetry, host: "127.0.0.1", port: 0 },
			...{ tls: null, isBehindProxy: false, ...given, ...more },
		});
		gateways.push(gateway);
		return gateway;
	};
	const gateway = await another();
	onTestFinished(async () => {
		await Promise.all(gateways.map((each) => each.stop(0)));
		await node.stop();
		await log.close();
		rmSync(folder, { recursive: true, force: true });
	});
	const url = gateway.address;
	return {
		...{ log, layout, keysFile, gateway, url, another },
		key: async (part = {}) => {
			const key = {
				name: "coder",
				roles: ["agent" as const],
				tenant: "acme",
				agents: "coder",
				tools: ["*"],
				expiresAt: null,
			};
			return (await issueKey(keysFile, { ...key, ...part }, Date.now())).secret;
		},
		get: (path, key) => ask(url, "GET", path, key),
		post: (path, key, body) => ask(url, "POST", path, key, body),
	};
}

/** One request; a text for its body is sent as it is. The answer must be one that the documentation has. */
export async function ask(
	url: string,
	method: "GET" | "POST",
	path: string,
	key: string | null,
	body?: unknown,
): Promise<Answer> {
	const response = await fetch(`${url}${path}`, {
		method,
		headers: {
			...(key === null ? {} : { authorization: `Bearer ${key}` }),
			...(body === undefined ? {} : { "content-type": "application/json" }),
		},
		...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
	});
	const text = await response.text();
	const answer = { status: response.status, headers: response.headers, body: bodyOf(text) };
	assertDocumented(method, path, answer);
	return answer;
}

function bodyOf(text: string): Answer["body"] {
	try {
		return JSON.parse(text) as Answer["body"];
	} catch {
		return { text };
	}
}

/** Problems that any route may answer with. */
const COMMON = [400, 401, 403, 413, 415, 429, 503];

function assertDocumented(method: string, path: string, { status, headers, body }: Answer): void {
	const [bare = ""] = path.split("?", 1);
	const route = ROUTES.find(
		(each) => each.method === method && new RegExp(`^${each.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(bare),
	);
	if (route === undefined) return;
	const form = route.answers[status];
	if (form === undefined && !COMMON.includes(status))
		throw new Error(`${method} ${path} answers ${status}: undocumented`);
	if (status >= 400) {
		if (headers.get("content-type")?.startsWith("application/problem+json") !== true) throw new Error("no problem");
		if (body["status"] !== status)
			throw new Error(`the problem says ${String(body["status"])}, the answer is ${status}`);
		return;
	}
	const read = form?.schema?.safeParse(body);
	if (read?.success === false) throw new Error(`${method} ${path}: not as documented: ${read.error.message}`);
	// What is answered and not documented would be stripped.
	if (read !== undefined && JSON.stringify(sorted(read.data)) !== JSON.stringify(sorted(body))) {
		throw new Error(`${method} ${path}: more than is documented: ${JSON.stringify(body)}`);
	}
}

const sorted = (value: unknown): unknown => {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([key, inner]) => [key, sorted(inner)]),
	);
};
