/** Texts that break out of a filter of a directory: `*)(uid=*))(|(uid=*`, `admin)(&)`, `*(|(mail=*))`. */

const LENGTH_MAX = 200;
/** What follows a bracket in a filter: an attribute and how it is compared, or how several are joined; or the rest is cut off. */
const GOES_ON = /^\)*(?:\(\(?(?:[|&!]|\w[\w.;:-]*[=~<>])|\(?(?:%00|\\x?00|\0))/;
const BEGINS = /^\w{0,20}\*\(?(?:\([|&!]?\(?|[|&!]\()\w{1,30}[=~<>]/;

/** Does it close a bracket that it did not open, and go on as a filter does? */
export function breaksOutOfFilter(text: string): boolean {
	if (text.length > LENGTH_MAX || /\s/.test(text)) return false;
	if (BEGINS.test(text)) return true;
	let depth = 0;
	for (let at = 0; at < text.length; at++) {
		if (text[at] === "(") depth++;
		else if (text[at] === ")" && --depth < 0) return GOES_ON.test(text.slice(at + 1));
	}
	return false;
}
