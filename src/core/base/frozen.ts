/** Values that can no longer change, to their leaves: they may be kept, shared, and stood for by their bytes. */

export const isFrozenDeep = (value: unknown): boolean =>
	typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozenDeep));

/** The value, frozen to its leaves. For values that nobody else holds: what is frozen in it already is passed over. */
export function freezeDeep<Value>(value: Value): Value {
	if (value === null || typeof value !== "object" || Object.isFrozen(value)) return value;
	for (const part of Object.values(value)) freezeDeep(part);
	return Object.freeze(value);
}
