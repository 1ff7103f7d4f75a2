/** The notary of `assent dev`: signs what the same process decides, with a key that somebody has made for it. */
import { dirname, join } from "node:path";
import { AssentError, problem } from "../core/base/errors.ts";
import { publicKeyText } from "../core/model/signing-keys.ts";
import { pathOf } from "../operations/log-url.ts";
import type { Signer } from "../ports/signer.ts";
import type { Config } from "./config/config.ts";
import { type NotaryOptions, startNotary } from "./notary.ts";
import { readSigner } from "./signing-keys.ts";

export interface DevNotarySettings extends Pick<NotaryOptions, "signer" | "folder" | "witnesses"> {
	/** `NAME+ID+KEY`. */
	readonly publicKey: string;
}

/**
 * Null where no key is named: none is made here, for whoever has the key can sign another history. Throws ASSENT_USAGE for a log that ends
 * with the process, which no signature outlives, and as `readSigner`.
 */
export async function devNotarySettings(config: Config, named?: string): Promise<DevNotarySettings | null> {
	const { keyFile, folder, witnesses } = config.notary;
	const key = named ?? keyFile;
	if (key === undefined) return null;
	const file = pathOf(config.logUrl);
	if (file === null)
		throw new AssentError(
			problem(
				"ASSENT_USAGE",
				`${config.logUrl} ends with the process, and what is signed stays`,
				"leave the notary out, or name a log file: `--log file:PATH`",
			),
		);
	const signer: Signer = await readSigner(key);
	return { signer, folder: folder ?? join(dirname(file), "audit"), witnesses, publicKey: publicKeyText(signer.key) };
}

export interface DevNotary {
	/** Why it signs no more; null after `stop`. */
	readonly ended: Promise<AssentError | null>;
	/** Signs what is left to be signed. Idempotent. */
	stop(): Promise<void>;
}

/** Throws as `startNotary`. */
export async function startDevNotary(options: NotaryOptions): Promise<DevNotary> {
	const notary = await startNotary(options);
	const stopping = new AbortController();
	const ended = notary.run(stopping.signal).then(
		() => null,
		(thrown: unknown) => {
			if (thrown instanceof AssentError) return thrown;
			throw thrown;
		},
	);
	return {
		ended,
		stop: async () => {
			stopping.abort();
			await ended;
		},
	};
}
