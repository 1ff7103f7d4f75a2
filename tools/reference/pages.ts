/** All generated pages of docs/reference: what `npm run docs` writes, and what a test compares the committed pages with. */
import { commandLinePage } from "./command-line.ts";
import { configurationPage, policyLanguagePage } from "./documents.ts";
import { errorsPage, exitCodesPage, reasonsPage } from "./errors.ts";
import { eventsPage } from "./events.ts";
import { metricsPage } from "./metrics.ts";
import { recordsPage } from "./records.ts";

export interface Page {
	/** Relative to the repository's root. */
	readonly path: string;
	readonly text: string;
}

export async function referencePages(): Promise<readonly Page[]> {
	return [
		{ path: "docs/reference/command-line.md", text: await commandLinePage() },
		{ path: "docs/reference/configuration.md", text: configurationPage() },
		{ path: "docs/reference/errors.md", text: errorsPage() },
		{ path: "docs/reference/events.md", text: eventsPage() },
		{ path: "docs/reference/exit-codes.md", text: exitCodesPage() },
		{ path: "docs/reference/metrics.md", text: await metricsPage() },
		{ path: "docs/reference/policy-language.md", text: policyLanguagePage() },
		{ path: "docs/reference/reasons.md", text: reasonsPage() },
		{ path: "docs/reference/records.md", text: recordsPage() },
	];
}
