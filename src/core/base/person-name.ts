/**
 * Names of people, as they compare: one person is one vote, however the name is written. Case, Unicode form
 * (full-width, bold and other forms of one letter included), how much space is around or between words, characters of no width,
 * and the dot that ends a domain tell nobody apart; letters of other alphabets that look alike do.
 */
import { withoutWidth } from "./unseen.ts";

/** The same for every spelling of a name; for comparing, not for showing. */
export const personName = (name: string): string =>
	// Down, up and down again: `ẞ`, `ß` and `ſ` meet only so.
	withoutWidth(name.normalize("NFKC"))
		.replace(/\s+/gu, " ")
		.trim()
		.replace(DOMAIN_END, "$1")
		.toLowerCase()
		.toUpperCase()
		.toLowerCase()
		.normalize("NFKC");

const DOMAIN_END = /(@[^@\s]*[^@\s.])\.+$/u;
