/** A call whose token came from elsewhere, as its executor is about to run it. */
import { readArguments } from "../core/arguments/canonical.ts";
import { type Problem, problem } from "../core/base/errors.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import { callDigest } from "../core/token/call-digest.ts";
import type { ExpectedCall } from "../core/token/verification.ts";

export interface ReceivedCall {
	/** This executor's name, which the intent has named; null where something else says that the call is for this executor. */
	readonly executor: string | null;
	readonly tenant: string;
	/** Where they are known; else a call of any agent, session or id of the tenant is good. */
	readonly agent?: string | ((agent: string) => boolean);
	readonly session?: string;
	readonly id?: string;
	readonly tool: string;
	/** As they are about to run. */
	readonly args: object;
}

/** An error is a problem of the RECORD family: arguments that are not plain JSON have no digest. */
export function expectedOf(call: ReceivedCall): Result<ExpectedCall, Problem> {
	const { executor, tenant, agent, session, id, tool, args } = call;
	const read = readArguments(args);
	if (!read.ok) return err(problem(read.error.code, `the arguments are not plain JSON: ${read.error.message}`));
	if (typeof tool !== "string") return err(problem("RECORD_FIELD", "the tool is not a text"));
	return ok({ audience: executor, tenant, agent, session, id, callDigest: callDigest(tool, read.value.text) });
}
