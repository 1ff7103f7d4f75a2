/** What control records alone change: policies in force, halts, and how far inputs are passed over. */
import type {
	HaltLiftedEntry,
	HaltSetEntry,
	InputsSkippedEntry,
	LedgerEntry,
	PolicyActivatedEntry,
	PolicyProposedEntry,
} from "../../model/entries.ts";
import { isLaterActivation } from "../../model/inputs.ts";
import { haltKey } from "../../state/halt.ts";
import type { PolicyInForce } from "../../state/head.ts";
import type { State } from "../../state/state.ts";

export type CommandEntry =
	| PolicyActivatedEntry
	| PolicyProposedEntry
	| HaltSetEntry
	| HaltLiftedEntry
	| InputsSkippedEntry;

export type Commanded = Pick<State, "policy" | "halts" | "inputs">;

const KINDS: ReadonlySet<LedgerEntry["kind"]> = new Set<CommandEntry["kind"]>([
	"policy.activated",
	"policy.proposed",
	"halt.set",
	"halt.lifted",
	"inputs.skipped",
]);

export const isCommand = (entry: LedgerEntry): entry is CommandEntry => KINDS.has(entry.kind);

export function commanded(state: Commanded, entry: CommandEntry): void {
	switch (entry.kind) {
		case "policy.activated":
			state.policy = policyAfter(state.policy, entry);
			return;
		case "policy.proposed": {
			const { digest, generation, controlId: activationId, by } = entry;
			state.policy = { ...state.policy, proposed: { digest, generation, activationId, by } };
			return;
		}
		case "halt.set":
			state.halts.set(haltKey(entry.scope), { ...entry.scope, since: entry.at, by: entry.by, reason: entry.reason });
			return;
		case "halt.lifted":
			state.halts.delete(haltKey(entry.scope));
			return;
		case "inputs.skipped":
			state.inputs[entry.topic] = entry.until;
			return;
	}
}

/** A proposal that is later than the activation stays, in whichever order the partition learns of the two. */
function policyAfter({ digest: old, before, proposed }: PolicyInForce, entry: PolicyActivatedEntry): PolicyInForce {
	const { digest, generation, controlId: activationId, signed } = entry;
	const stays =
		proposed !== null &&
		proposed.digest !== digest &&
		isLaterActivation({ ...proposed, id: proposed.activationId }, { generation, id: activationId });
	return {
		digest,
		generation,
		activationId,
		before: digest === old ? before : old,
		signed,
		proposed: stays ? proposed : null,
	};
}
