/** One measured figure. Ratios carry the unit `×`. */
export interface BenchRow {
	readonly what: string;
	readonly value: number;
	readonly unit: string;
}

/** The figure below which a share of the sorted values lies. */
export const percentile = (sorted: readonly number[], share: number): number =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

export const median = (values: readonly number[]): number =>
	percentile(
		values.toSorted((a, b) => a - b),
		0.5,
	);
