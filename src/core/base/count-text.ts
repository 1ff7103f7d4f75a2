/** Counts as a person reads them: the same on every machine. */

/** `1 input`, `1,250 inputs`; `nouns` where the plural has more than an `s`. */
export const counted = (value: number, noun: string, nouns = `${noun}s`): string =>
	`${grouped(value)} ${value === 1 ? noun : nouns}`;

/** Thousands separated: `1,250`. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
