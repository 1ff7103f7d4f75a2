/** Where appends are cut, whatever they hold (docs/design/topics.md#bounds); a log may take less. */

export const APPEND_RECORDS_MAX = 500;

export const APPEND_BYTES_MAX = 900_000;

/** What an append holds so far. */
export interface AppendLoad {
	readonly records: number;
	readonly bytes: number;
}

/** Is there no room for one more record that weighs so much? The first always goes in, whatever it weighs. */
export const isFullFor = ({ records, bytes }: AppendLoad, weight: number, bytesMax = APPEND_BYTES_MAX): boolean =>
	records > 0 && (records >= APPEND_RECORDS_MAX || bytes + weight > bytesMax);

/** Items in their order, cut into appends. */
export function cutAppends<Item>(
	items: readonly Item[],
	weightOf: (item: Item) => number,
): readonly (readonly Item[])[] {
	const appends: Item[][] = [];
	let load: AppendLoad = { records: 0, bytes: 0 };
	for (const item of items) {
		const weight = weightOf(item);
		if (load.records === 0 || isFullFor(load, weight)) {
			appends.push([]);
			load = { records: 0, bytes: 0 };
		}
		appends.at(-1)?.push(item);
		load = { records: load.records + 1, bytes: load.bytes + weight };
	}
	return appends;
}
