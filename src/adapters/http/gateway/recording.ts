/** What an operator's or approver's word came to: the ledger's entry for it, or the problem that says why it has no effect. */
import type { AssentError } from "../../../core/base/errors.ts";
import type { InputRejectedEntry, LedgerEntry } from "../../../core/model/entries.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import { answersTo } from "../../../operations/answers.ts";
import type { SentControl } from "../../../operations/operators.ts";
import { conflict, forbidden, notFound } from "./problems.ts";
import type { GatewayParts } from "./route.ts";

/** How long a request waits for those who decide. */
const WAIT_MS: DurationMs = 5_000;

/** The entries of records that were sent, by partition, as far as they come in time. */
export const recordedOf = (
	{ log, layout, closing }: GatewayParts,
	sent: readonly SentControl[],
	gone: AbortSignal,
): Promise<ReadonlyMap<number, LedgerEntry>> =>
	answersTo(log, layout, sent, { waitMs: WAIT_MS, signal: AbortSignal.any([gone, closing]) });

/** The entry of the one record; null where nobody decided in time: it is on the log, and counts as soon as somebody does. */
export async function recordedOne(
	parts: GatewayParts,
	sent: SentControl,
	gone: AbortSignal,
): Promise<LedgerEntry | null> {
	const entries = await recordedOf(parts, [sent], gone);
	return entries.get(sent.partition) ?? null;
}

/** Throws the problem of a record that was rejected. */
export function assertTaken(entry: LedgerEntry | undefined | null): void {
	if (entry?.kind === "input.rejected") throw rejection(entry);
}

function rejection({ code, detail }: InputRejectedEntry): AssentError {
	const message = `${code}: ${detail}`;
	const help = "another approver has to decide";
	if (code === "approval.self") return forbidden(message, `${help}, unless the rule's approvals say \`self: allowed\``);
	if (code === "approval.not_permitted") return forbidden(message, help);
	if (UNKNOWN.has(code)) return notFound(message, "look at what there is, and name exactly that");
	return conflict(message, "look at what is recorded now");
}

const UNKNOWN: ReadonlySet<string> = new Set(["approval.unknown", "halt.unknown", "budget.unknown", "session.unknown"]);
