/** What an export says of itself: what is in it, and the digest of each of its files. */
import { z } from "zod";
import { type JsonCaps, parseIJson } from "../core/base/canonical-json.ts";
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

const head = z.strictObject({ size: count, root: hash });

const manifest = z.strictObject({
	format: z.literal(EXPORT_FORMAT),
	/** The version that made it. */
	assent: z.string(),
	/** UTC. */
	exportedAt: z.string(),
	/** Null where no processor has taken a partition yet. */
	layout: z
		.strictObject({
			partitions: count,
			budgetRoot: z.enum(["tenant", "tenant/agent", "tenant/agent/session"]),
			dedupeMs: count,
			sessionMs: count,
		})
		.nullable(),
	ledgers: z.array(
		z.strictObject({
			partition: count,
			/** Id of its first claim, which tells it from every other ledger; null where it has none. */
			claim: z.string().nullable(),
			/** Valid entries, and the root of the tree over them; null where the ledger cannot be followed from its first entry on. */
			tree: head.nullable(),
		}),
	),
	/** The latest checkpoints of one notary that are on the log and fit it; null where there are none. Whether they are signed is for an auditor to check. */
	signed: z
		.strictObject({
			name: z.string(),
			partitions: z.array(head.extend({ partition: count })),
			anchor: head.nullable(),
		})
		.nullable(),
	topics: z.array(
		z.strictObject({
			name: z.string(),
			cleanup: z.enum(["keep", "delete", "compact"]),
			retentionMs: count.optional(),
			partitions: z.array(
				z.strictObject({
					first: count,
					next: count,
					records: count,
					/** Offsets `from` … `to` - 1, at which the log had nothing; of topics that are not compacted. */
					gaps: z.array(z.strictObject({ from: count, to: count })).optional(),
					/** Records that the log could not read, and why. */
					unreadable: z.array(z.strictObject({ offset: count, why: z.string() })).optional(),
				}),
			),
		}),
	),
	files: z.array(z.strictObject({ path, bytes: count, sha256: hash })),
});

/** It names every tile of every ledger. */
const MANIFEST_CAPS: JsonCaps = { depthMax: 16, lengthMax: 256 * 1024 * 1024, membersMax: 10_000_000 };

export type Manifest = z.infer<typeof manifest> & { readonly layout: Layout | null };

export const manifestText = (of: Manifest): string => `${JSON.stringify(of, null, "\t")}\n`;

/** Throws ASSENT_EXPORT, and ASSENT_LOG_VERSION for the format of a newer version. `where` names the file. */
export function readManifest(text: string, where: string): Manifest {
	const parsed = parseIJson(text, MANIFEST_CAPS);
	const data = parsed.ok ? parsed.value : undefined;
	const format = typeof data === "object" && data !== null && "format" in data ? data["format"] : null;
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
		`${where} is no manifest of an export${parsed.ok ? `${at}: ${issue?.message ?? ""}` : `: ${parsed.error.message}`}`,
	);
}

export const exportFault = (message: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_EXPORT",
			message,
			"take the export again, or get another copy of it; what is damaged proves nothing",
		),
	);
