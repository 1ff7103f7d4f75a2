/** What a tool does that is named after it: `log_eraser` erases, `DataThief` steals, `data_exfiltration_tool` exfiltrates. */

/** The verb of the last word that is made of one; `known` are verbs that it may be made of. */
export function deedOf(words: readonly string[], known: ReadonlySet<string>): string | undefined {
	for (let at = words.length - 1; at >= 0; at--) {
		const word = words[at] as string;
		if (IRREGULAR.has(word)) return IRREGULAR.get(word);
		if (word.length < LENGTH_MIN || THINGS.has(word)) continue;
		const verb = verbsIn(word).find((one) => known.has(one) || MORE.has(one));
		if (verb !== undefined) return verb;
		const harm = word.endsWith("ing") ? stemsOf(word.slice(0, -3)).find((one) => HARMS.has(one)) : undefined;
		if (harm !== undefined) return harm;
	}
	return undefined;
}

const verbsIn = (word: string): readonly string[] =>
	ENDINGS.flatMap(([ending, instead]) => {
		if (!word.endsWith(ending)) return [];
		const stem = word.slice(0, -ending.length);
		return instead === null ? stemsOf(stem) : [stem + instead];
	});

/** `eras` may be of `erase`, `dropp` of `drop`. */
const stemsOf = (stem: string): readonly string[] =>
	stem.at(-1) === stem.at(-2) ? [stem, stem.slice(0, -1)] : [stem, `${stem}e`];

const LENGTH_MIN = 5;
/** Endings of words that are made of verbs, and how the verbs end where that differs. */
const ENDINGS: readonly (readonly [ending: string, instead: string | null])[] = [
	["ifier", "ify"],
	["ification", "ify"],
	["er", null],
	["or", null],
	["ion", null],
	["ation", ""],
	["al", null],
];
const MORE = new Set("log leak block escalate spoof redirect hijack reset".split(" "));
const HARMS = new Set(
	"tamper exfiltrate harvest steal wipe delete encrypt hijack spoof intercept corrupt sabotage leak erase destroy".split(
		" ",
	),
);
const IRREGULAR: ReadonlyMap<string, string> = new Map([
	["thief", "steal"],
	["theft", "steal"],
	["saboteur", "sabotage"],
]);
/** What is called so and does nothing. */
const THINGS = new Set(
	"computer reader header loader transfer register number order container calculator runner timer filter folder".split(
		" ",
	),
);
