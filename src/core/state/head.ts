/** What of the state is in no table. */
import type { InputTopic } from "../model/inputs.ts";
import type { EpochMs, Offset } from "../model/units.ts";

/** The policies in force. Digest "" and generation 0: none yet. */
export interface PolicyInForce {
	readonly digest: string;
	readonly generation: number;
	readonly activationId: string;
	/** Digest of what was in force before; "" where nothing was. */
	readonly before: string;
	/** Control records need a signature under them. */
	readonly signed: boolean;
	/** What waits for a second operator; null where nothing does. */
	readonly proposed: ProposedPolicy | null;
}

export interface ProposedPolicy {
	readonly digest: string;
	readonly generation: number;
	readonly activationId: string;
	/** The first operator, whose word is not enough. */
	readonly by: string;
}

export const NO_POLICY: PolicyInForce = {
	digest: "",
	generation: 0,
	activationId: "",
	before: "",
	signed: false,
	proposed: null,
};

/** How young the youngest was that is forgotten: what is younger is news, whatever the log's own time says by now. */
export interface Forgotten {
	/** By `issuedAt`. */
	calls: EpochMs;
	/** By when it was seen. */
	controls: EpochMs;
	/** By when it was last seen. */
	sessions: EpochMs;
}

export interface StateHead {
	readonly partition: number;
	/** Largest record timestamp seen, records stamped ahead of the processor's clock left out. */
	readonly streamTime: EpochMs;
	readonly forgotten: Readonly<Forgotten>;
	readonly nextSeq: number;
	/** Next offset to consume of each input topic. */
	readonly inputs: Readonly<Record<InputTopic, Offset>>;
	readonly policy: PolicyInForce;
}

export const emptyHead = (partition: number): StateHead => ({
	partition,
	streamTime: 0,
	forgotten: { calls: 0, controls: 0, sessions: 0 },
	nextSeq: 0,
	inputs: { intents: 0, control: 0 },
	policy: NO_POLICY,
});

/** A copy, which stays as it is. */
export const headOf = ({ partition, streamTime, forgotten, nextSeq, inputs, policy }: StateHead): StateHead => ({
	partition,
	streamTime,
	forgotten: { ...forgotten },
	nextSeq,
	inputs: { ...inputs },
	policy,
});
