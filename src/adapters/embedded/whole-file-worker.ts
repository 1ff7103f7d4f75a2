/** The thread on which `doctor` reads the whole file. */
import { parentPort, workerData } from "node:worker_threads";
import { thrownError } from "./messages.ts";
import { LogReader } from "./reader.ts";
import { type Checked, wholeFileFindings } from "./whole-file.ts";

if (parentPort !== null) {
	let checked: Checked;
	try {
		const reader = new LogReader(String(workerData));
		try {
			checked = { findings: wholeFileFindings(reader) };
		} finally {
			reader.close();
		}
	} catch (thrown) {
		checked = { thrown: thrownError(thrown) };
	}
	parentPort.postMessage(checked);
}
