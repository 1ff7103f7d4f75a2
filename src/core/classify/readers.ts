/** The reader of each language that is read. A language without one gives the fact `opaque`. */
import { readCmd } from "./cmd/reader.ts";
import type { Language, Reader } from "./fact.ts";
import { readJavaScript } from "./javascript/reader.ts";
import { readOtherCode } from "./other-code.ts";
import { readPathText } from "./path-reader.ts";
import { readPowerShell } from "./powershell/reader.ts";
import { readPython } from "./python/reader.ts";
import { readShell } from "./shell/reader.ts";
import { readSql } from "./sql/reader.ts";
import { readUrlText } from "./url-reader.ts";

export const READERS: Readonly<Partial<Record<Language, Reader>>> = {
	powershell: readPowerShell,
	cmd: readCmd,
	url: readUrlText,
	path: readPathText,
	shell: readShell,
	python: readPython,
	javascript: readJavaScript,
	code: readOtherCode,
	sql: readSql,
};
