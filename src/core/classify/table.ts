/** What is known by names that a text gives. */

/** Has no name but its own: `constructor` and `__proto__` are names that somebody may write, too. */
export const table = <Value>(own: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
	Object.assign(Object.create(null) as Record<string, Value>, own);
