/** What a notary works with. */
import type { Layout } from "../core/model/layout.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { NotaryMeter } from "../ports/notary-meter.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import type { Signer, Verifier } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { VersionedText } from "../ports/versioned-text.ts";
import type { Witness } from "../ports/witness.ts";

export interface NotaryParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly signer: Signer;
	/** Of the same key. */
	readonly verifier: Verifier;
	readonly state: VersionedText;
	readonly folder: PublicFolder;
	/** They cosign the anchor's checkpoints, which are published with that. */
	readonly witnesses: readonly Witness[];
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly meter: NotaryMeter;
}
