/** The nine threat categories of a call, from the most severe to none. */

/** In the order of severity: of what is equally sure, the first is the headline. */
export const CATEGORIES = [
	"destructive_data",
	"data_exfiltration",
	"privilege_escalation",
	"system_modification",
	"code_execution",
	"network_access",
	"data_write",
	"data_read",
	"benign",
] as const;

export type Category = (typeof CATEGORIES)[number];

const DANGEROUS = 5;

/** The first five: a call of one of these does harm where nobody wanted it. */
export const isDangerous = (category: Category): boolean => CATEGORIES.indexOf(category) < DANGEROUS;

/** Confidence (0–100) from which on a category can be the headline, and counts for `dangerous`. */
export const DANGEROUS_FROM = 50;
