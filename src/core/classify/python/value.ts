/** What is known of an expression without running it. */

/** Where a value comes from, as bits that pass on to what is made of it. */
export const SECRET = 1;
export const FILE = 2;
/** What the machine and its user are called. */
export const HOST = 4;
export const FETCHED = 8;
export const DECODED = 16;
/** Of a parameter of the function that is being read: nobody knows what it will be given. */
export const GIVEN = 32;
/** What a program printed. */
export const OUTPUT = 64;
/** A file or folder that the system has just made for a while. */
export const TEMPORARY = 128;

const TAINTS: readonly (readonly [number, string])[] = [
	[SECRET, "secret"],
	[FILE, "file"],
	[HOST, "host"],
	[FETCHED, "fetched"],
	[DECODED, "decoded"],
	[OUTPUT, "output"],
	[TEMPORARY, "temporary"],
];

export interface Value {
	/** A module, function or object by the name it was imported or made under: `os.system`, `socket.socket()`. */
	readonly name?: string;
	/** A text or bytes (one letter for each); parts that are not known are `HOLE`. */
	readonly text?: string;
	readonly items?: readonly Value[];
	/** What a dictionary holds under keys that are known. */
	readonly entries?: ReadonlyMap<string, Value>;
	readonly number?: number;
	readonly taint: number;
}

export const UNKNOWN: Value = { taint: 0 };
/** Stands for what is not known within a text. */
export const HOLE = "\u0001";

export const isWhole = (text: string): boolean => !text.includes(HOLE);

export const ofText = (text: string, taint = 0): Value => ({ text, taint });
export const ofName = (name: string, taint = 0): Value => ({ name, taint });

export function taintNames(taint: number): readonly string[] {
	return taint === 0 ? [] : TAINTS.filter(([bit]) => (taint & bit) !== 0).map(([, name]) => name);
}
