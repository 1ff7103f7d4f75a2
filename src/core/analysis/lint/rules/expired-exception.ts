/** Exceptions that do not apply any more. */
import { instantText } from "../../../model/instant.ts";
import type { LintRule } from "../finding.ts";

export const expiredException: LintRule = {
	id: "expired-exception",
	certainty: "proven",
	about: "an exception that has expired",
	find: ({ rules, yaml, at }) =>
		rules.exceptions.flatMap(({ name, owner, expiresAt }, index) =>
			expiresAt > at
				? []
				: [
						{
							place: yaml.placeOf(["exceptions", index, "expires"]),
							message: `the exception \`${name}\` has expired at ${instantText(expiresAt)}: it lifts nothing any more`,
							help: `remove it, or let \`${owner}\` say until when it is needed`,
						},
					],
		),
};
