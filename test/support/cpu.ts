/** What work costs this process, whatever else the machine is busy with. */

/** CPU time of this thread, ms: without compilers and collectors, which work beside it. */
export function threadMs(): number {
	const { user, system } = process.threadCpuUsage();
	return (user + system) / 1_000;
}

/** CPU time of all threads since the process began, ms. */
export function cpuMs(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1_000;
}
