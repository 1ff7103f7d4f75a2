/** What came of an activation, in words: in force, proposed, refused, or still on its way. */
import type { Claim } from "../../core/analysis/comparison/compare.ts";
import type { Review } from "../../core/analysis/review.ts";
import type { LedgerEntry } from "../../core/model/entries.ts";
import type { PolicyChanges } from "../../reading/bundle-changes.ts";
import type { Context } from "../context.ts";
import { restartLines } from "./comparison.ts";

type Refusal = Extract<LedgerEntry, { kind: "input.rejected" }>;

export interface ActivationOutcome {
	readonly digest: string;
	readonly generation: number;
	/** What was in force, or about to be; null: nothing. */
	readonly before: { readonly digest: string; readonly generation: number } | null;
	readonly changes: PolicyChanges;
	readonly partitions: number;
	/** Partitions that have answered, and those on which it came into force or was proposed. */
	readonly answered: number;
	readonly adopted: number;
	readonly proposed: number;
	/** The first of two operators; empty where one was enough. */
	readonly proposedBy: string;
	/** The proposal of something else that was open until then; null where none was. */
	readonly replaced: { readonly digest: string; readonly by: string } | null;
	/** The first of those that refused it; null where none did. */
	readonly refusal: Refusal | null;
	/** What it takes in place of what was in force; null where nobody asked. */
	readonly review: Review | null;
}

export function outcomeOf(
	answers: ReadonlyMap<number, LedgerEntry>,
): Pick<ActivationOutcome, "answered" | "adopted" | "proposed" | "proposedBy" | "refusal"> {
	const entries = [...answers.values()];
	const activated = entries.filter((entry) => entry.kind === "policy.activated");
	return {
		answered: entries.length,
		adopted: activated.length,
		proposed: entries.filter(({ kind }) => kind === "policy.proposed").length,
		proposedBy: activated.find(({ proposedBy }) => proposedBy !== "")?.proposedBy ?? "",
		refusal: entries.find((entry) => entry.kind === "input.rejected") ?? null,
	};
}

/** Prints what happened, and nothing of what did not: of what was refused everywhere there is nothing to say here. */
export function printOutcome(context: Context, outcome: ActivationOutcome): void {
	const { generation, before, changes, adopted, proposed, proposedBy, replaced, partitions, answered } = outcome;
	const set = short(outcome.digest);
	const on = (count: number): string => (count === partitions ? "" : ` on ${count} of ${partitions} partitions`);
	const was = placeText(outcome);
	const by = proposedBy === "" ? "" : `, proposed by ${proposedBy}`;
	const stays = before === null ? "nothing is in force" : `${short(before.digest)} stays in force`;
	if (adopted > 0) context.print(`${set} is in force${on(adopted)} as generation ${generation}, ${was}${by}`);
	if (proposed > 0) context.print(`${set} is proposed${on(proposed)} as generation ${generation}; ${stays}`);
	if (answered === 0) context.print(`${set} is on the log as generation ${generation}, ${was}`);
	if (adopted === 0 && proposed === 0 && answered > 0) return;
	if (replaced !== null) context.print(`the proposal ${short(replaced.digest)} of ${replaced.by} is taken back`);
	for (const name of changes.added) context.print(`  + ${name}`);
	for (const name of changes.changed) context.print(`  ~ ${name}`);
	for (const name of changes.removed) context.print(`  - ${name}`);
}

/** In place of what it comes. */
function placeText({ digest, before }: ActivationOutcome): string {
	if (before === null) return "nothing was in force before";
	return before.digest === digest ? "as before" : `in place of ${short(before.digest)}`;
}

/** What a script reads. */
export const outcomeJson = ({ refusal, review, ...outcome }: ActivationOutcome): object => ({
	...outcome,
	// It changed something, or will once it is read.
	isChanged: outcome.adopted > 0 || outcome.answered < outcome.partitions,
	refused: refusal === null ? null : { code: refusal.code, detail: refusal.detail },
	relation: review?.comparison.relation ?? null,
	restarts: review?.restarts ?? [],
});

/** Says why a second operator is needed and what that one does. Exit code 1: what was asked for is not in force. */
export function needsSecondOperator(context: Context, { review }: ActivationOutcome, command: string): void {
	context.note(`a second operator is needed: ${whyNeeded(review)}`);
	for (const line of restartLines(review?.restarts ?? [])) context.note(`  ${line}`);
	const looser = review?.comparison.looser ?? [];
	for (const claim of looser.slice(0, SHOWN)) context.note(`  ${claimText(claim)}`);
	if (looser.length > SHOWN) context.note(`  and ${looser.length - SHOWN} more: \`assent policy compare\``);
	context.note(
		`help: another operator runs \`${command}\`; to activate what is in force again, or anything else, takes the proposal back`,
	);
	context.exitCode = 1;
}

function whyNeeded(review: Review | null): string {
	if (review?.isNeeded === false)
		return "the policies were proposed when they were not proven to be as strict as those in force";
	return review?.comparison.isAtLeastAsStrict === "yes"
		? "the policies would not go on with all that was counted under those in force"
		: "the policies are not proven to be as strict as those in force";
}

const SHOWN = 5;

const claimText = ({ dimension, scope, policy, rule, why }: Claim): string =>
	`${dimension}${scope === null ? "" : ` (${scope})`}: ${rule === "" ? "" : `${policy}/${rule}: `}${why}`;

export const short = (digest: string): string => digest.slice(0, 12);
