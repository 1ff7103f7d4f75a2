/** `assent audit prove`: the receipt of one decision, and what it proves. */
import { rm } from "node:fs/promises";
import { Command, Option } from "commander";
import { readNamedText } from "../../app/named-file.ts";
import { outputFile } from "../../app/output-file.ts";
import { readVerifier } from "../../app/public-keys.ts";
import { RECEIPT_BEGINNING, type Receipt, readReceipt, receiptText } from "../../core/audit/receipt.ts";
import { visible } from "../../core/base/safe-text.ts";
import type { DurationMs } from "../../core/model/units.ts";
import type { Verifier } from "../../ports/signer.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { checkAnchored } from "../../verify/check-anchored.ts";
import { type CheckedReceipt, checkReceipt } from "../../verify/check-receipt.ts";
import { decisionsOf, type FoundEntry } from "../../verify/decisions-of.ts";
import { type MadeReceipt, receiptFor } from "../../verify/receipt-for.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { durationOf, filterOf, principalOptions } from "../options/operator-options.ts";
import { whileReading } from "../output/progress.ts";
import { receiptJson, receiptLines, type SecondStep } from "../output/receipt-words.ts";
import { anchorFileOf, checkReceiptFile, witnessesOf } from "./audit-prove-check.ts";

interface ProveOptions extends GlobalOptions, PrincipalFilter {
	readonly key?: string;
	readonly out?: string;
	readonly decision?: boolean;
	readonly wait: DurationMs;
	readonly check?: string;
	readonly entry?: string;
	readonly anchor?: string;
	readonly witnessKey: readonly string[];
	readonly json?: boolean;
}

export function auditProveCommand(context: Context): Command {
	const command = new Command("prove")
		.summary("a receipt for one decision, which is checked without the log")
		.description(
			"Finds the decision of a call by the call's id, or by its own (`<partition>-<seq>`, which tokens carry), and writes its receipt: the entry, its place in the ledger's tree and the signed checkpoint, as one file that the tools of transparency logs read (C2SP tlog-proof); and in a second one beside it, `….anchor.tlog-proof`, the place of that checkpoint in the anchor, which witnesses cosign. It checks what it writes, and says what that proves and what not. With `--check` it checks a receipt, both files of it, and needs no log. Exits with 4 where no signed checkpoint covers the entry yet; with `--check`, with 1 where the receipt is wrong and with 4 where another key has signed it, or a witness has not.",
		)
		.argument("[id]", "the id of the call, or of a decision")
		.option("--decision", "the id is that of a decision, also where an agent has named a call so")
		.option("--key <key>", "the notary's public key, as a file or as `NAME+ID+KEY`: whose checkpoints count")
		.option("--out <file>", "where the receipt goes (default: `ID.tlog-proof` here)")
		.addOption(
			new Option("--wait <duration>", "how long to wait for a checkpoint that covers the entry")
				.argParser(durationOf)
				.default(2_000, "2s"),
		)
		.option("--check <file>", "check this receipt; needs `--key`, and no log")
		.addOption(
			new Option(
				"--witness-key <key>",
				"key of a witness, as a file or as `NAME+ID+KEY`, which must have cosigned the anchor; may be repeated",
			)
				.argParser((key: string, others: readonly string[]) => [...others, key])
				.default([], "none"),
		)
		.option(
			"--anchor <file>",
			"with `--check`: the second file (default: `….anchor.tlog-proof` beside it, if it is there)",
		)
		.option("--entry <file>", "with `--check`: the entry as it is stored, where the receipt does not carry it")
		.option("--json", "print one JSON object: {file, decision, calls, origin, size, root, anchor, entry, …}")
		.addHelpText(
			"after",
			"\nExamples:\n  assent audit prove call-1 --key audit/log.vkey\n  assent audit prove --check call-1.tlog-proof --key audit/log.vkey\n",
		);
	return logOptions(principalOptions(command)).action((id: string | undefined, options: ProveOptions) => {
		if (options.check !== undefined) {
			if (id !== undefined) throw usage("`--check` takes no id", "the receipt says which entry it is for");
			return checkReceiptFile(context, { ...options, check: options.check });
		}
		for (const option of ["entry", "anchor"] as const)
			if (options[option] !== undefined)
				throw usage(`\`--${option}\` belongs to \`--check\``, "name the receipt, too: `--check FILE`");
		if (id === undefined) throw usage("no decision is named", "name the id of a call, or a receipt: `--check FILE`");
		return prove(context, id, options);
	});
}

async function prove(context: Context, id: string, options: ProveOptions): Promise<void> {
	const verifier = options.key === undefined ? null : await readVerifier(options.key);
	const witnesses = await witnessesOf(options.witnessKey);
	const file = options.out ?? `${fileName(id)}.tlog-proof`;
	const write = await outputFile(file, RECEIPT);
	const writeAnchor = await outputFile(anchorFileOf(file), RECEIPT);
	await context.reading(options, async (log, layout) => {
		const filter = filterOf(options);
		const { found, made } = await whileReading(context, async (reading) => {
			const found = await decisionsOf(log, layout, { id, isDecision: options.decision === true, filter, reading });
			const wanted = { verifier, witnesses, partitions: layout.partitions, waitMs: options.wait, reading };
			return { found, made: await receiptFor(log, found.decided, wanted) };
		});
		const { decided, others } = found;
		const { receipt, anchored, checkpoint } = made;
		await write(receiptText(receipt));
		// What was there is of another checkpoint.
		if (anchored === null) await rm(anchorFileOf(file), { force: true });
		else await writeAnchor(receiptText(anchored.receipt));
		const checked = verifier === null ? { checkpoint, ...decided } : await written(file, decided, verifier);
		const second = anchored === null ? null : await writtenAnchor(anchorFileOf(file), made, { verifier, witnesses });
		if (options.json === true) {
			const signer = verifier?.key.name ?? null;
			const also = others.map(({ partition, seq, step }) => ({
				decision: `${partition}-${seq}`,
				verdict: step?.verdict,
				what: step?.what,
			}));
			const said = { file, isSignatureChecked: verifier !== null, key: signer, ...receiptJson(checked, second) };
			context.json({ ...said, others: also });
			return;
		}
		for (const line of receiptLines(checked, verifier?.key.name ?? null, second)) context.print(line);
		for (const line of otherLines(others)) context.print(line);
		const files = [file, ...(second === null ? [] : [second.file])].map(visible).join(" and ");
		context.print(`written to ${files}${verifier === null ? "" : ", and checked"}`);
		if (second === null)
			context.print("No checkpoint of the anchor holds that of the receipt yet: it reaches no witness.");
	});
}

const RECEIPT = { noun: "receipt", beginning: RECEIPT_BEGINNING };

/** What is on the disk now, as whoever is given it will check it. */
async function written(file: string, { leaf }: FoundEntry, verifier: Verifier): Promise<CheckedReceipt> {
	const receipt = await receiptIn(file);
	const checked = receipt === null ? null : checkReceipt(receipt, { leaf, verifier });
	if (checked?.ok === true) return checked.value;
	throw unchecked(file, checked?.error.why);
}

async function writtenAnchor(
	file: string,
	{ receipt: { note } }: MadeReceipt,
	keys: { readonly verifier: Verifier | null; readonly witnesses: readonly Verifier[] },
): Promise<SecondStep> {
	const receipt = await receiptIn(file);
	const checked = receipt === null ? null : checkAnchored(receipt, { note, ...keys });
	if (checked?.ok === true) return { ...checked.value, file };
	throw unchecked(file, checked?.error.why);
}

async function receiptIn(file: string): Promise<Receipt | null> {
	const read = await readNamedText(file);
	const receipt = read.ok ? readReceipt(read.value) : null;
	return receipt?.ok === true ? receipt.value : null;
}

const unchecked = (file: string, why = "it cannot be read"): Error =>
	new Error(`the receipt in ${file} does not check: ${why}`);

/** Ids are anybody's words: nothing of them leads into another folder, or is too long for a name. */
function fileName(id: string): string {
	const name = encodeURIComponent(id.toWellFormed()).replace(/^\./, "%2E").replaceAll("*", "%2A");
	return name.length <= FILE_NAME_MAX ? name : `${name.slice(0, FILE_NAME_MAX)}…`;
}

const FILE_NAME_MAX = 200;

function otherLines(others: readonly FoundEntry[]): readonly string[] {
	if (others.length === 0) return [];
	return [
		"The same call has other entries, each with a receipt of its own (`assent audit prove DECISION`):",
		...others.map(({ partition, seq, step }) => `  ${partition}-${seq}  ${visible(step?.what ?? "")}`),
	];
}
