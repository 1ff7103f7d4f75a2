/** The embedded log keeps the port's promises, with the engine on a thread of its own and on the caller's. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";
import { logContract } from "./log-contract.ts";

const folders: string[] = [];

afterAll(() => {
	for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

for (const thread of ["either", "worker", "inline"] as const) {
	logContract(`embedded, ${thread}`, async () => {
		const folder = mkdtempSync(join(tmpdir(), "assent-contract-"));
		folders.push(folder);
		const open = () => openEmbeddedLog({ path: join(folder, "log.db"), thread });
		return { log: await open(), secondHandle: open, reopen: open };
	});
}
