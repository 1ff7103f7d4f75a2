/**
 * A process of its own on an embedded log, for the tests that kill it: `node embedded-writer.ts PATH NAME COUNT`. Appends
 * COUNT records `NAME:i` (0: for ever) to `intents/0` and sends `i` to its parent after each acknowledgement.
 */
import { openEmbeddedLog } from "../../src/adapters/embedded/open.ts";

const [path = "", name = "", count = "0"] = process.argv.slice(2);
const log = await openEmbeddedLog({ path });
for (let at = 0; count === "0" || at < Number(count); at++) {
	const appended = await log.append({ topic: "intents", partition: 0 }, [
		{ key: name, value: Buffer.from(`${name}:${at}`), headers: { writer: name } },
	]);
	if (appended.kind !== "appended") throw new Error(`append ${at}: ${JSON.stringify(appended)}`);
	process.send?.(at);
}
await log.close();
process.disconnect?.();
