/** Did you mean …? */

/** The candidate nearest to what was written, if it is near enough to be a slip of the pen. */
export function nearest(written: string, candidates: readonly string[]): string | null {
	let best: string | null = null;
	let bestDistance = Math.min(3, Math.floor(written.length / 3) + 1);
	for (const candidate of candidates) {
		const distance = editDistance(written.toLowerCase().slice(0, 64), candidate.toLowerCase());
		if (distance < bestDistance || (distance === bestDistance && best === null)) {
			best = candidate;
			bestDistance = distance;
		}
	}
	return best;
}

/** `did you mean …?`, or the list of what there is. */
export function suggest(written: string, candidates: readonly string[]): string {
	const near = nearest(written, candidates);
	if (near !== null) return `did you mean \`${near}\`?`;
	return candidates.length === 0 ? "remove it" : `known here: ${candidates.map((each) => `\`${each}\``).join(", ")}`;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
	let before: number[] = [];
	let last = Array.from({ length: b.length + 1 }, (_, column) => column);
	for (let row = 1; row <= a.length; row++) {
		const current = [row];
		for (let column = 1; column <= b.length; column++) {
			const same = a[row - 1] === b[column - 1];
			let cost = Math.min(
				(last[column] as number) + 1,
				(current[column - 1] as number) + 1,
				(last[column - 1] as number) + (same ? 0 : 1),
			);
			if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
				cost = Math.min(cost, (before[column - 2] as number) + 1);
			}
			current.push(cost);
		}
		before = last;
		last = current;
	}
	return last[b.length] as number;
}
