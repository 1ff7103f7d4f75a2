/** The sequences that admitted calls have begun, in the accounts of their scopes: the last time of each is kept. */
import { type Subject, scopeKey } from "../model/ids.ts";
import { type BegunSequence, isSameSequence, type SequenceName } from "../model/sequences.ts";
import type { EpochMs } from "../model/units.ts";
import { type Account, type Accounts, emptyAccount } from "./accounts.ts";

/** When the sequence was begun last in its account; undefined where it never was, or that is forgotten. */
export const begunAt = (account: Account | undefined, sequence: SequenceName): EpochMs | undefined =>
	account?.begun.find(({ name }) => isSameSequence(name, sequence))?.at;

/** Notes in the subject's accounts that an admitted call begins these sequences. */
export function begin(accounts: Accounts, subject: Subject, sequences: readonly SequenceName[], at: EpochMs): void {
	for (const name of sequences) {
		const key = scopeKey(name.scope, subject);
		const account = accounts.own(key) ?? emptyAccount(name.scope, key);
		account.begun = withBegun(account.begun, { name, at });
		accounts.set(key, account);
	}
}

/** Once for each sequence, in its place. */
function withBegun(begun: readonly BegunSequence[], one: BegunSequence): readonly BegunSequence[] {
	const others = begun.filter(({ name }) => !isSameSequence(name, one.name));
	const place = others.findIndex(({ name }) => isEarlier(one.name, name));
	return others.toSpliced(place === -1 ? others.length : place, 0, one);
}

const isEarlier = (a: SequenceName, b: SequenceName): boolean =>
	a.policy === b.policy ? a.sequence < b.sequence : a.policy < b.policy;
