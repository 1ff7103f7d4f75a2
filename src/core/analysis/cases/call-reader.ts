/** A call of a test case, with what is expected of it: what is written, filled up with defaults, and read as `decide` reads its lines. */
import { readArguments } from "../../arguments/canonical.ts";
import { readFacts } from "../../arguments/session-facts.ts";
import type { Place } from "../../base/errors.ts";
import type { JsonObject } from "../../base/json.ts";
import { readUsage } from "../../codec/reported-usage.ts";
import { cutTo, nameFault } from "../../model/bounds.ts";
import { parseDuration } from "../../model/duration.ts";
import { parseInstant } from "../../model/instant.ts";
import type { EpochMs } from "../../model/units.ts";
import type { DecidedCall } from "../trial.ts";
import type { Expectation, ExpectedBudget, ExpectedObligations, Named } from "./cases.ts";
import { expected, type Layer, said } from "./layers.ts";
import type { CaseProblems } from "./problems.ts";

export interface CallReading {
	readonly id: string;
	/** When the first step of its history was; null: it is the first. */
	readonly start: EpochMs | null;
	readonly isVerdictNeeded: boolean;
	readonly problems: CaseProblems;
}

export interface CallRead {
	readonly call: DecidedCall;
	readonly at: EpochMs | null;
	readonly expected: Expectation | null;
}

/** What is wrong is told to `problems`; then the call that is returned is never decided. */
export function readCall(layers: readonly Layer[], { id, start, isVerdictNeeded, problems }: CallReading): CallRead {
	const here = layers[0]?.placeOf([]) ?? problems.placeOf([]);
	const name = (key: "tool" | "tenant" | "agent" | "session" | "onBehalfOf"): string | null => {
		const written = said(layers, key);
		if (written !== null) checkName(key, written.value, written.place, problems);
		return written?.value ?? null;
	};
	const tool = name("tool");
	if (tool === null) problems.add("`tool` is missing", "name the tool that is called, here or in `defaults`", here);
	const at = timeOf(said(layers, "at"), start, problems);
	const call: DecidedCall = {
		id,
		tenant: name("tenant") ?? "default",
		agent: name("agent") ?? "default",
		session: name("session") ?? "default",
		onBehalfOf: name("onBehalfOf"),
		tool: tool ?? "",
		args: argsOf(layers, problems),
		...factsOf(layers, problems),
		...amountsOf(layers, problems),
		at,
	};
	const expected = expectationOf(layers, here, problems);
	if (isVerdictNeeded && expected?.verdict == null) {
		problems.add("`expect` is missing", "say what is to be decided: `expect: allow`, `deny` or `hold`", here);
	}
	const { verdict } = expected ?? {};
	if (verdict === "pending" || verdict === "refused") {
		problems.add(`a call cannot be \`${verdict}\``, "that is said of votes; a call is `allow`, `deny` or `hold`", here);
	}
	return { call, at, expected };
}

/** By what people recognise it. */
export const nameOfCall = ({ tool, args }: DecidedCall): string =>
	Object.keys(args).length === 0 ? tool : cutTo(`${tool} ${JSON.stringify(args)}`, 100);

export function checkName(key: string, value: string, place: Place, problems: CaseProblems): void {
	const fault = nameFault(value);
	if (fault !== null) problems.add(`\`${key}\` ${fault}`, "correct the name", place);
}

function argsOf(layers: readonly Layer[], problems: CaseProblems): JsonObject {
	const merged = Object.fromEntries(layers.toReversed().flatMap(({ value }) => Object.entries(value.args ?? {})));
	const read = readArguments(merged);
	if (read.ok) return read.value.args;
	const place = said(layers, "args")?.place ?? problems.placeOf([]);
	problems.add(`\`args\` are no arguments: ${read.error.message}`, "write what JSON can hold", place);
	return {};
}

function factsOf(layers: readonly Layer[], problems: CaseProblems): Pick<DecidedCall, "facts"> {
	const written = said(layers, "facts");
	const read = readFacts(written?.value);
	if (read.ok) return { facts: read.value };
	problems.add(
		read.error,
		"give an absolute path on the machine where the tool would run",
		written?.place ?? problems.placeOf([]),
	);
	return { facts: null };
}

function amountsOf(layers: readonly Layer[], problems: CaseProblems): Pick<DecidedCall, "estimate" | "usage"> {
	const read = (key: "estimate" | "usage") => {
		const written = said(layers, key);
		const { usage, faults } = readUsage(written?.value);
		for (const { member, why } of faults) {
			problems.add(`\`${key}.${member}\` ${why}`, "correct the amount", written?.place ?? problems.placeOf([]));
		}
		return usage;
	};
	const { tokens, costMicros } = read("estimate");
	return { estimate: { tokens: tokens ?? 0, costMicros: costMicros ?? 0 }, usage: read("usage") };
}

/** Milliseconds since the epoch; a duration counts from `start`, or from 1970 where nobody says when it was. */
export function timeOf(
	written: { readonly value: string; readonly place: Place } | null,
	start: EpochMs | null,
	problems: CaseProblems,
): EpochMs | null {
	if (written === null) return null;
	const { value, place } = written;
	const after = parseDuration(value);
	if (after !== null) return (start ?? 0) + after;
	const time = parseInstant(value);
	if (time !== null && time >= 0) return time;
	problems.add(
		`\`at\` cannot be \`${cutTo(value, 60)}\``,
		"write how long after the first step it is, such as `5m`, or a time, such as `2026-12-24T09:00:00Z`",
		place,
	);
	return null;
}

/** Null where nothing is expected. */
export function expectationOf(layers: readonly Layer[], here: Place, problems: CaseProblems): Expectation | null {
	if (layers.every(({ value }) => value.expect === undefined)) return null;
	const names = (key: "rule" | "rules" | "audited" | "exceptions" | "reason"): readonly Named[] | null => {
		const written = expected(layers, key);
		if (written === null) return null;
		const { place } = written;
		return (typeof written.value === "string" ? [written.value] : written.value).map((text) => ({ text, place }));
	};
	const obligations = expected(layers, "obligations");
	return {
		place: said(layers, "expect")?.place ?? here,
		verdict: expected(layers, "verdict")?.value ?? null,
		rules: names("rule") ?? [],
		exactly: names("rules"),
		audited: names("audited"),
		exceptions: names("exceptions"),
		reasons: names("reason") ?? [],
		obligations: obligations === null ? null : obligationsOf(obligations.value, obligations.place, problems),
		budgets: budgetsOf(layers),
	};
}

function obligationsOf(
	{ redact, deadline, lease, messages }: NonNullable<ReturnType<typeof expected<"obligations">>>["value"],
	place: Place,
	problems: CaseProblems,
): ExpectedObligations {
	const lengthOf = (text: string | undefined): number | null => {
		if (text === undefined) return null;
		const length = parseDuration(text);
		if (length === null) problems.add(`\`${text}\` is too long`, "write a shorter time", place);
		return length;
	};
	return {
		place,
		redact: redact ?? null,
		deadlineMs: lengthOf(deadline),
		leaseMs: lengthOf(lease),
		messages: messages ?? null,
	};
}

function budgetsOf(layers: readonly Layer[]): readonly ExpectedBudget[] {
	const written = expected(layers, "budgets");
	if (written === null) return [];
	const { place } = written;
	return Object.entries(written.value).map(([text, amounts]) => ({
		limit: { text, place },
		amounts: (["before", "after", "max"] as const).flatMap((key) => {
			const value = amounts[key];
			return value === undefined ? [] : [{ key, value, place }];
		}),
	}));
}
