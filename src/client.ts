/**
 * `assent/client`: a guard for tools on a log where another process decides, and what a program needs to read its answers.
 * Loads no engine and no policy language; `assent` adds a processor in the same process.
 */
export { type ClientConnectOptions as ConnectOptions, connectClient as connect } from "./app/client-connection.ts";
export { consumeToken, openTokenStore, type VerifyOptions, verifyToken } from "./app/received-tokens.ts";
export { ToolCallDenied, ToolCallTimedOut } from "./client/call-errors.ts";
export { AssentClient, type CallRequest, type ClientOptions } from "./client/client.ts";
export { type Decision, mayRun } from "./client/decision.ts";
export type { ClientEventName, ClientEvents, DecisionEvent, HeldEvent, UsageEvent } from "./client/events.ts";
export type { ToolContext } from "./client/executor.ts";
export type {
	CallOverrides,
	Guarded,
	GuardedResult,
	GuardOptions,
	ToolFunction,
	ToolResult,
} from "./client/guard.ts";
export type { ReceivedCall } from "./client/received-call.ts";
export { AssentError, type ErrorCode, formatProblem, type Problem } from "./core/base/errors.ts";
export { driftOf, sketchOf } from "./core/base/sketch.ts";
export type { ReportedUsage, UsageFault } from "./core/codec/reported-usage.ts";
export type { Obligations, Verdict } from "./core/model/entries.ts";
export type { Layout } from "./core/model/layout.ts";
export type { BudgetReading, ReasonReading as Reason } from "./core/model/readings.ts";
export type { CheckpointCreated, ViolationDetected } from "./core/model/records.ts";
export { callDigest } from "./core/token/call-digest.ts";
export type { TokenClaims } from "./core/token/claims.ts";
export type { TokenStore, TokenUse, TokenUsed } from "./ports/token-store.ts";
