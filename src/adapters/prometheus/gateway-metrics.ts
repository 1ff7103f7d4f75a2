/** A gateway's figures as Prometheus reads them. Labels are routes and classes of status: never a tenant, an agent or a tool. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { GatewayMeter } from "../../ports/gateway-meter.ts";

export interface GatewayMetrics extends GatewayMeter {
	readonly contentType: string;
	text(): Promise<string>;
	close(): void;
}

/** Upper bounds in seconds: 1 ms to 60 s, for as long as a decision may be waited for. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function openGatewayMetrics(): GatewayMetrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	const requests = new Counter({
		name: "assent_gateway_requests_total",
		help: "Requests that were answered, by route and status.",
		labelNames: ["route", "status"],
		registers,
	});
	const seconds = new Histogram({
		name: "assent_gateway_request_seconds",
		help: "From a request's arrival until it was answered, by route; decisions that were waited for included.",
		labelNames: ["route"],
		buckets: SECONDS,
		registers,
	});
	const waiting = new Gauge({
		name: "assent_gateway_waiting",
		help: "Requests that are being worked on; most of them wait for a decision.",
		registers,
	});
	return {
		contentType: registry.contentType,
		text: () => registry.metrics(),
		close: () => registry.clear(),
		answered(route, status, ms) {
			requests.inc({ route, status });
			seconds.observe({ route }, ms / 1_000);
		},
		waiting: (change) => waiting.inc(change),
	};
}
