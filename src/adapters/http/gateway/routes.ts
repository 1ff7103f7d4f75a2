/** Every route of the gateway, in the order of its documentation. How to add one is said in `route.ts`. */
import type { GatewayRoute } from "./route.ts";
import { grantApproval, listApprovals, readApproval, rejectApproval } from "./routes/approvals.ts";
import { adjustBudget, listBudgets } from "./routes/budgets.ts";
import { issueChild } from "./routes/credentials.ts";
import { readDecision } from "./routes/decisions.ts";
import { streamEvents } from "./routes/events.ts";
import { liftHalt, listHalts, setHalt } from "./routes/halts.ts";
import { submitIntent } from "./routes/intents.ts";
import { activate, readPolicies } from "./routes/policies.ts";
import { addPolicies } from "./routes/policy-additions.ts";
import { comparePolicies } from "./routes/policy-comparison.ts";
import { abandonIntent, reportOutcome } from "./routes/reports.ts";
import { consumeToken } from "./routes/tokens.ts";
import { listUnknownCalls } from "./routes/unknown-calls.ts";

export const ROUTES: readonly GatewayRoute[] = [
	submitIntent,
	reportOutcome,
	abandonIntent,
	readDecision,
	consumeToken,
	issueChild,
	comparePolicies,
	addPolicies,
	streamEvents,
	listApprovals,
	readApproval,
	grantApproval,
	rejectApproval,
	listHalts,
	setHalt,
	liftHalt,
	listBudgets,
	adjustBudget,
	listUnknownCalls,
	readPolicies,
	activate,
];
