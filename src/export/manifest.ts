/** What an export says of itself: what is in it, and the digest of each of its files. */
import { z } from "zod";
import { AssentError, problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";

export const EXPORT_FORMAT = "assent.dev/export/v1";

export const MANIFEST_FILE = "manifest.json";

/** The log file of an export. */
export const LOG_FILE = "log.db";

/** The folder of trees and signed checkpoints, in the form in which a notary publishes them. */
export const AUDIT_FOLDER = "audit";

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Relative, with slashes; nothing that leads out of the folder. */
const path = z.string().regex(/^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.-]+(?:\/[\w.-]+)*$/);

const head = z.object({ size: count, root: hash });

const manifest = z.object({
	format: z.literal(EXPORT_FORMAT),
	/** The version that made it. */
	assent: z.string(),
	/** UTC. */
	exportedAt: z.string(),
	/** Null where no processor has taken a partition yet. */
	layout: z
		.object({
			partitions: count,
			budgetRoot: z.enum(["tenant", "tenant/agent", "tenant/agent/session"]),
			dedupeMs: count,
			sessionMs: count,
		})
		.nullable(),
	ledgers: z.array(
		z.object({
			partition: count,
			/** Id of its first claim, which tells it from every other ledger; null where it has none. */
			claim: z.string().nullable(),
			/** Valid entries, and the root of the tree over them; null where the ledger cannot be followed from its first entry on. */
			tree: head.nullable(),
		}),
	),
	/** The latest checkpoints of one notary that are on the log and fit it; null where there are none. Whether they are signed is for an auditor to check. */
	signed: z
		.object({
			name: z.string(),
			partitions: z.array(head.extend({ partition: count })),
			anchor: head.nullable(),
		})
		.nullable(),
	topics: z.array(
		z.object({
			name: z.string(),
			cleanup: z.enum(["keep", "delete", "compact"]),
			retentionMs: count.optional(),
			partitions: z.array(
				z.object({
					first: count,
					next: count,
					records: count,
					/** Offsets `from` … `to` - 1, at which the log had nothing; of topics that are not compacted. */
					gaps: z.array(z.object({ from: count, to: count })).optional(),
					/** Records that the log could not read, and why. */
					unreadable: z.array(z.object({ offset: count, why: z.string() })).optional(),
				}),
			),
		}),
	),
	files: z.array(z.object({ path, bytes: count, sha256: hash })),
});

export type Manifest = z.infer<typeof manifest> & { readonly layout: Layout | null };

export const manifestText = (of: Manifest): string => `${JSON.stringify(of, null, "\t")}\n`;

/** Throws ASSENT_EXPORT, and ASSENT_LOG_VERSION for the format of a newer version. `where` names the file. */
export function readManifest(text: string, where: string): Manifest {
	const data = parsed(text);
	const format = typeof data === "object" && data !== null && "format" in data ? data.format : null;
	if (typeof format === "string" && format !== EXPORT_FORMAT && format.startsWith("assent.dev/export/"))
		throw new AssentError(
			problem(
				"ASSENT_LOG_VERSION",
				`${where} has the format \`${format}\`; this version reads \`${EXPORT_FORMAT}\``,
				"upgrade Assent",
			),
		);
	const read = manifest.safeParse(data);
	if (read.success) return read.data;
	const [issue] = read.error.issues;
	const at = issue === undefined || issue.path.length === 0 ? "" : ` at \`${issue.path.join(".")}\``;
	throw exportFault(
		`${where} is no manifest of an export${data === undefined ? ": it is not JSON" : `${at}: ${issue?.message ?? ""}`}`,
	);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

export const exportFault = (message: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_EXPORT",
			message,
			"take the export again, or get another copy of it; what is damaged proves nothing",
		),
	);
