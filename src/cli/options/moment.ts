/** Moments as options give them. */
import { InvalidArgumentError } from "commander";
import { parseInstant } from "../../core/model/instant.ts";
import type { EpochMs } from "../../core/model/units.ts";

/** Reads a day, a time and an offset from UTC. */
export function moment(text: string): EpochMs {
	const at = parseInstant(text);
	if (at !== null && at >= 0) return at;
	throw new InvalidArgumentError("a day, a time and an offset from UTC are expected, such as 2026-12-31T00:00:00Z.");
}
