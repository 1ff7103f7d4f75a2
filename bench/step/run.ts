/** `run.ts [CHECKOUT]`: measures this tree, or a checkout of the commit before it, and writes what it found as JSON. */
import { measure } from "./measure.ts";
import { parts, type StepParts } from "./parts.ts";

const checkout = process.argv[2];

async function partsBefore(root: string): Promise<StepParts> {
	const path = "./before.mjs";
	const { partsOf } = (await import(path)) as { partsOf(root: string): Promise<StepParts> };
	return partsOf(root);
}

process.stdout.write(JSON.stringify(measure(checkout === undefined ? parts : await partsBefore(checkout))));
