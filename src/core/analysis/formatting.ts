/** What `policy fmt` makes of files: policies, documents of lists and tests of policies, as everybody writes them. */
import type { Problem } from "../base/errors.ts";
import { ok, type Result } from "../base/result.ts";
import type { PolicySourceText } from "../model/records.ts";
import { listsSchema, policySchema } from "../policy/document.ts";
import { formatYaml } from "../policy/format.ts";
import { readFiles } from "../policy/policy-set.ts";
import { trustSchema } from "../policy/trust-form.ts";
import { readYaml } from "../policy/yaml-source.ts";
import { casesSchema } from "./cases/case-form.ts";
import { readCases } from "./cases/case-reader.ts";

export interface FormattedFile {
	readonly source: PolicySourceText;
	/** The text as it is to be written, or what is wrong with it. */
	readonly formatted: Result<string, readonly Problem[]>;
}

/** Names that only another file could define are no slip here: one file may be formatted without those beside it. */
export function formatSources(sources: readonly PolicySourceText[]): readonly FormattedFile[] {
	const policies = readFiles(sources.filter((source) => !isTest(source)));
	const bySource = new Map(policies.map((file) => [file.source, file]));
	return sources.map((source): FormattedFile => {
		const file = bySource.get(source);
		if (file === undefined) {
			const read = readCases(source);
			return { source, formatted: read.ok ? ok(formattedText(source, casesSchema)) : read };
		}
		const { kind, read } = file;
		if (!read.ok && read.error.some(({ code }) => code !== "POLICY_REFERENCE")) return { source, formatted: read };
		return { source, formatted: ok(formattedText(source, SCHEMAS[kind])) };
	});
}

const SCHEMAS = { policy: policySchema, lists: listsSchema, trust: trustSchema } as const;

/** Line ends, as the first line has them, and a byte order mark stay: editors and version control have agreed upon them. */
function formattedText({ text }: PolicySourceText, schema: unknown): string {
	const formatted = formatYaml(text, schema);
	const ended = /^[^\n]*\r\n/.test(text) ? formatted.replaceAll("\n", "\r\n") : formatted;
	return text.startsWith("\ufeff") ? `\ufeff${ended}` : ended;
}

function isTest({ name, text }: PolicySourceText): boolean {
	const yaml = readYaml(name, text);
	const data = yaml.ok ? (yaml.value.data as { readonly kind?: unknown } | null) : null;
	return data?.kind === "PolicyTest";
}
