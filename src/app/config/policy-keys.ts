/** Keys that a configuration names: one of them must have signed what is put into force. */
import { verifierOf } from "../../adapters/keys/ed25519.ts";
import { readPublicKey } from "../../core/model/signing-keys.ts";
import type { PolicyKeys } from "../../reading/bundle-signature.ts";
import { type ConfigFile, configFault } from "./config-file.ts";

/** Throws ASSENT_CONFIG with the place. */
export function policyKeysOf(config: ConfigFile): PolicyKeys {
	return (config.data.policyKeys ?? []).map((text, index) => {
		const key = readPublicKey(text);
		if (key.ok) return verifierOf(key.value);
		const help = "write what `assent keys create` printed";
		throw configFault(config, ["policyKeys", index], key.error, help);
	});
}
