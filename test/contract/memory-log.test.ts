/** The memory log keeps the port's promises, all but surviving. */
import { openMemoryLog } from "../../src/adapters/memory/log.ts";
import { MemoryStore } from "../../src/adapters/memory/store.ts";
import { logContract } from "./log-contract.ts";

logContract("memory", async () => {
	const store = new MemoryStore();
	return { log: openMemoryLog({ store }), secondHandle: async () => openMemoryLog({ store }) };
});
