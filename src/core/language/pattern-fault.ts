/** Why a pattern is refused, as a value and, inside the readers, as an exception. */

export interface PatternFault {
	/** Code units before the place in the pattern, from 0. */
	readonly offset: number;
	readonly message: string;
	readonly help: string;
}

/** Thrown inside the readers only; turned into a value at their border. */
export class PatternRefused extends Error {
	readonly fault: PatternFault;

	constructor(offset: number, message: string, help: string) {
		super(message);
		this.fault = { offset, message, help };
	}
}
