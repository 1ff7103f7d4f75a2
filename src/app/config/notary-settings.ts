/** The `notary` section of the configuration. */
import { httpWitness } from "../../adapters/http/witness/add-checkpoint.ts";
import { verifierOf } from "../../adapters/keys/ed25519.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import { COSIGNATURE, readPublicKey } from "../../core/model/signing-keys.ts";
import type { Witness } from "../../ports/witness.ts";
import { type ConfigFile, configFault, pathBeside } from "./config-file.ts";
import { type MetricsAddress, metricsAddress } from "./metrics-address.ts";

export interface NotaryConfig {
	/** Paths; undefined where the file does not say. */
	readonly keyFile: string | undefined;
	readonly folder: string | undefined;
	/** Null: nothing is measured or served. */
	readonly metrics: MetricsAddress | null;
	readonly witnesses: readonly Witness[];
}

/** Throws ASSENT_CONFIG with the place. */
export function notaryConfigOf(file: ConfigFile): NotaryConfig {
	const { key, out, witnesses = [], metrics } = file.data.notary ?? {};
	return {
		keyFile: key === undefined ? undefined : pathBeside(file, key),
		folder: out === undefined ? undefined : pathBeside(file, out),
		metrics: metricsAddress(metrics),
		witnesses: witnesses.map((named, index) => {
			const witness = witnessOf(named);
			if (witness.ok) return witness.value;
			const { part, message } = witness.error;
			throw configFault(file, ["notary", "witnesses", index, part], message, WITNESS_HELP[part]);
		}),
	};
}

/** An error says which of the two cannot be used, and why. */
export function witnessOf(named: {
	readonly url: string;
	readonly key: string;
}): Result<Witness, { readonly part: "url" | "key"; readonly message: string }> {
	const url = URL.parse(named.url);
	if (url === null || !/^https?:$/.test(url.protocol))
		return err({ part: "url", message: `\`${named.url}\` is no address of a witness` });
	const key = readPublicKey(named.key, COSIGNATURE);
	return key.ok ? ok(httpWitness(named.url, verifierOf(key.value))) : err({ part: "key", message: key.error });
}

export const WITNESS_HELP = {
	url: "write `https://…`",
	key: "its operator tells it: `NAME+ID+KEY`, with a key for cosignatures",
} as const;
