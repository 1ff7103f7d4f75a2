/**
 * What keeps a member from its group, and when that is said: a refusal at once, silence when it has lasted so long that the
 * group has given the member up. Both again while they last, never at each try, and once when it is over.
 */
import { AssentError, type ErrorCode } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";

const REPEAT_MS: DurationMs = 30_000;

export class GroupFault {
	readonly #tell: (fault: AssentError | null) => void;
	readonly #patienceMs: DurationMs;
	/** When the first try failed of those that failed without one between them that did not. */
	#since: number | null = null;
	#told: { readonly code: ErrorCode; readonly at: number } | null = null;

	constructor(options: { readonly tell: (fault: AssentError | null) => void; readonly patienceMs: DurationMs }) {
		this.#tell = options.tell;
		this.#patienceMs = options.patienceMs;
	}

	/** A try has failed. */
	met(fault: AssentError): void {
		const now = performance.now();
		this.#since ??= now;
		if (!isRefusal(fault) && now - this.#since < this.#patienceMs) return;
		if (this.#told?.code === fault.code && now - this.#told.at < REPEAT_MS) return;
		this.#told = { code: fault.code, at: now };
		this.#tell(fault);
	}

	/** The group counts the member in. */
	over(): void {
		this.#since = null;
		if (this.#told === null) return;
		this.#told = null;
		this.#tell(null);
	}
}

/** Faults that a person must fix. */
export const isRefusal = (thrown: unknown): thrown is AssentError =>
	thrown instanceof AssentError && REFUSALS.has(thrown.code);

const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	"ASSENT_LOG_DENIED",
	"ASSENT_LOG_TOPIC",
	"ASSENT_LOG_SETTINGS",
]);
