/** The gateway's documentation, OpenAPI 3.1, made of the routes themselves. */
import { z } from "zod";
import { ERROR_CODES } from "../../../core/base/errors.ts";
import type { AnswerForm, GatewayRoute } from "./route.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Statuses that any route with a credential may answer with. */
const COMMON: Readonly<Record<number, string>> = {
	400: "The request does not have the documented form.",
	401: "No credential that is known and in force.",
	403: "The credential does not entitle to this.",
	413: "The request is too large.",
	415: "The body is not `application/json`.",
	429: "Too many requests of this credential: `Retry-After` says when to ask again.",
	500: "The gateway has failed.",
	503: "The log is out of reach, or the gateway is ending: `Retry-After` says when to ask again.",
};

const PROBLEM: Schema = {
	type: "object",
	required: ["type", "title", "status", "detail", "code", "help"],
	properties: {
		type: { type: "string", format: "uri" },
		title: { type: "string" },
		status: { type: "integer" },
		detail: { type: "string" },
		code: { type: "string", enum: Object.keys(ERROR_CODES) },
		help: { type: "string" },
		others: {
			type: "array",
			items: {
				type: "object",
				required: ["code", "detail", "help"],
				properties: { code: { type: "string" }, detail: { type: "string" }, help: { type: "string" } },
			},
		},
	},
};

/** Answered to everybody, without a credential. */
export const PROBES: readonly {
	readonly path: string;
	readonly summary: string;
	readonly answers: readonly number[];
}[] = [
	{ path: "/livez", summary: "Does the process run on?", answers: [200] },
	{ path: "/readyz", summary: "Are new requests taken, and can the log be used?", answers: [200, 503] },
	{ path: "/metrics", summary: "Metrics in Prometheus' text format", answers: [200] },
	{ path: "/openapi.json", summary: "This document", answers: [200] },
];

export function openApi(routes: readonly GatewayRoute[], version: string): object {
	const paths: Record<string, Record<string, unknown>> = {};
	const schemas: Record<string, Schema> = { Problem: PROBLEM };
	for (const { path, summary, answers } of PROBES) {
		const responses = Object.fromEntries(answers.map((status) => [status, { description: STATUS_TEXT[status] ?? "" }]));
		paths[path] = {
			get: { operationId: `read${path.replace(/\W/g, "_")}`, tags: ["probes"], summary, security: [], responses },
		};
	}
	for (const route of routes) {
		paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route, schemas) };
	}
	return {
		openapi: "3.1.1",
		info: {
			title: "Assent gateway",
			version,
			description:
				"Decides AI agents' tool calls before they run. A denial is an answer (200); errors are RFC 9457 problems with a `code` and `help`.",
		},
		servers: [{ url: "/" }],
		security: [{ bearer: [] }],
		paths,
		components: {
			securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
			schemas,
		},
	};
}

const STATUS_TEXT: Readonly<Record<number, string>> = { 200: "Yes; or the text.", 503: "Not now." };

/** Adds forms that have a name to `schemas`. */
function operationOf(route: GatewayRoute, schemas: Record<string, Schema>): object {
	const { name, tag, summary, description, roles, answers, params, query, body } = route;
	const own = Object.entries(answers).map(([status, answer]) => [status, responseOf(Number(status), answer, schemas)]);
	const common = Object.entries(COMMON).map(([status, text]) => [status, problemOf(text)]);
	return {
		operationId: name,
		tags: [tag],
		summary,
		description: [description, `Roles: ${roles.join(", ")}.`].filter((text) => text !== undefined).join("\n\n"),
		...parametersOf([...membersOf("path", params, schemas), ...membersOf("query", query, schemas)]),
		...(body === undefined
			? {}
			: {
					requestBody: {
						required: true,
						content: { "application/json": { schema: schemaOf(body, "input", schemas) } },
					},
				}),
		responses: Object.fromEntries([...common, ...own]),
	};
}

const responseOf = (
	status: number,
	{ description, schema, type = "application/json" }: AnswerForm,
	schemas: Record<string, Schema>,
): object => {
	if (status >= 400) return problemOf(description);
	const content = { [type]: schema === null ? {} : { schema: schemaOf(schema, "output", schemas) } };
	return { description, content };
};

const problemOf = (description: string): object => ({
	description,
	content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

const parametersOf = (parameters: readonly object[]): object => (parameters.length === 0 ? {} : { parameters });

function membersOf(
	place: "path" | "query",
	schema: z.ZodType | undefined,
	schemas: Record<string, Schema>,
): readonly object[] {
	if (schema === undefined) return [];
	const { properties = {}, required = [] } = schemaOf(schema, "input", schemas) as {
		properties?: Readonly<Record<string, Schema>>;
		required?: readonly string[];
	};
	return Object.entries(properties).map(([name, { description, ...of }]) => ({
		name,
		in: place,
		required: required.includes(name),
		...(description === undefined ? {} : { description }),
		schema: of,
	}));
}

/** Forms with a name (zod's `id`) are referred to, and filed among the document's schemas. */
function schemaOf(schema: z.ZodType, io: "input" | "output", schemas: Record<string, Schema>): Schema {
	const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline" });
	const text = JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/');
	const { $defs = {}, ...of } = JSON.parse(text) as Schema & { readonly $defs?: Readonly<Record<string, Schema>> };
	for (const [name, { id: _, ...named }] of Object.entries($defs)) schemas[name] = named;
	return of;
}
