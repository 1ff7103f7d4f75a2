/** Whether what a process publishes is sealed, and by which keys (docs/privacy.md). */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Log } from "../ports/log/log.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";

export interface Privacy {
	/** `sealed`: arguments are on the log under keys that are kept outside it, so that they can be erased. */
	readonly mode: "clear" | "sealed";
	/**
	 * Path of the file of keys, which publishers and processors share: by default `payload-keys.db` beside a log file. On Kafka it has to be
	 * named.
	 */
	readonly keys?: string | undefined;
}

/** Null: in the clear. Throws ASSENT_USAGE where there is no file of keys. */
export function sealingOf({ mode }: Pick<Privacy, "mode">, { payloads, url }: Log): PayloadKeys | null {
	if (mode === "clear") return null;
	if (payloads !== undefined) return payloads;
	const help = "name the file that publishers and processors share: `privacy: { mode: sealed, keys: PATH }`";
	throw new AssentError(problem("ASSENT_USAGE", `there is no file for the keys of what is sealed on ${url}`, help));
}
