/** The gateway of `assent dev`: with a key of its own, so that an agent in the same folder asks without any set-up. */
import { dirname, join } from "node:path";
import { ROLES } from "../adapters/http/gateway/credential.ts";
import { AssentError } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import { pathOf } from "../operations/log-url.ts";
import { systemClock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";
import type { Signer } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Publisher } from "../publishing/input-publisher.ts";
import { issueKey, KeyFile } from "./bearer-keys.ts";
import { replaceFile } from "./file-change.ts";
import { GATEWAY_HOST, GATEWAY_PORT, type GatewayRole, type GatewayRoleOptions, startGateway } from "./gateway.ts";
import { readNamedText } from "./named-file.ts";
import { publisherSecret } from "./publisher-secret.ts";

export interface DevGatewayOptions {
	readonly log: Log;
	readonly logUrl: string;
	readonly layout: Layout;
	readonly telemetry: Telemetry;
	/** What Fastify itself has to say goes there. */
	readonly httpLog: NonNullable<GatewayRoleOptions["httpLog"]>;
	/** Sign what is published, and what is said on `control`, where the policies ask for that. */
	readonly publisher: Publisher | null;
	readonly operatorSigner: Signer | null;
	/** Seals what is published; null: it is in the clear. */
	readonly sealing: PayloadKeys | null;
	/** Undefined: the usual one, or any that is free where that is taken. */
	readonly port: number | undefined;
}

export interface DevGateway extends GatewayRole {
	/** The file that says where it is and holds a key: `{"url", "key"}`. */
	readonly file: string;
}

/** Throws ASSENT_USAGE where a port that was named cannot be had. */
export async function startDevGateway(options: DevGatewayOptions): Promise<DevGateway> {
	const { log, logUrl, layout, telemetry, httpLog, port, publisher, operatorSigner, sealing } = options;
	const folder = dirname(pathOf(logUrl) ?? ".assent/log.db");
	const keys = join(folder, "keys.yaml");
	const file = join(folder, "gateway.json");
	const known = new KeyFile(keys, telemetry);
	const kept = await keptKey(file);
	const key = kept !== null && (await isKnown(known, kept)) ? kept : await issued(keys);
	const parts = { log, layout, telemetry, httpLog, keys: known, issuers: [], secret: await publisherSecret(logUrl) };
	const tokenStore = join(folder, "tokens.db");
	const signing = { publisher, operatorSigner, sealing };
	const listening = { ...parts, ...signing, tokenStore, host: GATEWAY_HOST, tls: null, isBehindProxy: false };
	const gateway = await startGateway({ ...listening, port: port ?? GATEWAY_PORT }).catch((thrown: unknown) => {
		if (port !== undefined || !(thrown instanceof AssentError) || thrown.facts["errno"] !== "EADDRINUSE") throw thrown;
		return startGateway({ ...listening, port: 0 });
	});
	await replaceFile(file, `${JSON.stringify({ url: gateway.address, key })}\n`);
	return { ...gateway, file };
}

async function issued(keys: string): Promise<string> {
	const everything = { name: "assent dev", roles: [...ROLES], tenant: "default", agents: "*", tools: ["*"] };
	return (await issueKey(keys, { ...everything, expiresAt: null }, systemClock.now())).secret;
}

/** The key that an earlier start wrote down; null where there is none. */
async function keptKey(file: string): Promise<string | null> {
	const read = await readNamedText(file);
	if (!read.ok) return null;
	try {
		const { key } = JSON.parse(read.value) as { readonly key?: unknown };
		return typeof key === "string" ? key : null;
	} catch {
		return null;
	}
}

/** A file of keys that is not there yet knows none; one that cannot be read is not written over. */
async function isKnown(known: KeyFile, key: string): Promise<boolean> {
	try {
		return (await known.find(key)) !== null;
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_FILE_MISSING") return false;
		throw thrown;
	}
}
