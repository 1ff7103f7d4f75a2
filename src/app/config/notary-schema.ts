/** The keys of the `notary` section. */
import { z } from "zod";
import { text } from "./forms.ts";
import { metricsSection } from "./metrics-address.ts";

export const notary = z.strictObject({
	key: text.optional().meta({
		description:
			"Path of the private key that signs, as `assent keys create` makes it; its name names the log. Nobody makes it by themselves. Where it is named, `assent dev` is a notary, too. `--key` wins.",
	}),
	out: text.optional().meta({
		description:
			"Path of the folder: what is published, and below `state` what was signed last. `--out` wins. `assent dev` takes `audit` beside the log file where it is left out.",
	}),
	witnesses: z
		.array(
			z.strictObject({
				url: text.meta({ description: "Where it is asked (C2SP tlog-witness)." }),
				key: text.meta({ description: "Its public key for cosignatures, `NAME+ID+KEY`." }),
			}),
		)
		.min(1)
		.max(100)
		.optional()
		.meta({ description: "Who cosigns the anchor's checkpoints. `--witness` wins." }),
	metrics: metricsSection.optional().meta({
		description:
			"Of `assent notary`; `assent dev` shows a notary's metrics with its own. Nothing is measured or served where it is left out.",
	}),
});
