/**
 * The members' partitions. A partition of `intents` and the same partition of `control` always go to the same member
 * (kafkajs's round-robin would split them), and a member keeps what it has as far as the shares allow: every partition that
 * moves costs a claim and a restore.
 */

export interface Member {
	readonly id: string;
	/** Partitions that it decides at the moment, as it says itself. */
	readonly owned: readonly number[];
}

/** Shares `partitions` evenly. Two members that say they own the same one: the first by id keeps it. */
export function share(members: readonly Member[], partitions: number): ReadonlyMap<string, readonly number[]> {
	const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
	const shares = new Map<string, number[]>(sorted.map(({ id }) => [id, []]));
	if (sorted.length === 0) return shares;
	const least = Math.floor(partitions / sorted.length);
	let larger = partitions - least * sorted.length;
	const free = new Set(Array.from({ length: partitions }, (_, partition) => partition));
	// Members with many keep the larger shares, so that as little moves as can.
	const byOwned = [...sorted].sort((a, b) => b.owned.length - a.owned.length);
	for (const { id, owned } of byOwned) {
		const kept = shares.get(id) ?? [];
		for (const partition of [...owned].sort((a, b) => a - b)) {
			if (!free.has(partition)) continue;
			if (kept.length === least && larger > 0) larger -= 1;
			else if (kept.length >= least) break;
			kept.push(partition);
			free.delete(partition);
		}
	}
	for (const partition of free) {
		const next = sorted
			.map(({ id }) => shares.get(id) ?? [])
			.reduce((fewest, each) => (each.length < fewest.length ? each : fewest));
		next.push(partition);
	}
	for (const share of shares.values()) share.sort((a, b) => a - b);
	return shares;
}

/**
 * What each may take up now of its share: what another member still has is nobody's until that one says that it has let it go.
 * Taken up at once, it would be claimed while its owner's appends are under way, and they would be void.
 */
export function freeOf(
	shares: ReadonlyMap<string, readonly number[]>,
	members: readonly Member[],
): ReadonlyMap<string, readonly number[]> {
	const owners = new Map<number, string[]>();
	for (const { id, owned } of members)
		for (const partition of owned) owners.set(partition, [...(owners.get(partition) ?? []), id]);
	const isFree = (id: string, partition: number): boolean => owners.get(partition)?.includes(id) ?? true;
	return new Map([...shares].map(([id, share]) => [id, share.filter((partition) => isFree(id, partition))]));
}
