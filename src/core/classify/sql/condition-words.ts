/** Words and signs that conditions are made of. */

/** Words that end a condition at its own depth. */
export const ENDS: ReadonlySet<string> = new Set([
	"group",
	"order",
	"limit",
	"having",
	"returning",
	"return",
	"match",
	"with",
	"union",
	"intersect",
	"except",
	"minus",
	"window",
	"offset",
	"fetch",
	"for",
	"into",
	"option",
	"on",
	"qualify",
	"procedure",
	"lock",
	"settings",
	"format",
]);

/** Signs that compare. */
export const COMPARISONS: ReadonlySet<string> = new Set(["=", "==", "<>", "!=", "<", ">", "<=", ">=", "<=>"]);
/** Words at which an operand ends. */
export const BREAKS: ReadonlySet<string> = new Set([
	"and",
	"or",
	"is",
	"in",
	"between",
	"like",
	"ilike",
	"rlike",
	"regexp",
	"glob",
	"similar",
	"not",
	"escape",
	"xor",
]);

/** Words that are no names of columns. */
export const NO_COLUMNS: ReadonlySet<string> = new Set([
	"true",
	"false",
	"null",
	"and",
	"or",
	"not",
	"binary",
	"collate",
	"select",
]);
