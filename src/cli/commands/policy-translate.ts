/** `assent policy import` and `export`: policies from and for other tools. */
import { Argument, Command } from "commander";
import { readPolicyFiles } from "../../app/policy-files.ts";
import { formatProblem, type Problem } from "../../core/base/errors.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import { exportAgentOs } from "../../core/policy/import/agent-os-export.ts";
import { type ImportOptions, importAgentOs } from "../../core/policy/import/agent-os-import.ts";
import { importClaudeCode } from "../../core/policy/import/claude-code-import.ts";
import { differenceProblem, type Translation } from "../../core/policy/import/difference.ts";
import { inOrder, readPolicy } from "../../core/policy/parse.ts";
import { readFiles } from "../../core/policy/policy-set.ts";
import { type Context, usage } from "../context.ts";

interface TranslateOptions {
	readonly json?: boolean;
	readonly strict?: boolean;
}

/** By the name of the format. */
const IMPORTS = { "agent-os": importAgentOs, "claude-code": importClaudeCode } as const satisfies Record<
	string,
	(file: string, text: string, options: ImportOptions) => Result<Translation, Problem[]>
>;

const JSON_FORM = "print one JSON object: {ok, name, policy, differences: [{field, place, admits, reason}], problems}";
const STRICT = "exit with 1 when the written policy admits calls that the original stops";

export function importCommand(context: Context): Command {
	return new Command("import")
		.summary("write another tool's policy as a policy")
		.description(
			"Reads a policy of another tool and prints it as a policy. What that says otherwise, or not at all, is named on stderr and in comments of the policy, with the reason. A key that the format does not have is an error.",
		)
		.addArgument(new Argument("<format>", "whose policy it is").choices(Object.keys(IMPORTS)))
		.argument("<file>", "for `agent-os` a GovernancePolicy as YAML, for `claude-code` a `settings.json`")
		.option("--approver <glob...>", "who may approve held calls, which the original does not say", ["*"])
		.option(
			"--besides <glob...>",
			"for `agent-os`: calls of the agent's host that are no tools there, such as `model.generate`: they pass the list of tools and are not counted",
		)
		.option("--json", JSON_FORM)
		.option("--strict", STRICT)
		.addHelpText("after", "\nExample:\n  assent policy import agent-os governance.yaml --approver ops-1\n")
		.action(
			async (
				format: keyof typeof IMPORTS,
				path: string,
				options: TranslateOptions & { readonly approver: readonly string[]; readonly besides?: readonly string[] },
			) => {
				const { approver: approvers, besides } = options;
				if (besides !== undefined && format !== "agent-os")
					throw usage(`\`--besides\` is not for ${format}`, "leave it out: its lists name what passes");
				const how = { approvers, ...(besides === undefined ? {} : { besides }) };
				tell(
					context,
					options,
					await ofFile(path, (file, text) => {
						context.computing();
						return imported(format, file, text, how);
					}),
				);
			},
		);
}

export function exportCommand(context: Context): Command {
	return new Command("export")
		.summary("write a policy for another tool")
		.description(
			"Reads a policy and prints it for another tool. What that cannot say is said so that it stops more, or left out; each is named on stderr and in comments of the file, with the reason.",
		)
		.addArgument(new Argument("<format>", "for which tool").choices(["agent-os"]))
		.argument("<file...>", "a policy file, with the files of kind `Lists` that it uses")
		.option("--json", JSON_FORM)
		.option("--strict", STRICT)
		.addHelpText("after", "\nExample:\n  assent policy export agent-os policies/baseline.yaml\n")
		.action(async (_: string, paths: readonly string[], options: TranslateOptions) => {
			tell(context, options, await exported(context, paths));
		});
}

/** Throws ASSENT_USAGE where the paths name more than one policy, or none. */
async function exported(context: Context, paths: readonly string[]): Promise<Result<Translation, readonly Problem[]>> {
	const { sources, problems } = await readPolicyFiles(paths);
	context.computing();
	if (problems.length > 0) return err(problems);
	const files = readFiles(sources);
	const faults = files.flatMap(({ read }) => (read.ok ? [] : read.error));
	if (faults.length > 0) return err(inOrder(faults));
	const policies = files.flatMap((file) =>
		file.kind === "policy" && file.read.ok ? [[file.source.name, file.read.value] as const] : [],
	);
	const [policy, ...others] = policies;
	if (policy === undefined || others.length > 0)
		throw usage(`${policies.length} policies are named`, "name one, and the files of kind `Lists` that it uses");
	const [file, read] = policy;
	return ok(exportAgentOs(read, file));
}

/** What is printed is a policy that loads. */
function imported(
	format: keyof typeof IMPORTS,
	file: string,
	text: string,
	options: ImportOptions,
): Result<Translation, Problem[]> {
	const translated = IMPORTS[format](file, text, options);
	if (!translated.ok) return translated;
	const read = readPolicy({ name: "the written policy", text: translated.value.text });
	return read.ok ? translated : read;
}

/** Throws ASSENT_USAGE where the path names several files. */
async function ofFile(
	path: string,
	translate: (file: string, text: string) => Result<Translation, Problem[]>,
): Promise<Result<Translation, readonly Problem[]>> {
	const { sources, problems } = await readPolicyFiles([path]);
	const [source, ...others] = sources;
	if (problems.length > 0) return err(problems);
	if (source === undefined || others.length > 0) throw usage(`\`${path}\` is more than one file`, "name one of them");
	return translate(source.name, source.text);
}

function tell(
	context: Context,
	{ json, strict }: TranslateOptions,
	translated: Result<Translation, readonly Problem[]>,
): void {
	const problems = translated.ok ? [] : translated.error;
	const { name = null, text = null, differences = [] } = translated.ok ? translated.value : {};
	if (strict === true && differences.some(({ admits }) => admits === "more")) context.exitCode = 1;
	if (json === true) {
		context.json({ ok: translated.ok, name, policy: text, differences, problems });
		if (!translated.ok) context.exitCode = 2;
		return;
	}
	if (text !== null) context.print(text.trimEnd());
	for (const difference of differences) context.note(formatProblem(differenceProblem(difference)));
	context.fail(problems);
}
