/**
 * Probes and metrics over HTTP: `/metrics` for Prometheus, `/livez` (is there any point in letting this process run on?) and
 * `/readyz` (of a processor: is every partition that is assigned here being decided, and does none stand still?).
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { AssentError, problem } from "../../core/base/errors.ts";
import { isReady, type ProcessorStatus } from "../../processor/status.ts";

/** What `/metrics` shows. */
export interface MetricsPage {
	readonly contentType: string;
	text(): Promise<string>;
}

export interface HealthOptions {
	/** Name or address of the interface to listen on: `127.0.0.1`, `0.0.0.0`, `::`. */
	readonly host: string;
	/** 0 for one that is free. */
	readonly port: number;
	readonly metrics: MetricsPage;
	readonly status: () => HealthReport;
}

export interface HealthReport {
	/** The work is over, and not because somebody asked for it. */
	readonly isEnded: boolean;
	readonly isReady: boolean;
	/** What `/readyz` says beside `isReady`. */
	readonly facts: object;
}

export interface Health {
	/** Where it listens: `http://127.0.0.1:9464`. */
	readonly address: string;
	/** Stops listening and ends what is open. Idempotent. */
	close(): Promise<void>;
}

export function processorHealth(status: ProcessorStatus): HealthReport {
	const { partitions, isMember, isDraining, isEnded, why: groupWhy } = status;
	const facts = {
		isMember,
		isDraining,
		isEnded,
		...(groupWhy === undefined ? {} : { why: groupWhy }),
		partitions: partitions.map(({ partition, phase, since, stalledSince, restored, withoutKey, why }) => ({
			partition,
			phase,
			since: new Date(since).toISOString(),
			...(stalledSince === undefined ? {} : { stalledSince: new Date(stalledSince).toISOString() }),
			...(restored === undefined ? {} : { restored }),
			...(withoutKey === undefined ? {} : { withoutKey }),
			...(why === undefined ? {} : { why }),
		})),
	};
	return { isEnded, isReady: isReady(status), facts };
}

/** Listens, or throws ASSENT_USAGE with the port that cannot be had. */
export async function serveHealth(options: HealthOptions): Promise<Health> {
	const server = createServer((request, response) => {
		void answer(options, request).then(
			(reply) => send(response, reply),
			(thrown: unknown) => send(response, text(500, `${thrown instanceof Error ? thrown.message : String(thrown)}\n`)),
		);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) => reject(unusable(options, error)));
		server.listen({ host: options.host, port: options.port }, resolve);
	});
	let closing: Promise<void> | null = null;
	const close = (): Promise<void> => {
		closing ??= new Promise((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
		return closing;
	};
	return { address: addressOf(server.address() as AddressInfo), close };
}

const addressOf = ({ address, family, port }: AddressInfo): string =>
	`http://${family === "IPv6" ? `[${address}]` : address}:${port}`;

function unusable({ host, port }: HealthOptions, error: NodeJS.ErrnoException): AssentError {
	const why = error.code === "EADDRINUSE" ? "it is taken" : (error.code ?? error.message);
	const help = "choose another port or address for metrics and probes, or stop whatever is listening there";
	return new AssentError(problem("ASSENT_USAGE", `cannot listen on port ${port} of \`${host}\`: ${why}`, help));
}

interface Reply {
	readonly status: number;
	readonly type: string;
	readonly body: string;
	readonly headers?: Readonly<Record<string, string>>;
}

const text = (status: number, body: string): Reply => ({ status, type: "text/plain; charset=utf-8", body });

const json = (status: number, body: unknown): Reply => ({
	status,
	type: "application/json",
	body: `${JSON.stringify(body)}\n`,
});

async function answer({ metrics, status }: HealthOptions, { method, url = "" }: IncomingMessage): Promise<Reply> {
	const found = ROUTES.get(url.split("?", 1)[0] ?? "");
	if (found === undefined) return text(404, "there are /metrics, /livez and /readyz\n");
	if (method !== "GET" && method !== "HEAD") {
		return { ...text(405, "only GET and HEAD\n"), headers: { allow: "GET, HEAD" } };
	}
	return found({ metrics, status });
}

type Route = (of: Pick<HealthOptions, "metrics" | "status">) => Reply | Promise<Reply>;

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
	["/metrics", async ({ metrics }) => ({ status: 200, type: metrics.contentType, body: await metrics.text() })],
	["/livez", ({ status }) => (status().isEnded ? text(503, "it has ended\n") : text(200, "ok\n"))],
	["/readyz", ({ status }) => readiness(status())],
]);

const readiness = ({ isReady, facts }: HealthReport): Reply => json(isReady ? 200 : 503, { isReady, ...facts });

/** For HEAD, node sends the headers alone. */
function send(response: ServerResponse, { status, type, body, headers = {} }: Reply): void {
	response.writeHead(status, {
		"content-type": type,
		"content-length": Buffer.byteLength(body),
		"cache-control": "no-store",
		...headers,
	});
	response.end(body);
}
