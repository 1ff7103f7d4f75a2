/** What commands of PowerShell do that its reader must know: aliases, variables, texts that are run, objects that are made. */

import { addCallHosts } from "../windows/hosts.ts";
import { isEncodedKnown, readWithin } from "../windows/invocation.ts";
import { programOf } from "../windows/program-names.ts";
import { type Argument, rawWords } from "./arguments.ts";
import { aliasNames, cmdletOf } from "./cmdlets.ts";
import type { Expressions } from "./expression.ts";
import { repeated } from "./members.ts";
import type { Draft, Reading } from "./reading.ts";
import { known, textOf, typeName, UNKNOWN, type Value } from "./value.ts";

/** What a command comes to; `prior` is what the command before it in the pipeline came to. */
export function act(
	r: Reading,
	expressions: Expressions,
	draft: Draft,
	args: readonly Argument[],
	prior: Value | null,
): Value {
	const { program, has, from } = draft;
	const words = args.flatMap((arg) => arg.words);
	const operands = args.filter(({ option }) => option === undefined);
	const [first] = operands;
	switch (program) {
		case "invoke-expression": {
			const text = known(first?.value ?? prior ?? UNKNOWN) ?? "";
			if (text !== "") has["source"] = ["static"];
			r.within("powershell", text, from, "invoke-expression");
			return UNKNOWN;
		}
		case "set-alias":
		case "new-alias":
			if (words.length >= 2) r.aliases.set((words[0] ?? "").toLowerCase(), cmdletOf(programOf(words[1] ?? ""), []));
			return UNKNOWN;
		case "set-variable":
		case "new-variable":
			r.setVariable(words[0] ?? "", operands[1]?.value ?? prior ?? UNKNOWN);
			return UNKNOWN;
		case "set-item":
		case "new-item":
			setInDrive(r, words[0] ?? "", operands[1]?.value ?? prior ?? UNKNOWN);
			return UNKNOWN;
		case "get-variable": {
			const found = variableNamed(r, words[0] ?? "");
			if (found === null) return UNKNOWN;
			return (has["flags"] ?? []).includes("valueonly")
				? r.variable(found)
				: { kind: "object", name: `variable:${found}` };
		}
		case "get-item":
		case "get-childitem":
			return ofDrive(r, words[0] ?? "");
		case "get-psreadlineoption":
			return { kind: "object", name: "psreadlineoption" };
		case "get-command":
			return nameOf(matching(r, words[0] ?? "", COMMANDS));
		case "get-alias":
			return nameOf(matching(r, words[0] ?? "", aliasNames()));
		case "write-output":
		case "out-string":
			return first?.value ?? prior ?? UNKNOWN;
		case "foreach-object": {
			const block = args.find((arg) => arg.block !== undefined)?.block;
			const member = /^[A-Za-z]\w*$/.exec(words[0] ?? "")?.[0];
			// `% Delete` calls the method of each.
			if (block === undefined && member !== undefined)
				r.add("call", from, draft.until, { name: [`unknown.${member.toLowerCase()}`], args: [] });
			return block === undefined || prior === null ? UNKNOWN : expressions.forEach(r, prior, block);
		}
		case "set-content":
		case "add-content":
		case "out-file":
			noteWritten(r, draft, operands, prior);
			return UNKNOWN;
		case "new-object":
			return made(r, draft, words);
		case "invoke-webrequest":
		case "start-bitstransfer":
		case "invoke-restmethod":
		case "curl":
			for (const pair of has["values"] ?? []) {
				const path = /^(?:outfile|destination|o|output)=(.+)$/s.exec(pair)?.[1];
				if (path !== undefined) save(r, has, path);
			}
			// Without its name the destination comes second.
			if (words.length > 1 && /\.(?:exe|ps1|bat|cmd|dll|vbs|js|msi|scr)$/i.test(words[1] ?? ""))
				save(r, has, (words[1] ?? "").toLowerCase());
			return { kind: "object", name: "fetched" };
		case "start-process":
			if (r.fetched.has((words[0] ?? "").toLowerCase())) has["fetched"] = ["yes"];
			if (SHELL_LINE.test(words.join(" ")) && args.every(({ value }) => value === undefined || known(value) !== null))
				has["source"] = ["static"];
			runWords(
				r,
				draft,
				words.filter((word) => !/^(?:runas|hidden|open|minimized|normal|maximized)$/i.test(word)),
			);
			return UNKNOWN;
		case "invoke-sqlcmd":
		case "invoke-dbaquery":
		case "invoke-sqlquery":
		case "get-sqlquery":
		case "get-sqlserverlinkcrawl":
			for (const pair of has["values"] ?? []) {
				const statement = /^(?:query|q|sql)=(.+)$/s.exec(pair)?.[1];
				if (statement !== undefined) r.within("sql", statement, from, program);
			}
			return UNKNOWN;
		case "get-wmiobject":
		case "get-ciminstance": {
			const named = (has["values"] ?? []).find((pair) => /^class(?:name)?=/.test(pair))?.replace(/^\w+=/, "");
			const name = named ?? words.find((word) => /^(?:win32|msft|cim)_\w+$/i.test(word));
			return name === undefined ? UNKNOWN : { kind: "object", name: `wmi:${name.toLowerCase()}` };
		}
		case "invoke-wmimethod":
		case "invoke-cimmethod":
			runCreated(r, draft, words);
			return UNKNOWN;
		default:
			if (!program.includes("-")) runWords(r, draft, rawWords(args));
			if (isEncodedKnown(program, rawWords(args))) has["source"] = ["static"];
			if (/^(?:powershell|pwsh|cmd)$/.test(program) && prior !== null && known(prior) !== null) {
				has["source"] = ["static"];
				r.within(program === "cmd" ? "cmd" : "powershell", known(prior) ?? "", from, program);
			}
			return UNKNOWN;
	}
}

/** `Set-Content x.ps1 '…'`, `'…' | Out-File x.ps1`: what stands in the script then. */
function noteWritten(r: Reading, { program, has }: Draft, operands: readonly Argument[], prior: Value | null): void {
	const values = has["values"] ?? [];
	const path = values.find((pair) => /^(?:path|filepath|literalpath)=/.test(pair))?.replace(/^\w+=/, "");
	const [first, ...others] = operands.map(({ value }) => known(value ?? UNKNOWN) ?? "");
	const text = known(prior ?? UNKNOWN) ?? (path === undefined ? others : [first ?? "", ...others]).join("\n");
	r.written.note(path ?? first ?? "", text, program === "add-content" || (has["flags"] ?? []).includes("append"));
}

/** A script of the text's own that a command runs, by its name or as what an interpreter is given. */
export function runWritten(r: Reading, program: string, spelled: string, words: readonly string[]): void {
	const paths = /^(?:powershell|pwsh|cmd|start-process|invoke-item)$/.test(program) ? words : [spelled];
	for (const path of paths) {
		const script = r.written.scriptOf(path);
		if (script !== null) r.within(script.language === "powershell" ? "powershell" : "cmd", script.text, r.pos, path);
	}
}

function runWords(r: Reading, { program, from, until }: Draft, words: readonly string[]): void {
	if (!r.isQuiet) readWithin({ program, words }, r.placeOf(from, until), r.to);
}

/** `Win32_Process`, `Create`: the command line among the words. */
function runCreated(r: Reading, { from }: Draft, words: readonly string[]): void {
	if (!words.some((word) => /^create$/i.test(word))) return;
	for (const word of words) {
		const line =
			/^commandline=(.*)$/is.exec(word)?.[1] ?? (/^(?:create|(?:root\\.*)?win32_process)$/i.test(word) ? "" : word);
		if (line !== "" && !/^\w+=/.test(line)) r.within("cmd", line, from, "win32_process");
	}
}

/** Notes where what is fetched goes. */
function save(r: Reading, has: Draft["has"], path: string): void {
	r.fetched.add(path);
	has["saves"] = [path];
}

function made(r: Reading, { has, from, until }: Draft, words: readonly string[]): Value {
	const com = (has["values"] ?? []).find((pair) => pair.startsWith("comobject="))?.slice("comobject=".length);
	const name = com === undefined ? typeName(words[0] ?? "unknown") : `com:${com}`;
	if (!r.isQuiet) addCallHosts(`${name}.new`, words.slice(1), r.placeOf(from, until), r.to);
	r.add("call", from, until, { name: [`${name}.new`], args: com === undefined ? words.slice(1) : [], ...repeated(r) });
	return { kind: "object", name };
}

/** A shell that is started with the line it is to run. */
const SHELL_LINE =
	/^(?:\S*\\)?(?:cmd(?:\.exe)? \/[ck]\b|(?:powershell|pwsh)(?:\.exe)? (?:-no\w+ )*-c(?:ommand)?\b) ?\S/i;

/** Commands that a pattern of theirs is looked up for, those first that are meant where several would fit. */
const COMMANDS =
	"iex Invoke-Expression New-Object Invoke-WebRequest Invoke-RestMethod Invoke-Command Invoke-Item Start-Process Remove-Item Remove-ItemProperty Set-ItemProperty New-ItemProperty Set-MpPreference Add-MpPreference New-LocalUser Add-LocalGroupMember Clear-EventLog Clear-Content New-Service Set-Service Start-Service Stop-Service Stop-Process Stop-Computer Restart-Computer Register-ScheduledTask New-ScheduledTaskAction Set-ExecutionPolicy Format-Volume Disable-NetFirewallRule Set-NetFirewallProfile Invoke-WmiMethod Invoke-CimMethod Add-Type Import-Module Copy-Item Move-Item New-Item Rename-Item Set-Content Add-Content Out-File Get-Content Get-ChildItem Get-Item Get-Process Get-Service Get-Date Get-WmiObject Get-CimInstance Get-WinEvent Get-EventLog Get-NetAdapter Get-Variable Get-Alias Get-Command Set-Variable Set-Alias Test-Path Write-Host Write-Output ConvertTo-SecureString ForEach-Object Where-Object Select-Object Start-BitsTransfer Send-MailMessage Enable-PSRemoting Enter-PSSession New-PSSession".split(
		" ",
	);

const nameOf = (name: string | null): Value => (name === null ? UNKNOWN : textOf(name));

/** A variable that the text has set, or one that each session has, by a pattern of its name. */
function variableNamed(r: Reading, pattern: string): string | null {
	const usual = ["MaximumDriveCount", "PSHome", "ShellId", "ExecutionContext", "VerbosePreference"];
	return matching(r, pattern, [...[...r.variables.keys()].slice(0, 100), ...usual])?.toLowerCase() ?? null;
}

const DRIVE = /^(variable|env|alias):[\\/]?(.+)$/i;

/** `Set-Item variable:x 'text'`, `alias:x name`, `env:x text`. */
function setInDrive(r: Reading, path: string, value: Value): void {
	const [, drive = "", name = ""] = DRIVE.exec(path) ?? [];
	if (name === "") return;
	if (drive.toLowerCase() !== "alias") r.setVariable(drive.toLowerCase() === "env" ? `env:${name}` : name, value);
	else if (known(value) !== null) r.aliases.set(name.toLowerCase(), cmdletOf(programOf(known(value) ?? ""), []));
}

/** `Get-Item variable:x`, `dir alias:i*x`: what of the drive is meant. */
function ofDrive(r: Reading, path: string): Value {
	const [, drive = "", name = ""] = DRIVE.exec(path) ?? [];
	if (name === "") return UNKNOWN;
	if (drive.toLowerCase() === "alias")
		return nameOf(matching(r, name, [...[...r.aliases.keys()].slice(0, 100), ...aliasNames()]));
	if (drive.toLowerCase() === "env") return { kind: "object", name: `variable:env:${name.toLowerCase()}` };
	const found = variableNamed(r, name);
	return found === null ? UNKNOWN : { kind: "object", name: `variable:${found}` };
}

/** The one of the names that a pattern with `*` and `?` means. */
function matching(r: Reading, pattern: string, names: readonly string[]): string | null {
	const wanted = pattern.toLowerCase();
	if (wanted === "" || wanted.length > NAME_MAX || !r.to.spend(WORK_PER_LOOKUP + names.length * NAME_MAX)) return null;
	return names.find((name) => name.length <= NAME_MAX && isMeant(wanted, name.toLowerCase())) ?? null;
}

const NAME_MAX = 60;
const WORK_PER_LOOKUP = 2_000;

/** Whether a pattern means a name: at most their product of steps. */
function isMeant(pattern: string, name: string): boolean {
	let [at, from, star, back] = [0, 0, -1, 0];
	while (from < name.length) {
		if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[from]) && pattern[at] !== "*") {
			at += 1;
			from += 1;
		} else if (pattern[at] === "*") {
			[star, back] = [at, from];
			at += 1;
		} else if (star >= 0) {
			back += 1;
			[at, from] = [star + 1, back];
		} else return false;
	}
	while (pattern[at] === "*") at += 1;
	return at === pattern.length;
}
