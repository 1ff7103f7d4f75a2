/** A notifier's figures as Prometheus reads them. The label is a target's name in the configuration: never an address, a tenant or an agent. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { type EpochMs, SECOND } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { NotifyMeter } from "../../ports/notify-meter.ts";

export interface NotifyMetrics extends NotifyMeter {
	readonly contentType: string;
	text(): Promise<string>;
	close(): void;
}

/** Every target is there from the start, also one to which nothing was sent. */
export function openNotifyMetrics(targets: readonly string[], clock: Clock): NotifyMetrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	const messages = new Counter({
		name: "assent_notify_messages_total",
		help: "Messages that are over: taken by their receiver (`sent`), or given up and in the file of dead letters (`dead`).",
		labelNames: ["target", "result"],
		registers,
	});
	const retries = new Counter({
		name: "assent_notify_retries_total",
		help: "Tries that failed and are repeated.",
		labelNames: ["target"],
		registers,
	});
	const waiting = new Gauge({
		name: "assent_notify_waiting",
		help: "Messages that are under way: being sent, or waiting to be sent again. At 64 the log is read no further for the target.",
		labelNames: ["target"],
		registers,
	});
	const oldest = new Map<string, EpochMs | null>();
	const lag = new Gauge({
		name: "assent_notify_lag_seconds",
		help: "How long ago it happened what the oldest message under way tells; 0 where none is.",
		labelNames: ["target"],
		registers,
		collect() {
			const now = clock.now();
			for (const [target, at] of oldest) lag.set({ target }, at === null ? 0 : Math.max(0, now - at) / SECOND);
		},
	});
	for (const target of targets) {
		for (const result of ["sent", "dead"]) messages.inc({ target, result }, 0);
		retries.inc({ target }, 0);
		waiting.set({ target }, 0);
		oldest.set(target, null);
	}
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		close: () => registry.clear(),
		ended: (target, result) => messages.inc({ target, result }),
		retried: (target) => retries.inc({ target }),
		underWay(target, count, oldestAt) {
			waiting.set({ target }, count);
			oldest.set(target, oldestAt);
		},
	};
}
