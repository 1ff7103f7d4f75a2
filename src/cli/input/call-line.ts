/**
 * The lines that `decide`, `submit` and `demo` read: calls, `{id?, tenant?, agent?, session?, onBehalfOf?, tool, args,
 * facts?, estimate?, usage?, at?}`, and outcomes, `{outcome: {id, status, usage?, tenant?, agent?, session?}}`.
 *
 * One reader for all of them, and for what the library accepts: a call is taken if its intent can be published. A key that
 * is not known is an error of its line and never passed over: it may be an argument, or a limit, under another name.
 */
import { type DecidedCall, intentOf } from "../../core/analysis/trial.ts";
import { readArguments } from "../../core/arguments/canonical.ts";
import { readFacts } from "../../core/arguments/session-facts.ts";
import { AssentError } from "../../core/base/errors.ts";
import type { Json, JsonObject } from "../../core/base/json.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import { suggest } from "../../core/base/suggestion.ts";
import { checkPublishable, encodeInput } from "../../core/codec/encode.ts";
import { readUsage } from "../../core/codec/reported-usage.ts";
import { cutTo, NAME_LENGTH_MAX, nameFault } from "../../core/model/bounds.ts";
import type { OutcomeStatus, Usage } from "../../core/model/inputs.ts";
import type { Line } from "./lines.ts";

export type ReadLine =
	| { readonly kind: "call"; readonly call: DecidedCall }
	| { readonly kind: "outcome"; readonly outcome: OutcomeLine };

/** What came of a call that the line names by its id. Names that it leaves out are the caller's to fill in. */
export interface OutcomeLine {
	readonly id: string;
	readonly status: OutcomeStatus;
	readonly usage: Usage;
	readonly tenant: string | null;
	readonly agent: string | null;
	readonly session: string | null;
}

/** A line that cannot be taken. */
export interface BadLine {
	/** The call's id where it can be read, else the line's number. */
	readonly id: string;
	/** `line 7: …`. */
	readonly message: string;
}

const CALL_KEYS = [
	"id",
	"tenant",
	"agent",
	"session",
	"onBehalfOf",
	"tool",
	"args",
	"facts",
	"estimate",
	"usage",
	"at",
] as const;
const OUTCOME_KEYS = ["id", "status", "usage", "tenant", "agent", "session"] as const;

/** Keys by which other formats name what is called otherwise here. */
const MEANT: Readonly<Record<string, string>> = {
	arguments: "args",
	argument: "args",
	input: "args",
	inputs: "args",
	parameters: "args",
	params: "args",
	tool_input: "args",
	tool_name: "tool",
	name: "tool",
	function: "tool",
	user: "onBehalfOf",
	timestamp: "at",
	time: "at",
};

/** The end of the year 9999: a greater number counts another unit than milliseconds. */
const AT_MAX = 253_402_300_799_999;

/** `unnamed` is the id of a call without one. */
export function readLine(line: Line, unnamed: () => string): Result<ReadLine, BadLine> {
	const bad = (id: string, message: string): Result<never, BadLine> =>
		err({ id, message: `line ${line.number}: ${message}` });
	if (!line.read.ok) return bad(String(line.number), line.read.error);
	const { value } = line.read;
	if (Object.hasOwn(value, "outcome")) {
		const outcome = readOutcome(value);
		return outcome.ok ? ok({ kind: "outcome", outcome: outcome.value }) : bad(String(line.number), outcome.error);
	}
	const call = readCall(value, unnamed);
	return call.ok ? ok({ kind: "call", call: call.value }) : bad(idOf(value) ?? String(line.number), call.error);
}

/** The id as the call carries it; null when there is none that a record could hold. */
function idOf(line: JsonObject): string | null {
	const id = member(line, "id");
	if (typeof id === "number") return String(id);
	return typeof id === "string" && nameFault(id) === null ? id : null;
}

function readCall(line: JsonObject, unnamed: () => string): Result<DecidedCall, string> {
	const unknown = unknownKey(line, CALL_KEYS);
	if (unknown !== null) return err(unknown);
	const id = Object.hasOwn(line, "id") ? idOf(line) : unnamed();
	if (id === null) return err(nameExpected("id", member(line, "id")));
	const names = readNames(line, { tenant: "default", agent: "default", session: "default", tool: null });
	if (!names.ok) return names;
	const args = member(line, "args");
	if (args === undefined) return err('`args` is missing: write `"args":{}` for a call without arguments');
	if (!isObject(args)) return err("`args` is not an object");
	// Read as the library reads them, so that the command accepts and refuses the same calls.
	const plain = readArguments(args);
	if (!plain.ok) return err(`\`args\` are not plain JSON: ${plain.error.message}`);
	const onBehalfOf = member(line, "onBehalfOf") ?? null;
	if (onBehalfOf !== null && (typeof onBehalfOf !== "string" || nameFault(onBehalfOf) !== null)) {
		return err(nameExpected("onBehalfOf", onBehalfOf));
	}
	const facts = readFacts(member(line, "facts"));
	if (!facts.ok) return facts;
	const estimate = readAmounts(member(line, "estimate"), "estimate");
	if (!estimate.ok) return estimate;
	if (estimate.value.executionMs !== null) return err("`estimate.executionMs` is no member: time is not estimated");
	const usage = readAmounts(member(line, "usage"), "usage");
	if (!usage.ok) return usage;
	const at = member(line, "at");
	if (at !== undefined && !(isCount(at) && at <= AT_MAX)) return err("`at` is not a time in milliseconds since 1970");
	const { tenant, agent, session, tool } = names.value;
	const call = {
		id,
		tenant,
		agent,
		session,
		onBehalfOf,
		tool,
		args: plain.value.args,
		facts: facts.value,
		estimate: { tokens: estimate.value.tokens ?? 0, costMicros: estimate.value.costMicros ?? 0 },
		usage: usage.value,
		at: at === undefined ? null : at,
	};
	const fault = unpublishable(call);
	return fault === null ? ok(call) : err(fault);
}

function readOutcome(line: JsonObject): Result<OutcomeLine, string> {
	const stray = Object.keys(line).find((key) => key !== "outcome");
	if (stray !== undefined) return err(`\`${stray}\` is beside \`outcome\`: an outcome needs a line of its own`);
	const outcome = member(line, "outcome");
	if (!isObject(outcome)) return err("`outcome` is not an object");
	const unknown = unknownKey(outcome, OUTCOME_KEYS);
	if (unknown !== null) return err(`outcome: ${unknown}`);
	const id = idOf(outcome);
	if (id === null) return err(nameExpected("outcome.id", member(outcome, "id")));
	const status = member(outcome, "status");
	if (status === undefined) {
		return err('`outcome.status` is missing: `"status":"ok"` where the tool ended well, else `"status":"error"`');
	}
	if (status !== "ok" && status !== "error" && status !== "unknown") {
		return err("`outcome.status` is `ok`, `error` or `unknown`");
	}
	const usage = readAmounts(member(outcome, "usage"), "outcome.usage");
	if (!usage.ok) return usage;
	const names = readNames(outcome, { tenant: "", agent: "", session: "" });
	if (!names.ok) return names;
	const { tenant, agent, session } = names.value;
	return ok({
		id,
		status,
		usage: usage.value,
		tenant: tenant === "" ? null : tenant,
		agent: agent === "" ? null : agent,
		session: session === "" ? null : session,
	});
}

/** Names by key, with what stands for one that is missing; null: it must be there. */
function readNames<Key extends string>(
	line: JsonObject,
	fallbacks: Readonly<Record<Key, string | null>>,
): Result<Record<Key, string>, string> {
	const names: Partial<Record<Key, string>> = {};
	for (const key of Object.keys(fallbacks) as Key[]) {
		const given = member(line, key);
		const value = given === undefined ? fallbacks[key] : given;
		if (typeof value !== "string" || (given !== undefined && nameFault(value) !== null)) {
			return err(nameExpected(key, value));
		}
		names[key] = value;
	}
	return ok(names as Record<Key, string>);
}

function nameExpected(key: string, value: Json | undefined): string {
	if (value === undefined || value === null)
		return `\`${key}\` is missing: a text of 1 to ${NAME_LENGTH_MAX} characters`;
	return `\`${key}\` ${nameFault(value)}`;
}

function unknownKey(line: JsonObject, known: readonly string[]): string | null {
	const key = Object.keys(line).find((each) => !known.includes(each));
	if (key === undefined) return null;
	const meant = Object.hasOwn(MEANT, key) ? MEANT[key] : undefined;
	const isMeant = meant !== undefined && known.includes(meant);
	return `unknown key \`${cutTo(key, 64)}\`: ${isMeant ? `did you mean \`${meant}\`?` : suggest(key, known)}`;
}

/** What a line says was used. A member that it leaves out is unknown; one that cannot be read is an error of the line. */
function readAmounts(value: Json | undefined, key: string): Result<Usage, string> {
	const { usage, faults } = readUsage(value);
	if (faults.length === 0) return ok(usage);
	return err(
		faults
			.map(({ member, why }) => `\`${member === "usage" ? key : `${key}.${cutTo(member, 64)}`}\` ${why}`)
			.join("; "),
	);
}

/** Why nobody could publish the call's intent, or null: whatever a client adds (salts, times) has its greatest length. */
function unpublishable(call: DecidedCall): string | null {
	const intent = intentOf(call, AT_MAX);
	try {
		const principal = { ...intent.principal, sessionStartedAt: AT_MAX };
		const checked = checkPublishable(encodeInput({ ...intent, principal }));
		return checked.ok ? null : checked.error.message;
	} catch (thrown) {
		if (thrown instanceof AssentError && thrown.code.startsWith("RECORD_")) return thrown.problem.message;
		throw thrown;
	}
}

/** A member of the line itself: `constructor` and the like are no keys of it. */
const member = (line: JsonObject, key: string): Json | undefined => (Object.hasOwn(line, key) ? line[key] : undefined);

const isObject = (value: Json | undefined): value is JsonObject =>
	value !== null && typeof value === "object" && !Array.isArray(value);

/** A count below what the ledger can write. */
const isCount = (value: Json | undefined): value is number =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER;
