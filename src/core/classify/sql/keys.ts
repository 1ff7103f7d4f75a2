/** What tells one row from all others, as far as names say so. */
import type { Value } from "./constants.ts";

const KEY =
	/(?:id|(?:^|[^a-z])(?:ids|key|pk|uuid|guid|oid|ctid|email|username|login|token|slug|sku|hash|code|number|nr|no|isbn|url|path))$/iu;
const NO_KEY = /(?:paid|valid|void|bid|aid|acid|grid|said|kid|solid)$/iu;
const GIVEN = /^(?:\?|[$:@%]\s?\w+|%\s?\(\s?\w+\s?\)\s?s)\d*$/u;

/** A column of which each row has a value of its own, by its name. */
export const isKey = (value: Value): boolean =>
	value.hasColumn && KEY.test(value.spelled) && !NO_KEY.test(value.spelled);

/** A value that the program puts in: `?`, `$1`, `:name`, `%s`. */
export const isGiven = (value: Value): boolean => GIVEN.test(value.spelled);
