/** Code in languages that have no reader of their own: Ruby, Perl, PHP, Lua, Go, R, Java, Groovy and their kin. */
import type { Findings, Place } from "./fact.ts";
import { readCode } from "./shell/code.ts";

/** Reads it as what it is named after would be told it: by the spellings of its calls. */
export function readOtherCode(text: string, at: Place, to: Findings): void {
	readCode(/<\?(?:php|=)|\$_(?:GET|POST|REQUEST|COOKIE)\b/.test(text) ? "php" : "code", text, at, to);
	const names = ["code", ...(ENVIRONMENT.test(text) && SENDS.test(text) ? ["code:tells-environment"] : [])];
	to.add({ kind: "call", ...at, has: { name: names } });
}

const ENVIRONMENT =
	/\bENV\b|%ENV\b|\bgetenv\s*\(\s*\)|\bos\.Environ\(\)|\bSystem\.getenv\(\)|\bSys\.getenv\(\)|\$_(?:ENV|SERVER)\b/;
const SENDS =
	/\b(?:post|put|PUT|send|request|fsockopen|curl_exec|Dial|Post|PostForm|POST|urlopen|syswrite)\b|\bNet::HTTP\b/;
