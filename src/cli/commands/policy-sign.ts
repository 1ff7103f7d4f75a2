/** `assent policy sign`: who may put policies into force. */
import { Command } from "commander";
import { writeNamedFile } from "../../app/named-file.ts";
import { loadPolicies } from "../../app/policies.ts";
import { readSigner } from "../../app/signing-keys.ts";
import { baselinePath } from "../../operations/baseline.ts";
import { signBundle } from "../../reading/bundle-signature.ts";
import { type Context, type GlobalOptions, usage } from "../context.ts";

interface SignOptions extends GlobalOptions {
	readonly key: string;
	readonly out?: string;
	readonly force?: boolean;
}

export function signCommand(context: Context): Command {
	return new Command("sign")
		.summary("sign policy files, as they will be put into force together")
		.description(
			"Compiles the files and signs the digest of what they say together. Prints the signature, a C2SP signed note, or writes it to a file: `policy activate` takes it with --signature.",
		)
		.argument("<file...>", "policy files, or folders of them: all that is to be in force")
		.requiredOption("--key <file>", "the private key, as `keys create` wrote it")
		.option("--out <file>", "where the signature goes; the file must not exist (default: stdout)")
		.option("--force", "with --out: write over a file that exists")
		.option("--config <file>", "configuration file (YAML)")
		.addHelpText(
			"after",
			`\nExample:\n  assent policy sign ${baselinePath()} --key policy.key --out policies.sig\n  assent policy activate ${baselinePath()} --signature policies.sig --by ops-ann\n`,
		)
		.action(async (paths: readonly string[], options: SignOptions) => {
			const signer = await readSigner(options.key);
			const loaded = await loadPolicies(paths, (await context.config(options)).layout.budgetRoot, context.compute);
			if (!loaded.ok) {
				context.fail(loaded.error);
				return;
			}
			const { digest } = loaded.value.compiled;
			const signature = signBundle(digest, signer);
			if (options.out === undefined) {
				context.print(signature.trimEnd());
				return;
			}
			try {
				await writeNamedFile(options.out, signature, { isNew: options.force !== true });
			} catch (thrown) {
				if ((thrown as NodeJS.ErrnoException).code === "EEXIST")
					throw usage(
						`there is a file \`${options.out}\` already`,
						"name another one, or write over it with `--force`",
					);
				throw usage(`\`${options.out}\` cannot be written: ${(thrown as Error).message}`, "name another file");
			}
			context.print(`${digest.slice(0, 12)} is signed by ${signer.key.name}: ${options.out}`);
		});
}
