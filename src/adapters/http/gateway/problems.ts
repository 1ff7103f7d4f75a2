/** What goes wrong, as RFC 9457 has it: `application/problem+json` with the codes of the one table. A denial is none of them. */
import { AssentError, ERROR_CODES, type ErrorCode, type Problem, problem } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";

/** The body of an answer that refuses a request. */
export interface ProblemBody {
	readonly type: string;
	readonly title: string;
	readonly status: number;
	readonly detail: string;
	readonly code: ErrorCode;
	readonly help: string;
	/** What else is wrong, where more than one thing was found at once. */
	readonly others?: readonly { readonly code: ErrorCode; readonly detail: string; readonly help: string }[];
}

export const refused = (message: string, help: string): AssentError => gatewayError("GATEWAY_REQUEST", message, help);

export const forbidden = (message: string, help: string): AssentError =>
	gatewayError("GATEWAY_FORBIDDEN", message, help);

export const notFound = (message: string, help: string): AssentError =>
	gatewayError("GATEWAY_NOT_FOUND", message, help);

export const conflict = (message: string, help: string): AssentError => gatewayError("GATEWAY_CONFLICT", message, help);

export const unauthenticated = (message: string): AssentError =>
	gatewayError(
		"GATEWAY_UNAUTHENTICATED",
		message,
		"send `Authorization: Bearer SECRET`, with a secret that `assent keys issue` printed",
	);

export const draining = (): AssentError =>
	gatewayError("GATEWAY_DRAINING", "this gateway is ending", "ask again: another one may answer", { retryMs: SECOND });

export const tooMany = (waitMs: DurationMs): AssentError =>
	gatewayError("GATEWAY_RATE", "there are too many requests", "wait, and ask again", {
		retryMs: waitMs,
	});

export const tooLarge = (message: string): AssentError =>
	gatewayError("GATEWAY_TOO_LARGE", message, "send less; a body may have 1 MB, and all headers together 16 kB");

export const wrongMethod = (allowed: string): AssentError =>
	gatewayError("GATEWAY_REQUEST", `that path takes ${allowed}`, "see /openapi.json", { status: 405, allowed });

export const wrongMediaType = (): AssentError => {
	const help = "send `content-type: application/json`";
	return gatewayError("GATEWAY_REQUEST", "the body is not `application/json`", help, { status: 415 });
};

const SECOND: DurationMs = 1_000;

/** What a code does not say of its answer. */
interface AnswerFacts {
	/** When to ask again. */
	readonly retryMs?: DurationMs;
	readonly status?: number;
	/** The method that the path takes. */
	readonly allowed?: string;
}

const gatewayError = (code: ErrorCode, message: string, help: string, facts: AnswerFacts = {}): AssentError =>
	new AssentError(problem(code, message, help), { ...facts });

const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
	GATEWAY_UNAUTHENTICATED: 401,
	GATEWAY_FORBIDDEN: 403,
	GATEWAY_NOT_FOUND: 404,
	GATEWAY_CONFLICT: 409,
	GATEWAY_TOO_LARGE: 413,
	RECORD_OVERSIZED: 413,
	GATEWAY_RATE: 429,
	GATEWAY_DRAINING: 503,
	TOKEN_STORE: 503,
	ASSENT_TIMEOUT: 503,
	ASSENT_SUPERSEDED: 503,
	ASSENT_INTERNAL: 500,
};

/** By the code's own row, else by its family: what a log lacks is unavailable, and what a request brings is refused. */
function statusOf(code: ErrorCode): number {
	const own = STATUS[code];
	if (own !== undefined) return own;
	if (/^ASSENT_(?:LOG|LAYOUT|LEDGER|CONFIG|FILE)/.test(code)) return 503;
	return code.startsWith("TOKEN_") ? 409 : 400;
}

export interface ProblemAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: ProblemBody;
}

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** What was thrown, as an answer: what is not of the one table is ASSENT_INTERNAL, and says nothing of the program's inside. */
export function answerOf(thrown: unknown): ProblemAnswer {
	const { problem: of, others, facts } = asGatewayError(thrown);
	const { retryMs, allowed, status = statusOf(of.code) } = facts as AnswerFacts;
	const waitMs = retryMs ?? (status === 503 ? SECOND : null);
	return {
		status,
		headers: {
			...(waitMs === null ? {} : { "retry-after": String(Math.max(1, Math.ceil(waitMs / SECOND))) }),
			...(allowed === undefined ? {} : { allow: allowed }),
			...(status === 401 ? { "www-authenticate": 'Bearer realm="assent"' } : {}),
		},
		body: bodyOf(status, of, others),
	};
}

function bodyOf(status: number, { code, message, help }: Problem, others: readonly Problem[]): ProblemBody {
	const { title } = ERROR_CODES[code];
	return {
		type: `https://assent.dev/errors#${code}`,
		title,
		status,
		detail: message,
		code,
		help,
		...(others.length === 0
			? {}
			: { others: others.map((each) => ({ code: each.code, detail: each.message, help: each.help })) }),
	};
}

/** The library's words for a misused call are a request's words here. */
function asGatewayError(thrown: unknown): AssentError {
	if (!(thrown instanceof AssentError)) return new AssentError(INTERNAL);
	if (thrown.code === "ASSENT_INTERNAL") return new AssentError(INTERNAL);
	if (thrown.code !== "ASSENT_USAGE") return thrown;
	return refused(thrown.problem.message, thrown.problem.help);
}

const INTERNAL = problem("ASSENT_INTERNAL", "the gateway has failed", "look at its log, and ask again");
