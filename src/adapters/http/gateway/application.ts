/**
 * The gateway's application: credentials first, then the body, then the route; every refusal a problem with a code.
 *
 * G1  Nothing is answered without a credential that is known and in force at that moment, but for the probes.
 * G2  No name of a principal is taken from a body unless the credential admits it.
 * G3  What cannot be told apart is refused: bodies are strict I-JSON, unknown keys are errors, and a file of keys that
 *     cannot be read lets nobody through.
 * G4  Nothing that is not decided in time stays open: a caller that goes away, or a gateway that ends, abandons its calls.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import Fastify, {
	type FastifyBaseLogger,
	type FastifyInstance,
	type FastifyReply,
	type FastifyRequest,
	LogController,
} from "fastify";
import { AssentError } from "../../../core/base/errors.ts";
import type { GatewayMeter } from "../../../ports/gateway-meter.ts";
import type { Telemetry } from "../../../ports/telemetry.ts";
import { assertRole, type Credential } from "./credential.ts";
import type { GatewayLimits } from "./limits.ts";
import { openApi, PROBES } from "./open-api.ts";
import {
	answerOf,
	draining,
	notFound,
	PROBLEM_TYPE,
	refused,
	tooLarge,
	unauthenticated,
	wrongMediaType,
	wrongMethod,
} from "./problems.ts";
import { BODY_BYTES_MAX, readBody, readPart } from "./request.ts";
import type { Answered, GatewayParts, GatewayRoute } from "./route.ts";
import { ROUTES } from "./routes.ts";
import { Shares } from "./shares.ts";

/** What `/metrics` shows. */
export interface MetricsPage {
	readonly contentType: string;
	text(): Promise<string>;
}

export interface ApplicationParts extends GatewayParts {
	readonly telemetry: Telemetry;
	/** What Fastify itself has to say; null: nothing. */
	readonly httpLog: FastifyBaseLogger | null;
	readonly meter: GatewayMeter;
	readonly metrics: MetricsPage;
	readonly version: string;
	/** Host names that a request may be for; null: any (a proxy in front, or TLS, vouches for it). */
	readonly hosts: ReadonlySet<string> | null;
	/** Throws why the gateway cannot serve: its log is gone. */
	readonly assertUsable: () => void;
	/** Whether new requests are refused. */
	readonly isDraining: () => boolean;
	readonly limits: GatewayLimits;
	readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** All header lines of a request together, in bytes. */
const HEADER_BYTES_MAX = 16_384;
const HEADERS_MAX = 100;
const IDLE_MS = 65_000;
const CHECKING_EVERY_MS = 1_000;

/** Headers have secrets, and paths and queries names: of a request and its answer Fastify's own lines have none. */
const NOTHING = { req: () => undefined, res: () => undefined };

declare module "fastify" {
	interface FastifyRequest {
		credential: Credential | null;
		startedAt: number;
		/** Gives back its place among those of its credential. */
		leave: (() => void) | null;
	}
}

export function makeApplication(parts: ApplicationParts): FastifyInstance {
	const { headersWithinMs, requestWithinMs } = parts.limits;
	const http = {
		maxHeaderSize: HEADER_BYTES_MAX,
		headersTimeout: headersWithinMs,
		requestTimeout: requestWithinMs,
		connectionsCheckingInterval: Math.min(CHECKING_EVERY_MS, headersWithinMs),
	};
	const app = Fastify({
		...(parts.httpLog === null
			? { logger: false }
			: { loggerInstance: parts.httpLog.child({}, { serializers: NOTHING }) }),
		// One line for each request is ours, and none is a logger of its own.
		logController: new LogController({ disableRequestLogging: true }),
		childLoggerFactory: (log: FastifyBaseLogger) => log,
		bodyLimit: BODY_BYTES_MAX,
		requestTimeout: requestWithinMs,
		keepAliveTimeout: IDLE_MS,
		forceCloseConnections: "idle",
		exposeHeadRoutes: false,
		routerOptions: { maxParamLength: 1_024, ignoreTrailingSlash: false },
		...(parts.tls === null ? { http } : { https: { ...http, ...parts.tls } }),
		clientErrorHandler,
		frameworkErrors: (_thrown: Error, request: FastifyRequest, reply: FastifyReply) =>
			void refuse(parts, request, reply, refused("the path is no path", "look at `GET /openapi.json`")),
	} as object) as FastifyInstance;
	app.server.maxHeadersCount = HEADERS_MAX;
	app.decorateRequest("credential", null);
	app.decorateRequest("startedAt", 0);
	app.decorateRequest("leave", null);
	const shares = new Shares(parts.limits);
	app.removeAllContentTypeParsers();
	app.addContentTypeParser(
		"application/json",
		{ parseAs: "buffer" },
		async (request: FastifyRequest, bytes: Buffer) => {
			const { credential } = request;
			if (credential === null) throw unknownPath(request);
			return readBody(bytes, (members) => shares.countMembers(credential, members));
		},
	);
	app.setErrorHandler(async (thrown, request, reply) => {
		request.leave?.();
		const { credential } = request;
		if (credential !== null && (thrown as { code?: unknown }).code === "GATEWAY_RATE")
			await shares.holdBack(credential);
		return refuse(parts, request, reply, thrown);
	});
	app.setNotFoundHandler((request, reply) => refuse(parts, request, reply, unknownPath(request)));
	app.addHook("onRequest", async (request) => {
		request.startedAt = performance.now();
		assertHost(parts, request.raw);
		// Before a body is looked at: no path takes another method.
		if (request.method !== "GET" && request.method !== "POST") throw unknownPath(request);
	});
	app.addHook("onResponse", async (request, reply) => {
		const route = request.routeOptions.url ?? "none";
		const ms = performance.now() - request.startedAt;
		parts.meter.answered(route, reply.statusCode, ms);
		if (PROBES.some(({ path }) => path === route)) return;
		const credential = request.credential === null ? {} : { credential: request.credential.id };
		const facts = { method: request.method, route, status: reply.statusCode, ms: Math.round(ms), ...credential };
		parts.telemetry.info("request.answered", facts);
	});
	addProbes(app, parts);
	for (const route of ROUTES) addRoute(app, { parts, shares }, route);
	return app;
}

function addRoute(
	app: FastifyInstance,
	{ parts, shares }: { readonly parts: ApplicationParts; readonly shares: Shares },
	route: GatewayRoute,
): void {
	app.route({
		method: route.method,
		url: route.path.replace(/\{(\w+)\}/g, ":$1"),
		// Before the body is read: who has no credential makes nobody read anything.
		onRequest: async (request, reply) => {
			const credential = await authenticated(parts, request.headers.authorization);
			request.credential = credential;
			request.leave = shares.enter(credential, route.waits === true ? "waiting" : "working");
			// Also where the caller goes away before its body was read.
			reply.raw.once("close", request.leave);
			await shares.countRequest(credential, request.headers);
			// While it waited for its time: a body of which the rest does not come would be waited for.
			if (request.raw.socket.destroyed) throw new Error("the caller has gone away");
			assertRole(credential, route.roles);
		},
		handler: async (request, reply) => {
			if (parts.isDraining()) throw draining();
			parts.assertUsable();
			const asked = {
				params: route.params === undefined ? undefined : readPart("path", route.params, request.params),
				query: readQuery(route, request),
				body: route.body === undefined ? undefined : readPart("body", route.body, request.body),
				credential: request.credential as Credential,
				headers: lightened(request),
				signal: goneSignal(reply),
			};
			parts.meter.waiting(1);
			try {
				return await send(reply, await route.handle(asked, parts));
			} finally {
				request.leave?.();
				parts.meter.waiting(-1);
			}
		},
	});
}

/** Thousands of requests wait at a time: each keeps of its bytes and headers what handlers read, and no more. */
function lightened(request: FastifyRequest): IncomingHttpHeaders {
	const { host, traceparent, tracestate, "last-event-id": lastEventId } = request.headers;
	const kept: IncomingHttpHeaders = {};
	for (const [name, value] of Object.entries({ host, traceparent, tracestate, "last-event-id": lastEventId })) {
		if (value !== undefined) kept[name] = value;
	}
	request.raw.headers = kept;
	request.raw.rawHeaders.length = 0;
	request.body = undefined;
	return kept;
}

function readQuery(route: GatewayRoute, request: FastifyRequest): unknown {
	const given = { ...(request.query as object) };
	if (route.query !== undefined) return readPart("query", route.query, given);
	const [first] = Object.keys(given);
	if (first === undefined) return undefined;
	throw refused(`unknown key \`${first.slice(0, 64)}\` in the query`, "this route has none: leave it out");
}

/** Throws GATEWAY_UNAUTHENTICATED. */
async function authenticated(
	{ credentials, clock }: ApplicationParts,
	header: string | undefined,
): Promise<Credential> {
	if (header === undefined) throw unauthenticated("the request carries no credential");
	const secret = /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1];
	if (secret === undefined) throw unauthenticated("the request's credential is no bearer's");
	const credential = await credentials.find(secret);
	if (credential === null) throw unauthenticated("the request's credential is not known, or no longer in force");
	if (credential.expiresAt !== null && clock.now() >= credential.expiresAt) {
		throw unauthenticated("the request's credential has expired");
	}
	return credential;
}

/** On loopback a page that a browser shows must not reach it under a name of its own (DNS rebinding). */
function assertHost({ hosts }: ApplicationParts, { headers }: IncomingMessage): void {
	if (hosts === null) return;
	const host = (headers.host ?? "").replace(/:\d{1,5}$/, "").toLowerCase();
	if (!hosts.has(host)) throw refused("the request is for another host", "ask for `127.0.0.1` or `localhost`");
}

/** Aborts when the connection is closed before the answer was written. */
function goneSignal(reply: FastifyReply): AbortSignal {
	const gone = new AbortController();
	reply.raw.once("close", () => {
		if (!reply.raw.writableFinished) gone.abort(new Error("the caller has gone away"));
	});
	return gone.signal;
}

function send(reply: FastifyReply, answered: Answered): FastifyReply {
	const { status, body, headers = {}, stream, type } = answered;
	reply.code(status).headers({ "cache-control": "no-store", ...headers });
	if (stream !== undefined) return reply.type(type ?? "application/octet-stream").send(stream);
	return reply.type("application/json; charset=utf-8").send(JSON.stringify(body));
}

function refuse(parts: ApplicationParts, request: FastifyRequest, reply: FastifyReply, thrown: unknown): FastifyReply {
	const { status, headers, body } = answerOf(asOurs(thrown));
	// Nobody reads the answer of a caller that has gone away.
	if (status >= 500 && !request.raw.destroyed && body.code === "ASSENT_INTERNAL") {
		parts.telemetry.error("gateway.failed", { route: request.routeOptions.url ?? "", why: String(thrown) });
	}
	// What is left of a body that was refused is not read.
	if (status === 413 || (status === 401 && request.method !== "GET")) reply.header("connection", "close");
	return reply
		.code(status)
		.headers({ "cache-control": "no-store", ...headers })
		.type(PROBLEM_TYPE)
		.send(JSON.stringify(body));
}

/** Fastify's own refusals, in our words. */
function asOurs(thrown: unknown): unknown {
	if (thrown instanceof AssentError) return thrown;
	const { code, statusCode } = thrown as { readonly code?: string; readonly statusCode?: number };
	if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return tooLarge(`the body has more than ${BODY_BYTES_MAX} bytes`);
	if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
		return wrongMediaType();
	}
	if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
		return refused("the request cannot be read", "see /openapi.json");
	}
	return thrown;
}

function unknownPath(request: FastifyRequest): AssentError {
	const path = request.url.split("?", 1)[0] ?? "";
	const isIt = (documented: string): boolean => new RegExp(`^${documented.replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
	const known = [...ROUTES, ...PROBES.map((probe) => ({ ...probe, method: "GET" }))].filter((each) => isIt(each.path));
	const [first] = known;
	if (first !== undefined) return wrongMethod([...new Set(known.map(({ method }) => method))].join(", "));
	return notFound("there is no such path", "see /openapi.json");
}

function addProbes(app: FastifyInstance, parts: ApplicationParts): void {
	const document = JSON.stringify(openApi(ROUTES, parts.version));
	const text = (reply: FastifyReply, status: number, said: string): FastifyReply =>
		reply.code(status).type("text/plain; charset=utf-8").header("cache-control", "no-store").send(said);
	app.get("/livez", async (_request, reply) => text(reply, 200, "ok\n"));
	app.get("/readyz", async (_request, reply) => {
		if (parts.isDraining()) return text(reply, 503, "the gateway is ending\n");
		try {
			parts.assertUsable();
			return text(reply, 200, "ok\n");
		} catch {
			return text(reply, 503, "the log cannot be used\n");
		}
	});
	app.get("/metrics", async (_request, reply) =>
		reply
			.type(parts.metrics.contentType)
			.header("cache-control", "no-store")
			.send(await parts.metrics.text()),
	);
	app.get("/openapi.json", async (_request, reply) =>
		reply.type("application/json; charset=utf-8").header("cache-control", "no-store").send(document),
	);
}

/** Bytes that are no request, headers that are too large or too slow: the connection ends with the problem. */
function clientErrorHandler(thrown: Error & { readonly code?: string }, socket: Socket): void {
	if (thrown.code === "ECONNRESET" || socket.destroyed || !socket.writable) {
		socket.destroy();
		return;
	}
	const isLarge = thrown.code === "HPE_HEADER_OVERFLOW";
	const { status, body } = answerOf(
		isLarge
			? tooLarge("the headers are too large")
			: refused("these bytes are no request, or came too slowly", "ask again"),
	);
	const text = JSON.stringify(isLarge ? { ...body, status: 431 } : body);
	const line = isLarge ? "431 Request Header Fields Too Large" : `${status} Bad Request`;
	socket.end(
		`HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
	);
}
