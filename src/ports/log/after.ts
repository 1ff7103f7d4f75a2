/** Appends that follow from another one, on a log that does not write the two at once. */
import type { Appended, Followed } from "./log.ts";

export const WITHHELD: Appended = Object.freeze({ kind: "withheld" });

/** Carries `append` out once what it follows from is appended where it must be. Throws what `append` throws. */
export async function appendAfter(after: Followed, append: () => Promise<Appended>): Promise<Appended> {
	return (await isWritten(after)) ? append() : WITHHELD;
}

/** What the append before throws is for whoever called that. */
const isWritten = ({ append, base }: Followed): Promise<boolean> =>
	append.then(
		(appended) => appended.kind === "appended" && appended.base === base,
		() => false,
	);
