/** Calls: what is kept of each intent, by its id. */
import { count, digest, flag, list, nullable, type RowCell, record, text, word } from "../base/cell.ts";
import type { AllowRef, Obligations, Reason, Requirement, RuleName, Verdict } from "../model/entries.ts";
import { type CallId, sessionKey } from "../model/ids.ts";
import type { ReplyAddress } from "../model/inputs.ts";
import type { Layout } from "../model/layout.ts";
import type { EpochMs, Offset } from "../model/units.ts";
import { type Reservation, reservationCell } from "./accounts.ts";
import { addressCell, obligationsCell, reasonCell, requirementCells } from "./entry-cells.ts";

/**
 * What became of a call. `lapsed`: allowed, and nobody saw its end: no outcome by its deadline, or one that says so. Settled at
 * the reserved amount, while its slots stay taken until its tool has ended or its lease has run out.
 */
export type CallPhase = "held" | "open" | "lapsed" | "settled" | "denied" | "abandoned";

/** Votes for one requirement of a hold. */
export interface OpenRequirement extends Requirement {
	readonly votes: readonly string[];
}

/** The requirements after one more grant, which counts for these rules. */
export const withVote = (
	requirements: readonly OpenRequirement[],
	countedFor: readonly RuleName[],
	by: string,
): readonly OpenRequirement[] =>
	requirements.map((requirement) =>
		countedFor.some(({ policy, rule }) => policy === requirement.policy && rule === requirement.rule)
			? { ...requirement, votes: [...requirement.votes, by] }
			: requirement,
	);

export const isSatisfied = (requirements: readonly OpenRequirement[]): boolean =>
	requirements.every(({ votes, quorum }) => votes.length >= quorum);

/** What a held call waits for. */
export interface Hold {
	/** Why it is held: the rules that require approval, and what audit rules would have said. */
	readonly reasons: readonly Reason[];
	readonly requirements: readonly OpenRequirement[];
	/** What grants have satisfied, with the votes: a fresh decision passes over rules that these are enough for. */
	readonly satisfied: readonly OpenRequirement[];
	readonly expiresAt: EpochMs;
	/** Its session ended: due at once. */
	readonly isEnded: boolean;
	/** Where the intent is in `intents`, for the fresh decision. */
	readonly intentOffset: Offset;
	readonly address: ReplyAddress | null;
	readonly onBehalfOf: string | null;
	readonly askedBy: string | null;
	readonly publisher: string | null;
	readonly sessionStartedAt: EpochMs;
}

/** What is kept per intent id. */
export interface Call extends CallId {
	readonly session: string;
	/** Who asked for it, below the root agent. */
	readonly actor: readonly string[];
	readonly tool: string;
	readonly commitment: string;
	readonly phase: CallPhase;
	readonly firstReason: Reason | null;
	readonly obligations: Obligations;
	readonly issuedAt: EpochMs;
	readonly decidedAt: EpochMs;
	/**
	 * While open: when the reservation is settled without an outcome. While held: when the hold falls due. While lapsed with
	 * slots: when the lease runs out. Else 0.
	 */
	readonly dueAt: EpochMs;
	/** While open: who has it. Null: nobody yet, or nobody any more. */
	readonly executor: string | null;
	/** While open: what allowed it, at `decidedAt`; else null. */
	readonly allow: Pick<AllowRef, "seq" | "policyDigest"> | null;
	/** When it was over: settled, lapsed with no slot left, denied or abandoned. Null while it waits. */
	readonly closedAt: EpochMs | null;
	/** Kept when lapsed, so that a later outcome can add; slots as long as they are taken. */
	readonly reserved: readonly Reservation[];
	readonly hold: Hold | null;
}

/** What is said of the call when it is asked for again. An abandoned call is not allowed any more. */
export function verdictOf(call: Call): Verdict {
	switch (call.phase) {
		case "held":
			return "hold";
		case "open":
		case "lapsed":
		case "settled":
			return "allow";
		case "denied":
		case "abandoned":
			return "deny";
	}
}

export const isOpenOrHeld = (call: Call): boolean => call.phase === "open" || call.phase === "held";

/** Waits for time to pass: held, open, or lapsed with a slot that is still taken. Not forgotten before. */
export const isWaiting = (call: Call): boolean => call.closedAt === null;

/** When a closed call's id is forgotten: the dedupe time after it was over, for that may be long after its decision. */
export const callForgetAt = (layout: Layout, call: Call): EpochMs =>
	Math.max(call.closedAt ?? call.decidedAt, call.issuedAt) + layout.dedupeMs;

/** The key of the call's session. */
export const sessionOf = (call: Call): string => sessionKey(call);

const openRequirement = record<OpenRequirement>({ ...requirementCells, votes: list(text) });

const hold = record<Hold>({
	reasons: list(reasonCell),
	requirements: list(openRequirement),
	satisfied: list(openRequirement),
	expiresAt: count,
	isEnded: flag,
	intentOffset: count,
	address: nullable(addressCell),
	onBehalfOf: nullable(text),
	askedBy: nullable(text),
	publisher: nullable(text),
	sessionStartedAt: count,
});

/** What comes first in a call's row. */
const times = { issuedAt: count, decidedAt: count, dueAt: count, closedAt: nullable(count) };

export const callTimesCell = record<Pick<Call, keyof typeof times>>(times);

const closedAtCell = nullable(count);
const phaseCell = word<CallPhase>({ held: 0, open: 1, lapsed: 2, settled: 3, denied: 4, abandoned: 5 });
const actorCell = list(text);
const firstReasonCell = nullable(reasonCell);
const executorCell = nullable(text);
const allowCell = nullable(record<NonNullable<Call["allow"]>>({ seq: count, policyDigest: digest }));
const reservedCell = list(reservationCell);
const holdCell = nullable(hold);

/** Behind all else, where the key does not say it: nothing of a plain name is encoded or shortened in a key. */
const callIdCell = nullable(record<CallId>({ tenant: text, agent: text, id: text }));

/** Written out and not as a `record`: each step writes a call, and each that falls due is read. */
export const callCell: RowCell<Call> = {
	write: (to, call, key) => {
		to.count(call.issuedAt);
		to.count(call.decidedAt);
		to.count(call.dueAt);
		closedAtCell.write(to, call.closedAt);
		phaseCell.write(to, call.phase);
		to.text(call.session);
		actorCell.write(to, call.actor);
		to.text(call.tool);
		digest.write(to, call.commitment);
		firstReasonCell.write(to, call.firstReason);
		obligationsCell.write(to, call.obligations);
		executorCell.write(to, call.executor);
		allowCell.write(to, call.allow);
		reservedCell.write(to, call.reserved);
		holdCell.write(to, call.hold);
		callIdCell.write(to, isSaidBy(key, call) ? null : { tenant: call.tenant, agent: call.agent, id: call.id });
	},
	read: (from, key) => {
		const issuedAt = from.count();
		const decidedAt = from.count();
		const dueAt = from.count();
		const closedAt = closedAtCell.read(from);
		const phase = phaseCell.read(from);
		const session = from.text();
		const actor = actorCell.read(from);
		const tool = from.text();
		const commitment = digest.read(from);
		const firstReason = firstReasonCell.read(from);
		const obligations = obligationsCell.read(from);
		const executor = executorCell.read(from);
		const allow = allowCell.read(from);
		const reserved = reservedCell.read(from);
		const hold = holdCell.read(from);
		const { tenant, agent, id } = callIdCell.read(from) ?? callIdIn(key);
		return {
			tenant,
			agent,
			id,
			session,
			actor,
			tool,
			commitment,
			phase,
			firstReason,
			obligations,
			issuedAt,
			decidedAt,
			dueAt,
			executor,
			allow,
			closedAt,
			reserved,
			hold,
		};
	},
};

/** Is the key `tenant/agent/id` as the names are? */
const isSaidBy = (key: string, { tenant, agent, id }: CallId): boolean =>
	key.length === tenant.length + agent.length + id.length + 2 &&
	key.startsWith(tenant) &&
	key[tenant.length] === "/" &&
	key.startsWith(agent, tenant.length + 1) &&
	key.endsWith(id) &&
	key[tenant.length + 1 + agent.length] === "/";

function callIdIn(key: string): CallId {
	const tenantEnd = key.indexOf("/");
	const agentEnd = key.indexOf("/", tenantEnd + 1);
	return { tenant: key.slice(0, tenantEnd), agent: key.slice(tenantEnd + 1, agentEnd), id: key.slice(agentEnd + 1) };
}
