/** Replies: what an asker is told of an entry, and the address it goes to. */
import { expiryReason } from "../../engine/reasons.ts";
import type { Effect, LedgerEntry } from "../../model/entries.ts";
import { type CallId, callIdOf, callKey } from "../../model/ids.ts";
import type { ReplyAddress } from "../../model/inputs.ts";
import type { DecisionReplied } from "../../model/records.ts";
import { type Answer, answerOf, denied } from "./answers.ts";
import { NOTHING, type Projection } from "./projection.ts";

/** Of entries that this process decided: others have answered theirs. */
export const replies: Projection = ({ entry, input, isOwn, policyDigest }) => {
	if (!isOwn) return NOTHING;
	return repliesOf(entry, input?.address ?? null, policyDigest).map(({ address, reply }) => ({
		to: address,
		record: reply,
		id: `${reply.partition}-${reply.seq}`,
		key: callKey(reply.call),
		isOfInput: isAbout(reply.call, entry),
	}));
};

/** Is the call the entry's own, not one that its time has finalised? Its input's trace belongs to that call alone. */
const isAbout = (call: CallId, entry: LedgerEntry): boolean =>
	"call" in entry && call.id === entry.call.id && call.agent === entry.call.agent && call.tenant === entry.call.tenant;

/** A reply and where it goes. */
export interface AddressedReply {
	readonly address: ReplyAddress;
	readonly reply: DecisionReplied;
}

/** Replies of an entry. `address` is the one on the input; finalised holds carry their own. */
export function repliesOf(entry: LedgerEntry, address: ReplyAddress | null, policyDigest: string): AddressedReply[] {
	const replies = entry.effects.flatMap((effect) => effectReply(entry, effect, policyDigest));
	const answer = answerOf(entry, policyDigest);
	const to = entry.kind === "approval.recorded" ? entry.address : address;
	if (answer !== null && to !== null) replies.push({ address: to, reply: replyOf(entry, to, answer) });
	return replies;
}

function effectReply(entry: LedgerEntry, effect: Effect, policyDigest: string): AddressedReply[] {
	const { kind, address } = effect;
	if (address === null) return [];
	const answer = denied(effect, expiryReason(kind === "hold.ended"), policyDigest);
	return [{ address, reply: replyOf(entry, address, answer) }];
}

const replyOf = (entry: LedgerEntry, to: ReplyAddress, answer: Answer): DecisionReplied => ({
	type: "decision.replied",
	replyId: to.replyId,
	partition: entry.cause.partition,
	seq: entry.seq,
	...answer,
	call: callIdOf(answer.call),
	at: entry.at,
	token: "",
});
