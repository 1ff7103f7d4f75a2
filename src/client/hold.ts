/** Keeping the process while something is under way that only waits: waiting for a log holds no process by itself. */

/** Timers of the platform hold 31 bits. */
const FOR_LONG_MS = 2_147_483_647;

/** Settles as the work does; until then the process does not end by itself. */
export async function holding<Value>(work: Promise<Value>): Promise<Value> {
	const timer = setInterval(() => {}, FOR_LONG_MS);
	try {
		return await work;
	} finally {
		clearInterval(timer);
	}
}
