/** A processor beside a client, in one process: it decides by the policies that the client brings along. */
import { AssentError, formatProblem, type Problem, placeText, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import { placeOfLedger } from "../operations/questions.ts";
import type { Log } from "../ports/log/log.ts";
import type { CompanionParts } from "./client-connection.ts";
import { type DevNode, startDev } from "./dev.ts";
import { loadPolicies } from "./policies.ts";

/** Throws ASSENT_USAGE where another process decides on the log, and the problems of the policies. */
export async function startOwnProcessor(
	policies: readonly string[],
	{ log, layout, telemetry }: CompanionParts,
): Promise<DevNode> {
	if (await isDecided(log, layout)) throw othersDecide(log.url);
	const loaded = await loadPolicies(policies, layout.budgetRoot);
	if (!loaded.ok) {
		const [first] = loaded.error;
		if (first === undefined) throw new Error("policies were refused without a reason");
		// One problem says itself with its help; several are a text in which each has its own.
		if (loaded.error.length === 1) throw new AssentError(placed(first));
		throw new AssentError({ ...first, message: loaded.error.map(formatProblem).join("\n"), help: "" });
	}
	return startDev({ log, layout, policies: loaded.value, snapshotEvery: 100_000, telemetry });
}

/** Does another process answer for a partition of this log file? */
async function isDecided(log: Log, { partitions }: Layout): Promise<boolean> {
	const places = await Promise.all(Array.from({ length: partitions }, (_, each) => placeOfLedger(log, each)));
	return places.some((place) => place !== null);
}

/** A message stands alone in a stack trace: it says where. */
const placed = (found: Problem): Problem =>
	found.place?.line === undefined ? found : { ...found, message: `${placeText(found.place)}: ${found.message}` };

const othersDecide = (url: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`another process decides on ${url}, and \`policies\` would take its place`,
			"leave `policies` out, so that its policies decide, or name a log of your own, as `memory:`",
		),
	);
