/** Where the policy lies that comes with the package, as a command can name it from the folder it runs in. */
import { isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The package's folder: a checkout, or `node_modules/assent`. */
export const inPackage = (...path: readonly string[]): string => join(ROOT, ...path);

/** The baseline policy for a shell: relative to `cwd` where it lies below, quoted where it must be. */
export function baselinePath(cwd: string = process.cwd()): string {
	const file = inPackage("policies", "baseline.yaml");
	const below = relative(cwd, file);
	const path = below.startsWith("..") || isAbsolute(below) ? file : below;
	return /^[\w./@:+\\-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
