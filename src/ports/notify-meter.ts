/** What a notifier measures, by the name of a target as the configuration has it. */
import type { EpochMs } from "../core/model/units.ts";

export interface NotifyMeter {
	/** A message is over: its receiver took it, or it is a dead letter. */
	ended(target: string, result: "sent" | "dead"): void;
	/** A message was not taken, and is sent again later. */
	retried(target: string): void;
	/** So many messages are under way, the oldest of which tells what happened then; null where there is none. */
	underWay(target: string, count: number, oldestAt: EpochMs | null): void;
}

export const noNotifyMeter: NotifyMeter = { ended: () => {}, retried: () => {}, underWay: () => {} };
