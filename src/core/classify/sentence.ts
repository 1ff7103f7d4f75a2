/** Whether a text is said to somebody: words in a row, as no statement, command or value has them. */

/** As much of a text as is looked at. */
const LOOKED_AT = 600;
/** So many plain words in a row are a sentence. */
const LEAST = 4;

const PLAIN = /^[(\u201c]?[A-Za-z][a-z'\u2019-]*[.,:;?!)\u201d]*$/;
/** What an injection may put behind itself to say anything. */
const REMARK = /^(?:--|#|\/\*)/;
/** Words that statements have in a row. */
const OF_STATEMENTS = new Set(
	"select from where union all and or like null order group by having into values set table create drop alter user database grant revoke identified insert update delete limit exec execute declare waitfor delay".split(
		" ",
	),
);

/** Words behind the mark of a remark do not count: anybody can put them there. */
export function isSentence(text: string): boolean {
	let run = 0;
	for (const word of text.slice(0, LOOKED_AT).trim().split(/\s+/)) {
		if (REMARK.test(word)) return false;
		run = PLAIN.test(word) && !OF_STATEMENTS.has(word.toLowerCase()) ? run + 1 : 0;
		if (run >= LEAST) return true;
	}
	return false;
}
