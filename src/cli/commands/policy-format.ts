/** `assent policy fmt`: policies and their tests as everybody writes them. */
import { stat } from "node:fs/promises";
import { Command, Option } from "commander";
import { writeNamedFile } from "../../app/named-file.ts";
import { readDocumentFiles } from "../../app/policy-files.ts";
import { formatSources } from "../../core/analysis/formatting.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import { visible } from "../../core/base/safe-text.ts";
import { type Context, usage } from "../context.ts";

interface FormatOptions {
	readonly check?: boolean;
	readonly stdout?: boolean;
}

export function formatCommand(context: Context): Command {
	return new Command("fmt")
		.summary("write policy files as everybody writes them")
		.description(
			"Rewrites policies and their tests with their keys in the order of the reference, two spaces, single quotes, and on one line what fits on one. Comments stay, and so does what the files say: their digest is the same. Prints the names of files that have changed. A file with a slip is reported and left as it is.",
		)
		.argument("<file...>", "policies and tests of policies, or folders of them")
		.addOption(
			new Option("--check", "write nothing, and exit with 1 when a file would change; not with --stdout").conflicts(
				"stdout",
			),
		)
		.option("--stdout", "print the one file that is named, and write nothing; not with --check")
		.addHelpText("after", "\nExample:\n  assent policy fmt --check policies\n")
		.action(async (paths: readonly string[], options: FormatOptions) => {
			const { sources, problems } = await readDocumentFiles(paths);
			if (options.stdout === true && sources.length !== 1) {
				throw usage(`\`--stdout\` prints one file, and ${sources.length} are named`, "name one file");
			}
			const faults = [...problems];
			for (const { source, formatted } of context.compute(() => formatSources(sources))) {
				if (context.stop.aborted) {
					context.undone = "the files that were not named are as they were";
					context.interrupted();
					return;
				}
				const { name, text } = source;
				if (!formatted.ok) faults.push(...formatted.error);
				else if (options.stdout === true) context.streams.stdout.write(formatted.value);
				else if (formatted.value !== text) {
					if (options.check === true) context.exitCode = 1;
					else await write(name, formatted.value);
					context.print(visible(name));
				}
			}
			context.fail(faults);
		});
}

/** Throws ASSENT_OUTPUT. */
async function write(file: string, text: string): Promise<void> {
	try {
		if ((await stat(file)).isFIFO()) throw new Error("it is a pipe, and can be printed with `--stdout`");
		await writeNamedFile(file, text);
	} catch (thrown) {
		const why = thrown instanceof Error ? thrown.message : String(thrown);
		throw new AssentError(
			problem("ASSENT_OUTPUT", `\`${file}\` cannot be written: ${why}`, "check its permissions", { file }),
		);
	}
}
