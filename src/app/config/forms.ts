/** Forms of values that several sections of the configuration share. */
import { z } from "zod";
import { parseDuration } from "../../core/model/duration.ts";

export const duration = z
	.string()
	.transform((text, context) => {
		const ms = parseDuration(text);
		if (ms !== null) return ms;
		context.addIssue({ code: "custom", message: "it is not a duration" });
		return z.NEVER;
	})
	.meta({ title: "duration" });

export const text = z.string().min(1);
