/** What a report of a call's use tells of what a limit counts. */
import type { Measure } from "./counters.ts";
import type { Usage } from "./inputs.ts";

/** In the measure's own unit. Null: nobody can tell. */
export function usedOf(measure: Measure, usage: Usage): number | null {
	switch (measure) {
		case "tool_calls":
		case "identical_calls":
			return 1;
		case "concurrent_calls":
			return 0;
		case "tokens":
			return usage.tokens;
		case "cost":
			return usage.costMicros;
		case "execution_time":
			return usage.executionMs;
	}
}
