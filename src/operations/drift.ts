/**
 * Drift: outputs that are unlike the first one of the same tool (docs/design/drift.md), told from the sketches of outcomes in the order
 * in which `intents` has them.
 */
import { sha256Hex } from "../core/base/digest.ts";
import { driftOf } from "../core/base/sketch.ts";
import { decodeInput } from "../core/codec/decode.ts";
import type { DriftDetected } from "../core/ledger/projections/events.ts";
import { type CallId, callKey, isAbove, keyPart, type Principal } from "../core/model/ids.ts";
import type { OutcomeReported } from "../core/model/inputs.ts";
import type { LogRecord } from "../ports/log/log.ts";

/** As Agent-OS has it: more than this is told. */
const DRIFT_THRESHOLD = 0.15;

/** Calls whose outcome is waited for, and tools with a baseline: the oldest are forgotten beyond it. */
const REMEMBERED_MAX = 10_000;

interface AskedCall {
	readonly principal: Principal;
	readonly tool: string;
}

/** Is shown every record of one partition of `intents`; what came before the first of them has no part in it. */
export class DriftWatch {
	readonly #partition: number;
	readonly #threshold: number;
	readonly #asked = new Map<string, AskedCall>();
	/** The first sketch of each tool, by tenant, agent and tool. */
	readonly #baselines = new Map<string, string>();

	constructor(partition: number, threshold: number = DRIFT_THRESHOLD) {
		this.#partition = partition;
		this.#threshold = threshold;
	}

	/** The drift that the record tells; null for every other record. */
	see({ value, offset, timestamp }: Pick<LogRecord, "value" | "offset" | "timestamp">): DriftDetected | null {
		const read = decodeInput(value, "intents");
		if (!read.ok) return null;
		const record = read.value;
		if (record.type === "intent.submitted" || record.type === "intent.sealed")
			this.#submitted({ ...record.principal, id: record.id }, record);
		return record.type === "outcome.reported" ? this.#reported(record, { offset, at: timestamp }) : null;
	}

	#submitted(call: CallId, { principal, tool }: AskedCall): void {
		remember(this.#asked, callKey(call), { principal, tool });
	}

	#reported(
		{ call, session, actor: by, sketch }: OutcomeReported,
		{ offset, at }: { readonly offset: number; readonly at: number },
	): DriftDetected | null {
		const asked = this.#asked.get(callKey(call));
		if (asked === undefined || asked.principal.session !== session || sketch === "") return null;
		if (!isAbove(by, asked.principal.actor)) return null;
		// Told once: a second outcome of the call is no second output.
		this.#asked.delete(callKey(call));
		const { tenant, agent, actor, onBehalfOf, askedBy } = asked.principal;
		const key = [tenant, agent, asked.tool].map(keyPart).join("/");
		const baseline = this.#baselines.get(key);
		if (baseline === undefined) {
			// What is no sketch is nothing to compare with.
			if (driftOf(sketch, sketch) !== null) remember(this.#baselines, key, sketch);
			return null;
		}
		const score = driftOf(baseline, sketch);
		if (score === null || score <= this.#threshold) return null;
		return {
			type: "drift_detected",
			id: `${this.#partition}-outcome-${offset}`,
			at,
			partition: this.#partition,
			...{ tenant, agent, session, actor, onBehalfOf, askedBy },
			intent: call.id,
			tool: asked.tool,
			score,
			threshold: this.#threshold,
			reason: `the output differs by ${score} from the first one of its tool, by more than ${this.#threshold}`,
			baselineHash: sha256Hex(baseline),
			currentHash: sha256Hex(sketch),
		};
	}
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
	map.set(key, value);
	if (map.size <= REMEMBERED_MAX) return;
	const [oldest] = map.keys();
	map.delete(oldest as string);
}
