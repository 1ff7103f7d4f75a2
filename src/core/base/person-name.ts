/**
 * Names of people, as they compare: one person is one vote, however the name is written. Case, Unicode form, space around
 * it and characters of no width tell nobody apart; letters of other alphabets that look alike do.
 */
import { withoutWidth } from "./no-width.ts";

/** The same for every spelling of a name; for comparing, not for showing. */
export const personName = (name: string): string =>
	// Upper case first: `ß` and `ſ` have no lower case of their own.
	withoutWidth(name.normalize("NFC")).trim().toUpperCase().toLowerCase().normalize("NFC");
