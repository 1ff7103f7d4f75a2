/** The notary of this process: its key, its folder, its witnesses. */
import { join } from "node:path";
import { verifierOf } from "../adapters/keys/ed25519.ts";
import type { Layout } from "../core/model/layout.ts";
import { Notary } from "../notary/notary.ts";
import { systemClock } from "../ports/clock.ts";
import type { Log } from "../ports/log/log.ts";
import type { NotaryMeter } from "../ports/notary-meter.ts";
import type { Signer } from "../ports/signer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Witness } from "../ports/witness.ts";
import { staticFolder } from "./static-folder.ts";
import { versionedFile } from "./versioned-file.ts";

export interface NotaryOptions {
	readonly log: Log;
	readonly layout: Layout;
	readonly signer: Signer;
	/** What is published is in it, and below `state` what the notary has signed last. */
	readonly folder: string;
	readonly witnesses: readonly Witness[];
	readonly telemetry: Telemetry;
	readonly meter: NotaryMeter;
}

/** Reads the log, and is ready to sign. Throws as `Notary.start` does. */
export const startNotary = ({ folder, ...parts }: NotaryOptions): Promise<Notary> =>
	Notary.start({
		...parts,
		verifier: verifierOf(parts.signer.key),
		state: versionedFile(join(folder, "state")),
		folder: staticFolder(folder),
		clock: systemClock,
	});
