/** `assent keys`: keys that sign policies, records of publishers and the word of operators and approvers. */
import { Command } from "commander";
import { createKey } from "../../app/signing-keys.ts";
import type { Context } from "../context.ts";

export function keysCommand(context: Context): Command {
	return new Command("keys")
		.summary("keys that sign")
		.description("Keys that sign: policies, what publishers send, what operators and approvers say.")
		.addCommand(createCommand(context));
}

function createCommand(context: Context): Command {
	return new Command("create")
		.summary("make a key that signs")
		.description(
			"Makes an Ed25519 key. The private key goes into a file that its owner alone can read; the public key is printed, to be listed in `policyKeys` of the configurations of processors and operators, or in a document of `kind: Trust` among the policies.",
		)
		.argument("<name>", "whose key it is, such as ops.example.com or ann@example.com: told with what it signs")
		.requiredOption("--out <file>", "the private key's file; it must not exist")
		.addHelpText("after", "\nExample:\n  assent keys create ops.example.com --out ops.key\n")
		.action(async (name: string, options: { readonly out: string }) => {
			context.print(await createKey(name, options.out));
		});
}
