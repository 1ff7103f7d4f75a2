/** The sequences that admitted calls have begun, in the accounts of their scopes: the last time of each is kept. */
import { byCodeUnits } from "../base/code-units.ts";
import { type Subject, scopeKey } from "../model/ids.ts";
import { type BegunSequence, isSameSequence, type SequenceName, type SequenceScope } from "../model/sequences.ts";
import type { EpochMs } from "../model/units.ts";
import { type Accounts, type AccountsRead, emptyAccount } from "./accounts.ts";

const SCOPES: readonly SequenceScope[] = ["agent", "session"];
const NONE: readonly BegunSequence[] = [];

/**
 * When each sequence was begun last by a call of the subject's session or agent; undefined where it never was, or that is
 * forgotten. An account is looked up once, whatever is asked.
 */
export function begunBy(accounts: AccountsRead, subject: Subject): (sequence: SequenceName) => EpochMs | undefined {
	const read = new Map<SequenceScope, readonly BegunSequence[]>();
	return (sequence) => {
		const { scope } = sequence;
		const begun = read.get(scope) ?? accounts.get(scopeKey(scope, subject))?.begun ?? NONE;
		read.set(scope, begun);
		return begun.find(({ name }) => isSameSequence(name, sequence))?.at;
	};
}

/** Notes in the subject's accounts that an admitted call begins these sequences. */
export function begin(accounts: Accounts, subject: Subject, sequences: readonly SequenceName[], at: EpochMs): void {
	for (const scope of SCOPES) {
		const names = sequences.filter((sequence) => sequence.scope === scope);
		if (names.length === 0) continue;
		const key = scopeKey(scope, subject);
		const account = accounts.own(key) ?? emptyAccount(scope, key);
		const others = account.begun.filter(({ name }) => !names.some((one) => isSameSequence(one, name)));
		account.begun = [...others, ...names.map((name) => ({ name, at }))].sort(inOrder);
		accounts.set(key, account);
	}
}

/** So that an account is written the same whatever was begun first. */
const inOrder = ({ name: a }: BegunSequence, { name: b }: BegunSequence): number =>
	byCodeUnits(a.policy, b.policy) || byCodeUnits(a.sequence, b.sequence);
