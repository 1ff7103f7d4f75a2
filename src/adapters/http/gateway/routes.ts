/** Every route of the gateway, in the order of its documentation. How to add one is said in `route.ts`. */
import type { GatewayRoute } from "./route.ts";
import { issueChild } from "./routes/credentials.ts";
import { readDecision } from "./routes/decisions.ts";
import { streamEvents } from "./routes/events.ts";
import { submitIntent } from "./routes/intents.ts";
import { addPolicies } from "./routes/policy-additions.ts";
import { comparePolicies } from "./routes/policy-comparison.ts";
import { abandonIntent, reportOutcome } from "./routes/reports.ts";

export const ROUTES: readonly GatewayRoute[] = [
	submitIntent,
	reportOutcome,
	abandonIntent,
	readDecision,
	issueChild,
	comparePolicies,
	addPolicies,
	streamEvents,
];
