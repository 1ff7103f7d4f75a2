/** The files of `vectors/` that are written from the code; a test fails when one is out of date. */
import { callVectors, canonicalJsonVectors } from "./call-vectors.ts";
import { tokenVectors } from "./token-vectors.ts";

/** Beyond ASCII everything is escaped, so that no editor and no diff changes what is meant. */
const textOf = (value: unknown): string =>
	`${JSON.stringify(value, null, "\t").replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)}\n`;

export const vectorFiles = (): readonly { readonly path: string; readonly text: string }[] => [
	{ path: "vectors/canonical-json.json", text: textOf({ texts: canonicalJsonVectors() }) },
	{ path: "vectors/call-digests.json", text: textOf({ calls: callVectors() }) },
	{ path: "vectors/tokens.json", text: textOf(tokenVectors()) },
];
