/** `npm run classifier`: checks the rule pack's files and writes them as code, where it differs. Exit code 2: a file is wrong. */
import { writeWhereDifferent } from "../written.ts";
import { generatedRules } from "./generate.ts";
import { generatedTags } from "./tags.ts";

for (const generated of [generatedRules(), generatedTags()]) {
	if (generated.ok) await writeWhereDifferent([generated.value]);
	else {
		for (const fault of generated.error) process.stderr.write(`${fault}\n`);
		process.exitCode = 2;
	}
}
