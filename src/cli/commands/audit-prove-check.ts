/** `assent audit prove --check`: a receipt, checked without the log. */
import { readNamedFile, readNamedText } from "../../app/named-file.ts";
import { readVerifier, readWitness } from "../../app/public-keys.ts";
import { type Receipt, readReceipt } from "../../core/audit/receipt.ts";
import { AssentError } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import type { Verifier } from "../../ports/signer.ts";
import { checkAnchored } from "../../verify/check-anchored.ts";
import { checkReceipt, type ReceiptFault } from "../../verify/check-receipt.ts";
import { type Context, usage } from "../context.ts";
import { receiptJson, receiptLines, type SecondStep } from "../output/receipt-words.ts";

export interface CheckOptions {
	readonly check: string;
	readonly key?: string;
	readonly entry?: string;
	readonly anchor?: string;
	readonly witnessKey: readonly string[];
	readonly json?: boolean;
}

const SUFFIX = ".tlog-proof";

/** Where the second step of a receipt is, beside the first. */
export const anchorFileOf = (file: string): string =>
	`${file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : file}.anchor${SUFFIX}`;

export const witnessesOf = (named: readonly string[]): Promise<readonly Verifier[]> =>
	Promise.all(named.map(readWitness));

/** Throws ASSENT_USAGE, and what reading the files throws. */
export async function checkReceiptFile(context: Context, options: CheckOptions): Promise<void> {
	if (options.key === undefined)
		throw usage("nothing says whose log this is", "name the notary's public key: `--key FILE` or `--key NAME+ID+KEY`");
	const verifier = await readVerifier(options.key);
	const witnesses = await witnessesOf(options.witnessKey);
	const file = options.check;
	const receipt = receiptIn(file, await textOf(file));
	const second = await secondOf(options);
	if (second === null && witnesses.length > 0)
		throw usage(
			`\`${file}\` has no second step in \`${anchorFileOf(file)}\`: it does not reach what witnesses sign`,
			"name the file: `--anchor FILE`",
		);
	const refuse = (named: string, { kind, why }: ReceiptFault): void => {
		if (options.json === true) context.json({ file: named, isProven: false, why, isKeyUnknown: kind === "unknown" });
		else context.print(`${visible(named)} proves nothing: ${visible(why)}`);
		context.exitCode = kind === "wrong" ? 1 : 4;
	};
	const leaf = await leafOf(receipt.leaf, options);
	const checked = leaf === "another" ? WRONG_ENTRY : checkReceipt(receipt, { leaf, verifier });
	if (!checked.ok) return refuse(file, checked.error);
	let step: SecondStep | null = null;
	if (second !== null) {
		const anchored = checkAnchored(second.receipt, { note: receipt.note, verifier, witnesses });
		if (!anchored.ok) return refuse(second.file, anchored.error);
		step = { ...anchored.value, file: second.file };
	}
	if (options.json === true)
		context.json({ file, isProven: true, key: verifier.key.name, ...receiptJson(checked.value, step) });
	else for (const line of receiptLines(checked.value, verifier.key.name, step)) context.print(line);
}

/** The one that is named, or that is beside the first step; null where there is none. */
async function secondOf({
	check,
	anchor,
}: CheckOptions): Promise<{ readonly file: string; readonly receipt: Receipt } | null> {
	const file = anchor ?? anchorFileOf(check);
	const read = await readNamedText(file);
	if (read.ok) return { file, receipt: receiptIn(file, read.value) };
	if (anchor === undefined && read.error.code === "ASSENT_FILE_MISSING") return null;
	throw new AssentError(read.error);
}

async function textOf(file: string): Promise<string> {
	const read = await readNamedText(file);
	if (!read.ok) throw new AssentError(read.error);
	return read.value;
}

function receiptIn(file: string, text: string): Receipt {
	const receipt = readReceipt(text);
	if (receipt.ok) return receipt.value;
	throw usage(`\`${file}\` is no receipt: ${receipt.error}`, "`assent audit prove ID` writes one");
}

const WRONG_ENTRY = {
	ok: false,
	error: { kind: "wrong", why: "it carries another entry than the one that was named" },
} as const;

async function leafOf(carried: Uint8Array | null, { entry }: CheckOptions): Promise<Uint8Array | "another"> {
	if (entry === undefined) {
		if (carried !== null) return carried;
		throw usage("the receipt does not carry its entry", "name the entry as it is stored: `--entry FILE`");
	}
	const read = await readNamedFile(entry);
	if (!read.ok) throw new AssentError(read.error);
	return carried !== null && Buffer.compare(carried, read.value) !== 0 ? "another" : read.value;
}
