/** Sealed intents, opened by the keys that whoever opened the log has. */
import { AssentError } from "../core/base/errors.ts";
import { err, type Result } from "../core/base/result.ts";
import type { RecordFault } from "../core/codec/decode.ts";
import { sealFault, unsealIntent } from "../core/codec/sealed.ts";
import type { IntentSealed, IntentSubmitted } from "../core/model/inputs.ts";
import type { PayloadKeys } from "../ports/payload-keys.ts";

/** RECORD_SEALED where there is no key, or none that can be had now; RECORD_ERASED; RECORD_SEAL. */
export function unsealed(record: IntentSealed, keys: PayloadKeys | undefined): Result<IntentSubmitted, RecordFault> {
	const secret = secretOf(record, keys);
	if (secret === null) return err(sealFault(record, "RECORD_SEALED"));
	return secret === "erased" ? err(sealFault(record, "RECORD_ERASED")) : unsealIntent(record, secret);
}

function secretOf({ id, principal }: IntentSealed, keys: PayloadKeys | undefined): ReturnType<PayloadKeys["find"]> {
	const { tenant, agent, session } = principal;
	try {
		return keys?.find({ tenant, agent, session, id }) ?? null;
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code === "ASSENT_PAYLOAD_KEYS") return null;
		throw thrown;
	}
}
