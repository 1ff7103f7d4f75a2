/** What the answer to an append says, in words for whoever looks why something was not published. */
import type { Appended } from "../ports/log/log.ts";

/** Null: it was appended. */
export function failureOf(sent: Appended): string | null {
	switch (sent.kind) {
		case "appended":
			return null;
		case "failed":
			return `${sent.problem.code}: ${sent.problem.message}`;
		case "unknown":
			return `it may or may not have been written: ${sent.why}`;
		case "withheld":
			return "what it follows from was not written";
		case "superseded":
			return "somebody else wrote in between";
	}
}
