/** Where the file is that a thread runs. */
import { extname } from "node:path";

/**
 * `NAME-worker` beside the module that begins it (`import.meta`), as source or built: `new URL` with a literal would not be rewritten to
 * `.js` by the build.
 */
export const threadFile = (name: string, beside: ImportMeta): URL =>
	new URL(`./${name}-worker${extname(beside.filename)}`, beside.url);
