/**
 * `/v1/approvals`: what waits for a human, and the human's answer. The approver is the credential's name, never the body's; a vote
 * carries the commitment of what its approver was shown, and counts for that call alone.
 */
import { z } from "zod";
import { visibleArguments } from "../../../../core/arguments/visible.ts";
import { TEXT_LENGTH_MAX } from "../../../../core/model/bounds.ts";
import { callKey } from "../../../../core/model/ids.ts";
import { reasonReading } from "../../../../core/model/readings.ts";
import {
	argumentsOf,
	callsNamed,
	type HeldCall,
	heldCalls,
	heldReading,
	type NamedCall,
} from "../../../../operations/holds.ts";
import { sendVote } from "../../../../operations/operators.ts";
import { isWanted, type PrincipalFilter } from "../../../../reading/principal-filter.ts";
import { admitsAgent, type Credential } from "../credential.ts";
import { conflict, forbidden, notFound } from "../problems.ts";
import { assertTaken, recordedOne } from "../recording.ts";
import { type Asked, defineRoute, type GatewayParts, type GatewayRoute } from "../route.ts";
import { args, measure, name, obligations, reason } from "../schemas.ts";

const commitment = z.string().regex(/^[0-9a-f]{64}$/);

const held = z
	.object({
		id: z.string().meta({ description: "`tenant/agent/id`, percent-encoded: unique." }),
		partition: z.int(),
		call: z.object({ tenant: z.string(), agent: z.string(), id: z.string() }),
		session: z.string(),
		actor: z.array(z.string()),
		onBehalfOf: z.string().nullable(),
		askedBy: z.string().nullable().meta({ description: "The name of the credential that asked." }),
		publisher: z.string().nullable().meta({ description: "Who signed the call, where the policies name publishers." }),
		tool: z.string(),
		heldAt: z.int(),
		expiresAt: z.int(),
		isOverdue: z.boolean().meta({ description: "It refuses every grant, even before the ledger says so." }),
		reasons: z.array(reason),
		requirements: z.array(
			z.object({
				policy: z.string(),
				rule: z.string(),
				approvers: z.array(z.string()),
				quorum: z.int(),
				expiresAfterMs: z.int(),
				selfAllowed: z.boolean(),
				votes: z.array(z.string()),
			}),
		),
		obligations,
		takes: z
			.array(
				z.object({
					policy: z.string(),
					limit: z.string(),
					measure,
					windowMs: z.int(),
					scopeKey: z.string(),
					amount: z.int(),
				}),
			)
			.meta({ description: "What it has reserved of budgets." }),
		intentOffset: z.int(),
		commitment: commitment.meta({ description: "Of exactly this call: a vote names it." }),
		args: args
			.nullable()
			.meta({ description: "As they will run, redactions applied; null: they can no longer be read." }),
	})
	.meta({ id: "HeldCall" });

const visible = z
	.object({
		lines: z.array(z.string()),
		isCut: z.boolean().meta({ description: "Something is left out, and its place says how much." }),
		unseen: z.array(z.string()).meta({ description: "Characters that were spelled out, such as `U+202E`." }),
		hasRightToLeft: z.boolean(),
	})
	.meta({
		description: "The arguments line by line, with everything spelled out that nobody sees: what to show an approver.",
	});

const whose = { agent: name.optional(), session: name.optional() };

export const listApprovals = defineRoute({
	method: "GET",
	path: "/v1/approvals",
	name: "listApprovals",
	tag: "approvals",
	summary: "List what waits for a human, the most urgent first",
	roles: ["approver", "auditor"],
	query: z.strictObject(whose),
	answers: { 200: { description: "Held calls.", schema: z.object({ holds: z.array(held) }) } },
	async handle({ query, credential, signal }, { log, layout, clock }) {
		const found = await heldCalls(log, layout, {
			filter: filterOf(credential, query),
			now: clock.now(),
			reading: { signal },
		});
		const seen = found.filter(({ call }) => mayLook(credential, call.agent));
		const holds = await Promise.all(seen.map(async (each) => heldReading(each, await argumentsOf(log, each))));
		return { status: 200, body: { holds } };
	},
});

export const readApproval = defineRoute({
	method: "GET",
	path: "/v1/approvals/{id}",
	name: "readApproval",
	tag: "approvals",
	summary: "Read one call that waits for a human",
	roles: ["approver", "auditor"],
	params: z.strictObject({ id: name }),
	query: z.strictObject(whose),
	answers: {
		200: { description: "The held call.", schema: held.extend({ visible: visible.nullable() }) },
		404: { description: "No call that this credential may see has the id.", schema: null },
		409: { description: "It waits no more, or several agents have a call with the id.", schema: null },
	},
	async handle(asked, parts) {
		const found = await heldNamed(asked, parts, asked.query);
		const read = await argumentsOf(parts.log, found);
		const lines = typeof read === "string" ? null : visibleArguments(read);
		return { status: 200, body: { ...heldReading(found, read), visible: lines } };
	},
});

export const grantApproval = voteRoute("grant");
export const rejectApproval = voteRoute("reject");

function voteRoute(verb: "grant" | "reject"): GatewayRoute {
	const vote = verb === "grant" ? "granted" : "rejected";
	return defineRoute({
		method: "POST",
		path: `/v1/approvals/{id}/${verb}`,
		name: `${verb}Approval`,
		tag: "approvals",
		summary: verb === "grant" ? "Let a held call run" : "Refuse a held call",
		description:
			"Recorded under the credential's name, which is nobody's who acts for somebody else: a token with `act` gives no vote. A granted call is decided again under the policies in force.",
		roles: ["approver"],
		params: z.strictObject({ id: name }),
		body: z
			.strictObject({
				...whose,
				commitment: commitment.meta({ description: "Of the call as it was shown: `GET /v1/approvals/{id}` has it." }),
				comment: z.string().max(TEXT_LENGTH_MAX).optional(),
			})
			.meta({ id: verb === "grant" ? "Grant" : "Rejection" }),
		answers: {
			200: {
				description: "Recorded.",
				schema: z.object({
					id: z.string(),
					by: z.string(),
					vote: z.enum(["granted", "rejected"]),
					result: z.enum(["pending", "allow", "hold", "deny"]).meta({
						description: "`pending`: the quorum is not reached; `hold`: another rule holds it now; else final.",
					}),
					reasons: z.array(reason),
				}),
			},
			202: {
				description: "On the log; nobody has decided on it yet.",
				schema: z.object({ id: z.string(), by: z.string(), vote: z.enum(["granted", "rejected"]) }),
			},
			404: { description: "No call that this credential may vote on has the id.", schema: null },
			409: {
				description: "It waits no more, the vote is for other arguments, or has no effect: the problem says why.",
				schema: null,
			},
		},
		async handle(asked, parts) {
			const { body, credential, signal } = asked;
			assertOwnWord(credential);
			const { call, session } = await heldNamed(asked, parts, body);
			const by = credential.name;
			const signer = parts.operatorSigner;
			const ballot = { by, signer, now: parts.clock.now(), call, session, vote, comment: body.comment ?? "" } as const;
			const sent = await sendVote(parts.log, parts.layout, { ...ballot, commitment: body.commitment });
			const entry = await recordedOne(parts, sent, signal);
			assertTaken(entry);
			const said = { id: callKey(call), by, vote };
			if (entry?.kind !== "approval.recorded") return { status: 202, body: said };
			const reasons = (entry.decision?.reasons ?? []).map(reasonReading);
			return { status: 200, body: { ...said, result: entry.result, reasons } };
		},
	});
}

/** With a token for somebody else one person would have the votes of two. Throws GATEWAY_FORBIDDEN. */
function assertOwnWord({ onBehalfOf }: Credential): void {
	if (onBehalfOf === null) return;
	throw forbidden("a vote is one's own word, and this credential acts for somebody", "vote with a token without `act`");
}

type Whose = { readonly agent?: string | undefined; readonly session?: string | undefined };

/** Auditors look at all of their tenant; approvers at the agents that their credential names. */
const mayLook = (credential: Credential, agent: string): boolean =>
	credential.roles.includes("auditor") || admitsAgent(credential, agent);

const filterOf = ({ tenant }: Credential, { agent, session }: Whose): PrincipalFilter => ({
	tenant,
	...(agent === undefined ? {} : { agent }),
	...(session === undefined ? {} : { session }),
});

/** Throws GATEWAY_NOT_FOUND, and GATEWAY_CONFLICT for one that is not held, or for several of one id. */
async function heldNamed(
	{
		params,
		credential,
		signal,
	}: Pick<Asked<{ readonly id: string }, unknown, unknown>, "params" | "credential" | "signal">,
	{ log, layout, clock }: GatewayParts,
	given: Whose,
): Promise<HeldCall> {
	const found = await callsNamed(log, layout, { name: params.id, now: clock.now(), reading: { signal } });
	const filter = filterOf(credential, given);
	const seen = found.filter(
		({ call, session }) => isWanted(filter, { ...call, session }) && mayLook(credential, call.agent),
	);
	const [first, other] = seen;
	if (first === undefined) throw notFound("no call of yours has that id", "`GET /v1/approvals` lists what waits");
	if (other !== undefined) throw conflict("several agents have a call with that id", "say whose: `agent`");
	if (first.held === null) throw notHeld(first);
	return first.held;
}

const notHeld = ({ phase, firstReason }: NamedCall) =>
	conflict(
		`approval.closed: the call is ${phase}${firstReason === null ? "" : ` (${firstReason.code})`}`,
		"nothing is left to do: `GET /v1/approvals` lists what waits",
	);
