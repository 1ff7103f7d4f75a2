/**
 * Stages: a rule or a policy that has force for a share of the sessions, and records for the others.
 *
 * Where a session is on the scale from 0 to 100 % follows from its names alone, so that it is the same for every rule, in every
 * process and when a ledger is recomputed: murmur2 (that of partitions) of the UTF-8 key `tenant/agent/session`,
 * percent-encoded, as an unsigned number, times 10,000, divided by 2^32, without fraction. A stage that grows keeps the
 * sessions that it has.
 */
import { keyHash } from "../base/murmur2.ts";
import { type Subject, sessionKey } from "../model/ids.ts";

/** Hundredths of a percent: 0 to 10,000. */
export type Share = number;

export const SHARE_MAX: Share = 10_000;

/** `10%`, `0.5%`, `33.25%`. */
export const STAGE_PATTERN = /^(100|[0-9]{1,2}(?:\.[0-9]{1,2})?)%$/;

/** Of a text that matches `STAGE_PATTERN`. */
export const shareOfStage = (stage: string): Share => Math.round(Number(stage.slice(0, -1)) * 100);

/** Where a session is: 0 to 9,999. */
export const shareOfSession = (session: Subject): Share =>
	Math.floor(((keyHash(sessionKey(session)) >>> 0) * SHARE_MAX) / 2 ** 32);
