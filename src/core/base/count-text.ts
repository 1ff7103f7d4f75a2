/** Counts as a person reads them: the same on every machine. */

/** `1 input`, `1,250 inputs`. */
export const counted = (value: number, noun: string): string => `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;

/** Thousands separated: `1,250`. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
