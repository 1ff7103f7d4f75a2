/** `assent audit prove`: the receipt of one decision, and what it proves. */
import { Command, Option } from "commander";
import { readNamedFile, readNamedText } from "../../app/named-file.ts";
import { outputFile } from "../../app/output-file.ts";
import { readVerifier } from "../../app/public-keys.ts";
import { RECEIPT_BEGINNING, readReceipt, receiptText } from "../../core/audit/receipt.ts";
import { AssentError } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import type { DurationMs } from "../../core/model/units.ts";
import type { Verifier } from "../../ports/signer.ts";
import type { PrincipalFilter } from "../../reading/principal-filter.ts";
import { type CheckedReceipt, checkReceipt } from "../../verify/check-receipt.ts";
import { decisionsOf, type FoundEntry } from "../../verify/decisions-of.ts";
import { receiptFor } from "../../verify/receipt-for.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";
import { logOptions } from "../options/log-options.ts";
import { durationOf, filterOf, principalOptions } from "../options/operator-options.ts";
import { whileReading } from "../output/progress.ts";
import { receiptJson, receiptLines } from "../output/receipt-words.ts";

interface ProveOptions extends GlobalOptions, PrincipalFilter {
	readonly key?: string;
	readonly out?: string;
	readonly wait: DurationMs;
	readonly check?: string;
	readonly entry?: string;
	readonly json?: boolean;
}

export function auditProveCommand(context: Context): Command {
	const command = new Command("prove")
		.summary("a receipt for one decision, which is checked without the log")
		.description(
			"Finds the decision of a call by the call's id, or by its own (`<partition>-<seq>`, which tokens carry), and writes its receipt: the entry, its place in the ledger's tree and the signed checkpoint, as one file that the tools of transparency logs read (C2SP tlog-proof). It checks what it writes, and says what that proves and what not. With `--check` it checks a receipt, and needs no log. Exits with 4 where no signed checkpoint covers the entry yet; with `--check`, with 1 where the receipt is wrong and with 4 where another key has signed it.",
		)
		.argument("[id]", "the id of the call, or of a decision")
		.option("--key <key>", "the notary's public key, as a file or as `NAME+ID+KEY`: whose checkpoints count")
		.option("--out <file>", "where the receipt goes (default: `ID.tlog-proof` here)")
		.addOption(
			new Option("--wait <duration>", "how long to wait for a checkpoint that covers the entry")
				.argParser(durationOf)
				.default(2_000, "2s"),
		)
		.option("--check <file>", "check this receipt; needs `--key`, and no log")
		.option("--entry <file>", "with `--check`: the entry as it is stored, where the receipt does not carry it")
		.option("--json", "print one JSON object: {file, decision, calls, origin, size, root, entry, …}")
		.addHelpText(
			"after",
			"\nExamples:\n  assent audit prove call-1 --key audit/log.vkey\n  assent audit prove --check call-1.tlog-proof --key audit/log.vkey\n",
		);
	return logOptions(principalOptions(command)).action((id: string | undefined, options: ProveOptions) => {
		if (options.check !== undefined) return check(context, id, { ...options, check: options.check });
		if (options.entry !== undefined)
			throw usage("`--entry` belongs to `--check`", "name the receipt, too: `--check FILE`");
		if (id === undefined) throw usage("no decision is named", "name the id of a call, or a receipt: `--check FILE`");
		return prove(context, id, options);
	});
}

async function prove(context: Context, id: string, options: ProveOptions): Promise<void> {
	const verifier = options.key === undefined ? null : await readVerifier(options.key);
	const file = options.out ?? `${fileName(id)}.tlog-proof`;
	const write = await outputFile(file, { noun: "receipt", beginning: RECEIPT_BEGINNING });
	await context.reading(options, async (log, layout) => {
		const filter = filterOf(options);
		const { found, made } = await whileReading(context, async (reading) => {
			const found = await decisionsOf(log, layout, { id, filter, reading });
			return { found, made: await receiptFor(log, found.decided, { verifier, waitMs: options.wait, reading }) };
		});
		const { decided, others } = found;
		await write(receiptText(made.receipt));
		const checked: CheckedReceipt =
			verifier === null ? { checkpoint: made.checkpoint, ...decided } : await written(file, decided, verifier);
		if (options.json === true) {
			const signer = verifier?.key.name ?? null;
			const also = others.map(({ partition, seq, step }) => ({
				decision: `${partition}-${seq}`,
				verdict: step?.verdict,
				what: step?.what,
			}));
			context.json({ file, isSignatureChecked: verifier !== null, key: signer, ...receiptJson(checked), others: also });
			return;
		}
		for (const line of receiptLines(checked, verifier?.key.name ?? null)) context.print(line);
		for (const line of otherLines(others)) context.print(line);
		context.print(`written to ${visible(file)}${verifier === null ? "" : ", and checked"}`);
	});
}

/** What is on the disk now, as whoever is given it will check it. */
async function written(file: string, { leaf }: FoundEntry, verifier: Verifier): Promise<CheckedReceipt> {
	const read = await readNamedText(file);
	const receipt = read.ok ? readReceipt(read.value) : null;
	const checked = receipt?.ok === true ? checkReceipt(receipt.value, { leaf, verifier }) : null;
	if (checked?.ok === true) return checked.value;
	throw new Error(
		`the receipt in ${file} does not check: ${checked === null ? "it cannot be read" : checked.error.why}`,
	);
}

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

async function check(
	context: Context,
	id: string | undefined,
	options: ProveOptions & { readonly check: string },
): Promise<void> {
	if (id !== undefined) throw usage("`--check` takes no id", "the receipt says which entry it is for");
	if (options.key === undefined)
		throw usage("nothing says whose log this is", "name the notary's public key: `--key FILE` or `--key NAME+ID+KEY`");
	const verifier = await readVerifier(options.key);
	const text = await readNamedText(options.check);
	if (!text.ok) throw new AssentError(text.error);
	const receipt = readReceipt(text.value);
	if (!receipt.ok)
		throw usage(`\`${options.check}\` is no receipt: ${receipt.error}`, "`assent audit prove ID` writes one");
	const leaf = await leafOf(receipt.value.leaf, options);
	const checked = leaf === "another" ? WRONG_ENTRY : checkReceipt(receipt.value, { leaf, verifier });
	const file = options.check;
	if (!checked.ok) {
		const { kind, why } = checked.error;
		if (options.json === true) context.json({ file, isProven: false, why, isKeyUnknown: kind === "unknown" });
		else context.print(`${visible(file)} proves nothing: ${visible(why)}`);
		context.exitCode = kind === "wrong" ? 1 : 4;
		return;
	}
	if (options.json === true) {
		context.json({ file, isProven: true, key: verifier.key.name, ...receiptJson(checked.value) });
		return;
	}
	for (const line of receiptLines(checked.value, verifier.key.name)) context.print(line);
}

const WRONG_ENTRY = {
	ok: false,
	error: { kind: "wrong", why: "it carries another entry than the one that was named" },
} as const;

async function leafOf(carried: Uint8Array | null, { entry }: ProveOptions): Promise<Uint8Array | "another"> {
	if (entry === undefined) {
		if (carried !== null) return carried;
		throw usage("the receipt does not carry its entry", "name the entry as it is stored: `--entry FILE`");
	}
	const read = await readNamedFile(entry);
	if (!read.ok) throw new AssentError(read.error);
	return carried !== null && Buffer.compare(carried, read.value) !== 0 ? "another" : read.value;
}
