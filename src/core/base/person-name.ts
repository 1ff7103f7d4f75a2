/**
 * Names of people, as they compare: one person is one vote, however the name is written. Case, Unicode form
 * (full-width, bold and other forms of one letter included), space around it and characters of no width tell nobody apart;
 * letters of other alphabets that look alike do.
 */
import { withoutWidth } from "./no-width.ts";

/** The same for every spelling of a name; for comparing, not for showing. */
export const personName = (name: string): string =>
	// Down, up and down again: `ẞ`, `ß` and `ſ` meet only so.
	withoutWidth(name.normalize("NFKC")).trim().toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
