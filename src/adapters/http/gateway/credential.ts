/**
 * Who asks. Identity comes from the credential that a request carries, never from its body: a body may choose within what the
 * credential entitles to, and is refused where it names anything else.
 */

import { isPlainName } from "../../../core/language/glob-reader.ts";
import { type NameTest, nameTest } from "../../../core/match/name-globs.ts";
import { isAbove, type Principal } from "../../../core/model/ids.ts";
import type { SpendingCap } from "../../../core/model/inputs.ts";
import type { EpochMs } from "../../../core/model/units.ts";
import { forbidden, refused } from "./problems.ts";

export const ROLES = ["agent", "approver", "operator", "auditor"] as const;

/** `agent`: asks and reports; `approver`: votes; `operator`: halts, budgets, policies; `auditor`: reads everything of its tenant. */
export type Role = (typeof ROLES)[number];

export interface Credential {
	/** Of a key, or of a token: log lines name it. */
	readonly id: string;
	/** Requests and streams are counted under it: what descends from a credential is counted with it, so that a child is no way to more. */
	readonly countedAs: string;
	/** The person or program that it was issued to: who votes and operates with it is recorded under this name. */
	readonly name: string;
	/** The name of the credential that it is, or descends from: who asks with it is recorded under this name, and approves nothing of it. */
	readonly askedBy: string;
	readonly roles: readonly Role[];
	readonly tenant: string;
	/** A name, or a glob within which a request chooses: `coder`, `coder*`, `*`. */
	readonly agents: string;
	/** Globs over the tools that may be asked for. */
	readonly tools: readonly string[];
	/** Where sub-agents that it speaks for begin: what a request gives is below it. */
	readonly actor: readonly string[];
	/** The human for whom it acts; null: the request may say. */
	readonly onBehalfOf: string | null;
	/** What may be spent with it in its life, and with those that it came from: each intent carries it. */
	readonly caps: readonly SpendingCap[];
	/** From then on it is none; null: never. */
	readonly expiresAt: EpochMs | null;
	/** The id of the bearer key that it is, or descends from; null for an issuer's token and its children. */
	readonly rootKey: string | null;
}

/** Where credentials are looked up. */
export interface Credentials {
	/** Null for a secret that is not known, has expired or was revoked. Throws where nobody can tell: nothing is let through then. */
	find(secret: string): Promise<Credential | null>;
	/** Whether one that was found before is still what it was. Throws where nobody can tell. */
	isInForce(credential: Credential): Promise<boolean>;
}

/** What a request may say of its principal. */
export interface GivenPrincipal {
	readonly tenant?: string | undefined;
	readonly agent?: string | undefined;
	readonly session?: string | undefined;
	readonly actor?: readonly string[] | undefined;
	readonly onBehalfOf?: string | null | undefined;
}

/** The run that calls belong to which name none: the same at every gateway, and after a restart. */
const SESSION_DEFAULT = "default";
const AGENT_DEFAULT = "default";

/** The call's principal. Throws GATEWAY_FORBIDDEN for anybody else's names, GATEWAY_REQUEST where no agent is named. */
export function principalOf(credential: Credential, given: GivenPrincipal): Omit<Principal, "sessionStartedAt"> {
	const { actor, onBehalfOf, askedBy } = credential;
	assertTenant(credential, given.tenant);
	if (onBehalfOf !== null && given.onBehalfOf !== undefined && given.onBehalfOf !== onBehalfOf) {
		throw forbidden("this credential acts for somebody else", "leave `onBehalfOf` out: it is the credential's");
	}
	return {
		tenant: credential.tenant,
		agent: agentOf(credential, given.agent),
		session: given.session ?? SESSION_DEFAULT,
		actor: [...actor, ...(given.actor ?? [])],
		onBehalfOf: onBehalfOf ?? given.onBehalfOf ?? null,
		askedBy,
	};
}

/** Throws GATEWAY_FORBIDDEN. */
export function assertTenant({ tenant }: Credential, given: string | undefined): void {
	if (given === undefined || given === tenant) return;
	throw forbidden("this credential does not speak for that tenant", "leave `tenant` out: it is the credential's");
}

/** Globs are read once, and not for every request. */
function testOf(globs: readonly string[]): NameTest {
	const key = globs.join("\n");
	let test = tests.get(key);
	if (test === undefined) {
		test = nameTest(globs, true);
		if (tests.size >= TESTS_MAX) tests.clear();
		tests.set(key, test);
	}
	return test;
}

const tests = new Map<string, NameTest>();
const TESTS_MAX = 1_000;

/** Is the agent one of those that the credential speaks for? */
export const admitsAgent = ({ agents }: Credential, agent: string): boolean => testOf([agents])(agent);

/** Is the call of one of its agents, and made by what it speaks for, or below? A child reads nothing of its parent and siblings. */
export const admitsCall = (
	credential: Credential,
	{ agent, actor }: { readonly agent: string; readonly actor: readonly string[] },
): boolean => admitsAgent(credential, agent) && isAbove(credential.actor, actor);

/** Throws GATEWAY_FORBIDDEN for an agent that is not the credential's, GATEWAY_REQUEST where it has to be named. */
export function agentOf(credential: Credential, given: string | undefined): string {
	const { agents } = credential;
	if (given !== undefined) {
		if (admitsAgent(credential, given)) return given;
		throw forbidden("this credential does not speak for that agent", `it speaks for \`${agents}\``);
	}
	if (isPlainName(agents)) return agents;
	if (admitsAgent(credential, AGENT_DEFAULT)) return AGENT_DEFAULT;
	throw refused("`agent` is missing", `this credential speaks for \`${agents}\`: say for which of them`);
}

/** Throws GATEWAY_FORBIDDEN. */
export function assertTool({ tools }: Credential, tool: string): void {
	if (testOf(tools)(tool)) return;
	const help = "ask with a credential that has the tool; a denial by policy would be an answer, and this is none";
	throw forbidden("this credential is not for that tool", help);
}

/** Throws GATEWAY_FORBIDDEN unless the credential has one of the roles. */
export function assertRole({ roles }: Credential, wanted: readonly Role[]): void {
	if (wanted.some((role) => roles.includes(role))) return;
	throw forbidden(
		`this is for the ${wanted.length === 1 ? "role" : "roles"} ${wanted.map((role) => `\`${role}\``).join(", ")}`,
		"use a credential with that role: `assent keys issue --role ROLE`",
	);
}
