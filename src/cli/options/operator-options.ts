/** Options that operators' commands share: the operator, the principal concerned, how long to wait. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { readSigner } from "../../app/signing-keys.ts";
import { hasControls, NAME_LENGTH_MAX } from "../../core/model/bounds.ts";
import { parseDuration } from "../../core/model/duration.ts";
import { DAY, type DurationMs } from "../../core/model/units.ts";
import type { Operator } from "../../operations/operators.ts";
import { systemClock } from "../../ports/clock.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";

/** `--by`, `--key` and `--wait`. */
export interface OperatorOptions {
	readonly by?: string;
	readonly key?: string;
	readonly wait: DurationMs;
}

export const operatorOptions = (command: Command, wait = { ms: 5_000, text: "5s" }): Command =>
	command
		.option("--by <name>", "who acts, as it is recorded (default: the key's name, else USER of the environment)")
		.option(
			"--key <file>",
			"signs in that name, where the policies name operators and approvers (default: ASSENT_OPERATOR_KEY, else `operatorKey` of the configuration)",
		)
		.addOption(
			new Option("--wait <duration>", "how long to wait for the processor's answer; 0s only writes")
				.argParser(durationOf)
				.default(wait.ms, wait.text),
		);

export const principalOptions = (command: Command): Command =>
	command
		.option("--tenant <name>", "only this tenant")
		.option("--agent <name>", "only this root agent")
		.option("--session <name>", "only this session");

export function durationOf(text: string): DurationMs {
	const ms = parseDuration(text);
	if (ms === null) throw new InvalidArgumentError("a duration such as `500ms`, `5s` or `2m` is expected.");
	return ms;
}

const DEADLINE_MAX_MS = DAY;

/** A duration of 1 ms to 1 day; a number alone counts milliseconds. */
export function deadlineOf(text: string): DurationMs {
	const ms = parseDuration(/^\d+$/.test(text) ? `${text}ms` : text);
	if (ms !== null && ms >= 1 && ms <= DEADLINE_MAX_MS) return ms;
	throw new InvalidArgumentError("a duration from 1ms to 1d is expected, such as `500ms` or `5s`.");
}

/**
 * Throws ASSENT_USAGE when nobody is named: a record without a name cannot be accounted for. Throws as `readSigner` where a key is
 * named.
 */
export async function operatorOf(
	context: Context,
	options: Pick<OperatorOptions, "by" | "key"> & GlobalOptions,
): Promise<Operator> {
	const signer =
		options.key === undefined ? await (await context.config(options)).operatorSigner() : await readSigner(options.key);
	const by = options.by ?? signer?.key.name ?? operatorName(context, options);
	if (by.trim() === "") throw usage("no operator is named", "name yourself: `--by NAME`");
	return { by: nameOf("--by", by), now: systemClock.now(), signer };
}

/** The name that the command gives its user; empty where there is none. */
export function operatorName(context: Context, options: Pick<OperatorOptions, "by">): string {
	const { env } = context.streams;
	return options.by ?? env["USER"] ?? env["LOGNAME"] ?? env["USERNAME"] ?? "";
}

/** A name as records hold it. Throws ASSENT_USAGE. */
export function nameOf(option: string, name: string): string {
	if (name !== "" && name.length <= NAME_LENGTH_MAX && !hasControls(name) && name.isWellFormed()) return name;
	throw usage(
		`\`${option}\` is not a valid name`,
		`give 1 to ${NAME_LENGTH_MAX} characters without control characters`,
	);
}

/** The names that options give, and nothing for those that they do not. */
export function filterOf(options: PrincipalFilter): PrincipalFilter {
	return {
		...(options.tenant === undefined ? {} : { tenant: nameOf("--tenant", options.tenant) }),
		...(options.agent === undefined ? {} : { agent: nameOf("--agent", options.agent) }),
		...(options.session === undefined ? {} : { session: nameOf("--session", options.session) }),
	};
}
