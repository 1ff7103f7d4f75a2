/**
 * Names of things: who asks, which call, and the keys under which the state files them.
 *
 * Parts of a key are percent-encoded, so that `/` separates and never occurs inside a part. The keys of the state are
 * bounded: entries name the accounts that they charge by key, and percent-encoding makes nine characters of one.
 */
import { sha256Hex } from "../base/digest.ts";

/** Who asks. `agent` is the root agent: budgets and partition keys use it; `actor` is the path of sub-agents below it. */
export interface Principal {
	readonly tenant: string;
	readonly agent: string;
	/** One run of the agent. */
	readonly session: string;
	/** Sub-agents below the root agent, outermost first; empty when the root agent itself asks. */
	readonly actor: readonly string[];
	/** The human that the agent works for, if any: never an approver of the same call. */
	readonly onBehalfOf: string | null;
	/** To whom the credential was issued with which the call was asked for: never an approver of it. Null: none was needed. */
	readonly askedBy: string | null;
	/** When the session began; what the publisher did not say is the intent's own `issuedAt`. */
	readonly sessionStartedAt: number | null;
}

/** The principal that a record is about, as far as it says where the record belongs. */
export type Subject = Pick<Principal, "tenant" | "agent" | "session">;

/** Does whoever acts as `actor` speak for what `below` did: the same sub-agent, or one below it? The root agent speaks for all. */
export const isAbove = (actor: readonly string[], below: readonly string[]): boolean =>
	actor.every((part, at) => below[at] === part);

/** Names one intent: ids are unique per (tenant, agent). */
export interface CallId {
	readonly tenant: string;
	readonly agent: string;
	readonly id: string;
}

/** The id alone, of whatever carries more. */
export const callIdOf = ({ tenant, agent, id }: CallId): CallId => ({ tenant, agent, id });

/** How wide a budget or a partition key is. */
export type Scope = "tenant" | "agent" | "session";

/** The partition key: the budget root, the widest scope whose budgets are exact. */
export type BudgetRoot = "tenant" | "tenant/agent" | "tenant/agent/session";

/** The last agent's key: a step asks for keys of one agent several times. */
const lastAgent = { tenant: "", agent: "", key: "/" };

function agentKey(tenant: string, agent: string): string {
	if (lastAgent.agent !== agent || lastAgent.tenant !== tenant) {
		lastAgent.tenant = tenant;
		lastAgent.agent = agent;
		lastAgent.key = `${keyPart(tenant)}/${keyPart(agent)}`;
	}
	return lastAgent.key;
}

/** Keys of something below an agent. Remembers the last one. */
function keysBelowAgents(): (tenant: string, agent: string, name: string) => string {
	let lastPrefix = "/";
	let lastName = "";
	let key = "//";
	return (tenant, agent, name) => {
		const prefix = agentKey(tenant, agent);
		if (lastName === name && lastPrefix === prefix) return key;
		lastPrefix = prefix;
		lastName = name;
		key = `${prefix}/${keyPart(name)}`;
		return key;
	};
}

const callKeys = keysBelowAgents();
const sessionKeys = keysBelowAgents();

export const callKey = (call: CallId): string => callKeys(call.tenant, call.agent, call.id);

export const sessionKey = ({ tenant, agent, session }: Subject): string => sessionKeys(tenant, agent, session);

/** The key of a scope for one principal: `acme`, `acme/coder` or `acme/coder/run-7`. */
export function scopeKey(scope: Scope, subject: Subject): string {
	switch (scope) {
		case "tenant":
			return keyPart(subject.tenant);
		case "agent":
			return agentKey(subject.tenant, subject.agent);
		case "session":
			return sessionKey(subject);
	}
}

/** The partition key of a principal under a layout: whole, for publishers in any language make it. */
export function budgetRootKey(root: BudgetRoot, subject: Subject): string {
	switch (root) {
		case "tenant":
			return encodePart(subject.tenant);
		case "tenant/agent":
			return `${encodePart(subject.tenant)}/${encodePart(subject.agent)}`;
		case "tenant/agent/session":
			return `${encodePart(subject.tenant)}/${encodePart(subject.agent)}/${encodePart(subject.session)}`;
	}
}

/** A longer part of a state's key is written as its beginning and its digest; every name in plain letters is shorter. */
const PART_LENGTH_MAX = 256;
const BEGINNING_LENGTH = 96;

/** `$` is always percent-encoded: no name can be taken for another's beginning and digest. */
export function keyPart(part: string): string {
	const encoded = encodePart(part);
	if (encoded.length <= PART_LENGTH_MAX) return encoded;
	return `${encoded.slice(0, BEGINNING_LENGTH).replace(/%.?$/, "")}$${sha256Hex(part)}`;
}

const PLAIN = /^[A-Za-z0-9._~@:+-]*$/;

/** `encodeURIComponent` throws on lone surrogates; decoders refuse those before a key is ever made. */
function encodePart(part: string): string {
	return PLAIN.test(part) ? part : encodeURIComponent(part);
}
