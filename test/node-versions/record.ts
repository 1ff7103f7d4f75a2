/** `node record.ts URL`: an ordinary day on a new log. */
import { openLog } from "../../src/app/open-log.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import { ordinaryDay } from "../support/ordinary-day.ts";

const log = await openLog(process.argv[2] ?? "", { create: true });
await ordinaryDay(log, { ...DEFAULT_LAYOUT, partitions: 3 });
await log.close();
