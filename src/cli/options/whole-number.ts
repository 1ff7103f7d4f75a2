/** Whole numbers as options give them. */
import { InvalidArgumentError } from "commander";

/** Reads a number from `min` to `max`. */
export const wholeNumber =
	({ min, max }: { readonly min: number; readonly max: number }) =>
	(text: string): number => {
		const value = Number(text);
		if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value;
		throw new InvalidArgumentError(`a whole number from ${min} to ${max} is expected.`);
	};
