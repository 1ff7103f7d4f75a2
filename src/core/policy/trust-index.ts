/** Keys that a set believes, found by the name that a record gives, and whom publishers may speak for. */
import { type NameTest, nameTestOf } from "../match/name-globs.ts";
import { type CompiledTrust, hexOf, type TrustedKey, type TrustedPublisher } from "./trust.ts";

/** Whose signature a record carries: the name that the record gives, and the key of that name that has signed it. */
export interface Signer {
	readonly name: string;
	/** Its 32 bytes, 64 hex digits. */
	readonly key: string;
}

export class TrustIndex {
	readonly #publishers: ReadonlyMap<string, readonly TrustedPublisher[]>;
	readonly #people: Readonly<Record<"operators" | "approvers", ReadonlyMap<string, readonly TrustedKey[]>>>;
	readonly #tests = new WeakMap<TrustedPublisher, { readonly tenants: NameTest; readonly agents: NameTest }>();

	constructor({ publishers, operators, approvers }: CompiledTrust) {
		this.#publishers = byName(publishers ?? []);
		this.#people = { operators: byName(operators ?? []), approvers: byName(approvers ?? []) };
	}

	/** More than one while a key follows another. */
	publishersNamed(name: string): readonly TrustedPublisher[] {
		return this.#publishers.get(name) ?? NOBODY;
	}

	named(role: "operators" | "approvers", name: string): readonly TrustedKey[] {
		return this.#people[role].get(name) ?? NOBODY;
	}

	publisher({ name, key }: Signer): TrustedPublisher | null {
		return this.publishersNamed(name).find((each) => hexOf(each.key) === key) ?? null;
	}

	isOf(role: "operators" | "approvers", { name, key }: Signer): boolean {
		return this.named(role, name).some((each) => hexOf(each.key) === key);
	}

	maySpeakFor(publisher: TrustedPublisher, { tenant, agent }: { readonly tenant: string; readonly agent: string }) {
		let tests = this.#tests.get(publisher);
		if (tests === undefined) {
			tests = { tenants: nameTestOf(publisher.tenants), agents: nameTestOf(publisher.agents) };
			this.#tests.set(publisher, tests);
		}
		return tests.tenants(tenant) && tests.agents(agent);
	}
}

const NOBODY: readonly never[] = [];

function byName<Key extends TrustedKey>(keys: readonly Key[]): ReadonlyMap<string, readonly Key[]> {
	const found = new Map<string, Key[]>();
	for (const each of keys) {
		const same = found.get(each.name);
		if (same === undefined) found.set(each.name, [each]);
		else same.push(each);
	}
	return found;
}

const indexes = new WeakMap<CompiledTrust, TrustIndex>();

/** Made once for each set. */
export function trustIndexOf(trust: CompiledTrust): TrustIndex {
	const known = indexes.get(trust) ?? new TrustIndex(trust);
	indexes.set(trust, known);
	return known;
}
