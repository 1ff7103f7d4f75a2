/**
 * A route of the gateway: what may be asked, by whom, and what comes of it. The documentation (`/openapi.json`) and the checks of
 * every request are made of the same words.
 *
 * To add one: write a file below `routes/` that exports `defineRoute({…})` (its zod schemas, the roles that may ask, its answers
 * and `handle`), and name it in the list of `routes.ts`. A handler is handed what was checked, and the caller's credential: names
 * in a body are checked against it with `principalOf`, `agentOf` and `assertTenant`. It returns `{ status, body }`, or `{ status,
 * type, stream }`, with a status that `answers` documents. It throws what is wrong as an AssentError (`problems.ts`).
 * Problems that every route has (400, 401, 403, 413, 415, 429, 500, 503) need not be documented again.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { z } from "zod";
import type { AssentClient } from "../../../client/client.ts";
import type { Layout } from "../../../core/model/layout.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log/log.ts";
import type { PolicyComparer } from "../../../ports/policy-comparer.ts";
import type { PolicyCompiler } from "../../../ports/policy-compiler.ts";
import type { Signer } from "../../../ports/signer.ts";
import type { Children } from "./children.ts";
import type { Credential, Credentials, Role } from "./credential.ts";
import type { Turns } from "./turns.ts";

/** What handlers work with. */
export interface GatewayParts {
	readonly log: Log;
	readonly layout: Layout;
	readonly client: AssentClient;
	readonly clock: Clock;
	readonly comparer: PolicyComparer;
	readonly compiler: PolicyCompiler;
	/** Signs control records in the names of credentials; null: nobody does. */
	readonly operatorSigner: Signer | null;
	readonly credentials: Credentials;
	readonly children: Children;
	/** For handlers that read a whole ledger. */
	readonly turns: Turns;
	/** Aborted when the gateway ends: whoever streams ends with it. */
	readonly closing: AbortSignal;
}

export interface Asked<Params, Query, Body> {
	readonly params: Params;
	readonly query: Query;
	/** Undefined for a route without a body. */
	readonly body: Body;
	readonly credential: Credential;
	/** Of its headers: `traceparent`, `tracestate` and `last-event-id`. */
	readonly headers: IncomingHttpHeaders;
	/** Aborted when the caller has gone away before it was answered. */
	readonly signal: AbortSignal;
}

export interface Answered {
	readonly status: number;
	/** Written as JSON. */
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
	/** Instead of a body, under `type`. */
	readonly stream?: Readable;
	readonly type?: string;
}

export interface AnswerForm {
	readonly description: string;
	/** Null: no JSON; `type` says what there is instead. */
	readonly schema: z.ZodType | null;
	readonly type?: string;
}

interface RouteForm {
	readonly method: "GET" | "POST";
	/** As OpenAPI writes it: `/v1/decisions/{id}`. */
	readonly path: string;
	/** The operation's name, such as `submitIntent`. */
	readonly name: string;
	readonly tag: string;
	readonly summary: string;
	readonly description?: string;
	/** Whether its requests wait for others, so that many of one credential may be there at a time. */
	readonly waits?: boolean;
	/** One of them is needed. */
	readonly roles: readonly Role[];
	/** By status; of problems only those that not every route has. */
	readonly answers: Readonly<Record<number, AnswerForm>>;
}

export interface GatewayRoute extends RouteForm {
	readonly params?: z.ZodType;
	readonly query?: z.ZodType;
	readonly body?: z.ZodType;
	readonly handle: (asked: Asked<unknown, unknown, unknown>, parts: GatewayParts) => Promise<Answered>;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** A route whose handler is handed what its schemas say. */
export function defineRoute<
	Params extends z.ZodType | undefined = undefined,
	Query extends z.ZodType | undefined = undefined,
	Body extends z.ZodType | undefined = undefined,
>(
	route: RouteForm & {
		readonly params?: Params;
		readonly query?: Query;
		readonly body?: Body;
		readonly handle: (
			asked: Asked<Output<Params>, Output<Query>, Output<Body>>,
			parts: GatewayParts,
		) => Promise<Answered>;
	},
): GatewayRoute {
	return route as unknown as GatewayRoute;
}
