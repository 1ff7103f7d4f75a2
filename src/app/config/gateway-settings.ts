/** The `gateway` section of the configuration, with the files that it names. */
import { type Issuer, keysAtUrl, keysOfSet, type Mapped } from "../../adapters/http/gateway/issuers.ts";
import { DEFAULT_LIMITS, type GatewayLimits } from "../../adapters/http/gateway/limits.ts";
import { parseIJson } from "../../core/base/canonical-json.ts";
import { isReplyTopic } from "../../core/codec/headers.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { readNamedText } from "../named-file.ts";
import { type ConfigFile, configFault, pathBeside } from "./config-file.ts";
import type { GatewaySection, IssuerSection } from "./gateway-schema.ts";

/** What the configuration says of a gateway; undefined where it says nothing. */
export interface GatewayConfig {
	readonly host: string | undefined;
	readonly port: number | undefined;
	/** Paths. */
	readonly keysFile: string | undefined;
	readonly secretFile: string | undefined;
	readonly tokenStore: string | undefined;
	readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
	readonly isBehindProxy: boolean;
	readonly drainMs: DurationMs | undefined;
	readonly replyTopic: string | undefined;
	readonly limits: GatewayLimits;
	/** With the files that they name. Throws ASSENT_CONFIG with the place. */
	issuers(): Promise<readonly Issuer[]>;
}

/** Throws ASSENT_CONFIG with the place. */
export function gatewayConfigOf(file: ConfigFile): GatewayConfig {
	const section: GatewaySection = file.data.gateway ?? {};
	const {
		host,
		port,
		keys,
		secret,
		tokenStore,
		tls,
		behindProxy = false,
		drain,
		replyTopic,
		rate,
		waiting,
		connections,
	} = section;
	if (replyTopic !== undefined && !isReplyTopic(replyTopic)) {
		const help = "name it `replies.<name>`: small letters, digits and `-`";
		throw configFault(file, ["gateway", "replyTopic"], "answers are never written there", help);
	}
	const beside = (path: string | undefined): string | undefined =>
		path === undefined ? undefined : pathBeside(file, path);
	const { perSecond = DEFAULT_LIMITS.rate.perSecond, burst = Math.max(1, Math.ceil(perSecond / 5)) } = rate ?? {};
	return {
		...{ host, port, keysFile: beside(keys), secretFile: beside(secret), tokenStore: beside(tokenStore) },
		tls: tls === undefined ? null : { certFile: pathBeside(file, tls.cert), keyFile: pathBeside(file, tls.key) },
		...{ isBehindProxy: behindProxy, drainMs: drain, replyTopic },
		limits: {
			...DEFAULT_LIMITS,
			rate: { perSecond, burst },
			waiting: waiting ?? DEFAULT_LIMITS.waiting,
			connections: connections ?? DEFAULT_LIMITS.connections,
		},
		issuers: () => Promise.all((section.issuers ?? []).map((issuer, index) => issuerOf(file, issuer, index))),
	};
}

async function issuerOf(file: ConfigFile, section: IssuerSection, index: number): Promise<Issuer> {
	const { issuer, audience, algorithms, claims = {} } = section;
	const mapped = <Name extends "roles" | "tenant" | "agents" | "tools">(
		name: Name,
	): Mapped<NonNullable<IssuerSection[Name]>> => {
		const [fixed, claim] = [section[name], claims[name]];
		if ((fixed === undefined) === (claim === undefined)) {
			const help = `write \`${name}\`, the same for all of its tokens, or \`claims: { ${name}: CLAIM }\``;
			throw configFault(file, ["gateway", "issuers", index], `\`${name}\` must be said once`, help);
		}
		return claim === undefined ? { fixed: fixed as NonNullable<IssuerSection[Name]> } : { claim };
	};
	const hasTools = section.tools !== undefined || claims.tools !== undefined;
	return {
		...{ issuer, audience, algorithms: algorithms ?? ["EdDSA", "ES256"] },
		...{ roles: mapped("roles"), tenant: mapped("tenant"), agents: mapped("agents") },
		tools: hasTools ? mapped("tools") : { fixed: ["*"] },
		keys: await keysOf(file, section.jwks, index),
	};
}

async function keysOf(file: ConfigFile, jwks: string, index: number): Promise<Issuer["keys"]> {
	const fault = (message: string) =>
		configFault(
			file,
			["gateway", "issuers", index, "jwks"],
			message,
			"name a file that holds a JWK set, or an `https:` URL",
		);
	if (/^https?:/.test(jwks)) {
		const url = URL.parse(jwks);
		const isSafe = url?.protocol === "https:" || url?.hostname === "127.0.0.1" || url?.hostname === "localhost";
		if (url === null || !isSafe) throw fault("the keys would come over the network in the clear");
		return keysAtUrl(url);
	}
	const read = await readNamedText(pathBeside(file, jwks));
	if (!read.ok) throw fault(read.error.message);
	const parsed = parseIJson(read.value);
	if (!parsed.ok) throw fault(parsed.error.message);
	try {
		return keysOfSet(parsed.value);
	} catch {
		throw fault("the file holds no JWK set");
	}
}
