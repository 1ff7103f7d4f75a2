/** `node recompute.ts URL`: prints what comes out when the log's ledgers are decided again. */
import { openLog } from "../../src/app/open-log.ts";
import { layoutOf } from "../../src/reading/layout.ts";
import { recompute } from "../support/recompute.ts";

const log = await openLog(process.argv[2] ?? "", { create: false });
const layout = await layoutOf(log);
if (layout === null) throw new Error("nobody has taken a partition of this log");
process.stdout.write(JSON.stringify(await recompute(log, layout)));
await log.close();
