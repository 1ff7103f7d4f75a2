/** Variables whose value any Windows machine has: obfuscated texts pick their letters from them. */
import { table } from "../table.ts";
import { partial, textOf, UNKNOWN, type Value } from "./value.ts";

const AUTOMATIC = table<string>({
	pshome: "C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
	shellid: "Microsoft.PowerShell",
	verbosepreference: "SilentlyContinue",
	debugpreference: "SilentlyContinue",
	warningpreference: "Continue",
	erroractionpreference: "Continue",
	maximumdrivecount: "4096",
	ofs: " ",
	true: "True",
	false: "False",
	null: "",
});

const ENVIRONMENT = table<string>({
	comspec: "C:\\Windows\\system32\\cmd.exe",
	windir: "C:\\Windows",
	systemroot: "C:\\Windows",
	systemdrive: "C:",
	public: "C:\\Users\\Public",
	programdata: "C:\\ProgramData",
	allusersprofile: "C:\\ProgramData",
	programfiles: "C:\\Program Files",
	"programfiles(x86)": "C:\\Program Files (x86)",
	commonprogramfiles: "C:\\Program Files\\Common Files",
	commonprogramw6432: "C:\\Program Files\\Common Files",
	programw6432: "C:\\Program Files",
	pathext: ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC",
	os: "Windows_NT",
	driverdata: "C:\\Windows\\System32\\Drivers\\DriverData",
});

/** Ends, and often beginnings, of values that differ from machine to machine: names are put together from their letters. */
const USUAL = table<string>({
	localappdata: "C:\\Users\\user\\AppData\\Local",
	appdata: "C:\\Users\\user\\AppData\\Roaming",
	temp: "C:\\Users\\user\\AppData\\Local\\Temp",
	tmp: "C:\\Users\\user\\AppData\\Local\\Temp",
	userprofile: "C:\\Users\\user",
	homedrive: "C:",
	path: "C:\\Windows\\system32;C:\\Windows;C:\\Windows\\System32\\Wbem",
	psmodulepath: "C:\\Program Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules",
	processor_architecture: "AMD64",
});

/** What cmd.exe takes a part of in `%name:~2,3%`, as it is on most machines; null where nobody can say. */
export const usualText = (name: string): string | null => environmentText(name) ?? USUAL[name.toLowerCase()] ?? null;

/** What cmd.exe puts for `%name%`, or null when that differs from machine to machine. */
export const environmentText = (name: string): string | null => ENVIRONMENT[name.toLowerCase()] ?? null;

/** What is known of a variable that the text has not set; `name` as written, with its scope. */
export function constantValue(name: string): Value {
	const lower = name.toLowerCase();
	const colon = lower.indexOf(":");
	if (colon >= 0 && lower.slice(0, colon) === "env") {
		const text = ENVIRONMENT[lower.slice(colon + 1)];
		return text === undefined ? partial(`%${lower.slice(colon + 1)}%`) : textOf(text);
	}
	const text = AUTOMATIC[colon >= 0 ? lower.slice(colon + 1) : lower];
	if (text !== undefined) return textOf(text);
	if (lower === "home") return partial("%userprofile%");
	if (lower === "profile") return partial("%userprofile%\\documents\\windowspowershell\\profile.ps1");
	return lower === "executioncontext" ? { kind: "object", name: "executioncontext" } : UNKNOWN;
}
