/** Waiting for time to pass, on the platform's timers, so that a test can hand over its own. */
import type { DurationMs } from "../core/model/units.ts";

/** Resolves after `ms`, or as soon as the signal aborts. Leaves no timer and no listener behind, and holds no process. */
export function pause(ms: DurationMs, signal?: AbortSignal): Promise<void> {
	if (signal?.aborted === true) return Promise.resolve();
	return new Promise((resolve) => {
		const end = (): void => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", end);
			resolve();
		};
		const timer = setTimeout(end, ms).unref();
		signal?.addEventListener("abort", end, { once: true });
	});
}
