/** Paths of files in Windows commands: no switch, no URL, no key of the registry, no command line. */
import type { Findings, Place } from "../fact.ts";
import { addPath } from "../path-reader.ts";
import { hostClass } from "../url.ts";

const OTHER = /^\/\w*$|^[a-z][a-z+]+:\/\/|^(?:hk(?:lm|cu|u|cr|cc)|hkey_\w+|registry)[:\\/]|\s[/-]\w|^\S+\.exe\s/i;
const PATH = /[\\/%~]|^\.|\.\w{2,4}$/;

/** Whether a word looks like the path of a file. */
export const isPath = (word: string): boolean => word.length < 1_000 && PATH.test(word) && !OTHER.test(word);

/** A second colon names a stream behind a file, which no listing shows: `c:\x.log:y.exe`, of what is written `x.log:y` too. */
const STREAM = /^(?:[a-z]:)?[^:@]{0,500}[\\%][^:@]{0,500}:(?!\d+$)[^\\/:%~]{1,200}(?::\$data)?$/i;
const STREAM_WRITTEN = /^[^:@]{1,500}\.\w{1,8}:(?!\d+$)[^\\/:%~]{1,200}$/;

const SHARE = /^[\\/]{2}([^\\/@?.][^\\/@]*)(@[^\\/]*)?[\\/]/;

/** A share of a public address, or one behind a web server: `\\\\203.0.113.5\\x`, `\\\\host@80\\x`. */
function isOutside(text: string): boolean {
	const [, host, port] = SHARE.exec(text) ?? [];
	if (host === undefined) return false;
	return port !== undefined || (/^[\d.]+$/.test(host) && hostClass(host) === "public");
}

/** One path that is accessed in a known way: read, write, delete, execute. */
export function addWindowsPath(text: string, access: string, at: Place, to: Findings): void {
	if (access === "write" && isOutside(text)) {
		addPath(text, access, at, to, "share");
		return;
	}
	const isStream = text.length < 1_000 && (STREAM.test(text) || (access === "write" && STREAM_WRITTEN.test(text)));
	addPath(text, access, at, to, isStream ? "stream" : undefined);
}
