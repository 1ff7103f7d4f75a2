/** An open loop: requests begin at their times whether or not those before them were answered, as clients that know nothing of each other do. */

export interface Pace {
	readonly perSecond: number;
	readonly seconds: number;
}

/** Milliseconds that each request took, sorted; those of the first second, which warms up, are left out. */
export async function openLoop(
	{ perSecond, seconds }: Pace,
	request: (index: number) => Promise<void>,
): Promise<number[]> {
	const took: number[] = [];
	const waiting: Promise<void>[] = [];
	const startedAt = performance.now();
	for (let index = 0; index < perSecond * seconds; index++) {
		const due = startedAt + (index * 1_000) / perSecond;
		while (performance.now() < due)
			await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
		const askedAt = performance.now();
		const answered = request(index).then(() => {
			took[index] = performance.now() - askedAt;
		});
		waiting.push(answered);
	}
	await Promise.all(waiting);
	return took.slice(perSecond).sort((a, b) => a - b);
}
