/**
 * Texts of languages that have no reader of their own (Perl, Ruby, PHP, Lua, awk, sed, editors): what they call that
 * matters here, by the spellings of these calls. Emits facts `call` named `code:…`, and reads what they give to a shell.
 */
import { fromBase64, fromHex } from "../encoding.ts";
import type { Findings, Place } from "../fact.ts";
import { pathClasses } from "../path.ts";

const CALLS: readonly (readonly [name: string, pattern: RegExp])[] = [
	[
		"code:shell",
		/\b(?:system2?|exec(?:l[pe]?|v[pe]*)?|popen[23e]?|passthru|shell_exec|proc_open|pcntl_exec|execSync|execFile(?:Sync)?|spawn(?:Sync)?|spawn\*|call-process|start-process|(?:run-)?shell-command|run-program|os\.execute|io\.popen|callCommand|do shell script|doShellScript|do script|getstatusoutput|shell|ProcessBuilder|run_process|subprocess|term_start|start_process|backtick|qx|CreateObject)\b(?=\s*[([{"'/ ]\s*["'`([/{%]|\s*\(|[ \t]+["'`]|\s*\$\w)|`[^`\n]{1,400}`|%x[{([]|\|\s*getline|\|&?\s*"[^"]*\bsh\b|\b(?:Runtime\.getRuntime\(\)|child_process|IO\.popen|Open3|Process\.(?:spawn|Start|run)\b|ProcessStartInfo\b)|\bspawn\s+\S|\bos:cmd\s*\(|["'\]]\s*\.(?:execute\(\)|!{1,2}(?=\W|$))|\brun\s+["']|\bopen\s*\(\s*["']\||\bopen\s*\([^,()]{1,60},\s*["'](?:-\||\|-)["']|\bsend\s*\(\s*:(?:system|exec|spawn|`|eval)\b|\bsyscall\.Exec\s*\(|\bexec\.Command(?:Context)?\s*\(|\bexecute_process\s*\(|\bCALL\s+"SYSTEM"|\bCommand::new\s*\(|\bShell\s*\(?\s*"|\.launchPath\s*=|\.executableURL\s*=/,
	],
	[
		"code:socket",
		/\b(?:fsockopen|socket(?:_create|_connect)?|TCPSocket|TCPServer|UDPSocket|IO::Socket|net\.(?:connect|createConnection|createServer|Socket)|require\(["'](?:net|socket|tls|dgram)["']\)|luasocket|socket\.tcp|sockaddr_in|stream_socket_(?:client|server)|new Socket|net\.Dial(?:Timeout)?|TcpStream::connect)\b|\/inet\d?\/tcp|\bSocket\b/,
	],
	[
		"code:eval",
		/\b(?:eval|loadstring|instance_eval|class_eval|Function|create_function|unserialize|Marshal\.load|readObject|unsafe_load|(?<!\.)evaluate|vm\.run\w+|load)\s*\(|\beval\s+["'$`{]|\beval\b|\b(?:include|require|source)(?:_once)?\s*\(?\s*["'](?:https?|ftp|data):|\bGroovyShell\(\)\.evaluate\(|\bcall_user_func(?:_array)?\s*\(\s*\$_|\bgetEngineByName\s*\(|\bURLClassLoader\s*\(|\$\w+\s*\(\s*\$_(?:GET|POST|REQUEST|COOKIE)/,
	],
	[
		"code:http",
		/\b(?:fetch|https?\.(?:get|request)|Net::HTTP|LWP|http\.(?:Get|Post|NewRequest)|HttpClient|HttpURLConnection|URI\.open|open-uri|file_get_contents\s*\(\s*["']https?|curl_exec|axios|got|HTTP::Tiny|Mojo)\b/,
	],
	[
		"code:delete",
		/\bcall\s+delete\s*\(|\b(?:unlink(?:Sync)?|rmtree|rmdir(?:Sync)?|rmSync|rm_rf|rm_r|FileUtils\.(?:rm\w*|remove\w*|delete\w*|clean\w*)|remove_tree|File\.delete|Dir\.delete|os\.remove|fs\.rm|deleteFile|delete-file|delete-directory|os\.Remove(?:All)?|removeItem|deleteRecursively|deleteDir|File\.rm(?:_rf|dir)?!?|remove(?:File|Directory\w*|PathForcibly)|file\.remove|File::delete|Files\.delete\w*|file delete|file:del\w*|Sys\.remove|fs::remove_\w+)\b|\bFile\([^()]{0,300}\)\.delete\(/,
	],
	[
		"code:write",
		/\b(?:os\.WriteFile|FileWriter|FileOutputStream|writeFile(?:Sync)?|appendFile(?:Sync)?|file_put_contents|File\.write|createWriteStream|IO\.write|os\.rename|rename|Files\.write\w*|write\.csv|saveRDS|write_csv)\b|open\s*\(?[^)]{0,300}["'](?:>>?|[wa]b?\+?b?)["']|open\s*\(?[^)]{0,300}["']\s*\+?>{1,2}(?!&)|\bwritefile\b|(?<![=-])>>?\s*"[^"]+"|\bopen\(\w+\s*->\s*write\b/,
	],
	[
		"code:read",
		/\b(?:os\.(?:ReadFile|Open)|FileReader|readFile(?:Sync)?|file_get_contents|readfile|File\.(?:read|open|readlines)|createReadStream|io\.open|IO\.read\w*|slurp|fread|readlines|getline|Files\.(?:read\w+|lines|newBufferedReader)|read\.(?:csv|table|delim)|readRDS|CSV\.(?:foreach|read|open)|IO\.foreach)\b(?![^)\n]{0,200},\s{0,8}["'][wa]b?["'])/,
	],
	[
		"code:setuid",
		/\b(?:POSIX::set[ug]id|posix_set[ug]id|Process::Sys\.set[ug]id|set(?:res|re)?[ug]id)\b|\$[<>(]\s*=\s*0/,
	],
	["code:serve", /\bWEBrick::HTTPServer\b|:DocumentRoot\b/],
	[
		"code:library",
		/\b(?:dlopen|dl_load_file|plugin\.Open|load_extension|ctypes|FFI|dofile|loadlib|require_relative|import_module)\b|\b(?:require|import|load)[ \t(]{1,4}["'][^"'\n]{1,500}\.(?:so|dylib)["']/,
	],
];

/** Of programs whose own commands begin with `:`, `!` or a name: a line that runs another program. */
const ESCAPE =
	/(?:^|[\n;|"']|:|\bexec(?:ute)?\s+["'])[ \t]{0,40}(?::?!|\\!)[ \t]{0,40}\S|^\s*:?\s*(?:(?:platform )?shell|sh|system)\b/;
const HAS_ESCAPES =
	/^(?:[rng]*vim?|lftp|view|vimdiff|ex|ed|[ls]?ftp|ncftp|gdb|lldb|\w*sql\d?|sqlite|mariadb|emacs|less|more|msfconsole|ghci|octave|octave-cli|gnuplot|mail|mailx|mutt|maxima|sage|irb|ipython|dc|tasksh|tdbtool|scanmem|jtag|cpan|volatility\d?|vol|screen|byebug|pdb|telnet|minicom|smbclient|bconsole|ncftp3|nslookup|nsupdate|cu)$/;
/** Editors and debuggers that are told a line of Python by a word in front of it. */
const HAS_PYTHON = /^(?:r?g?vim?|nvim|r?view|vimdiff|gdb|lldb)$/;
const PYTHON_LINE = /^:?\s*(?:py(?:3|x|thon3?|thonx)?|script)\s+([\s\S]+)$/;
/** What TeX and make read and write by their own commands, and what editors and pagers are told to open. */
const FILE_COMMANDS: readonly (readonly [program: RegExp, command: RegExp, access: string])[] = [
	[
		/tex|code/,
		/\\(?:verbatiminput|lstinputlisting|input|include|openin ?\\?\w{0,40} ?=) ?(?:\[[^\]]{0,200}\])?\{? ?([~/][^\s{}]{1,1000})/g,
		"read",
	],
	[/tex/, /\\openout ?\\?\w{0,40} ?= ?\{?([~/][^\s{}\\]{1,1000})/g, "write"],
	[/^g?make$/, /\$\(file {0,4}< {0,4}([~/][^\s),]{1,1000})/g, "read"],
	[/^g?make$/, /\$\(file {0,4}>{1,2} {0,4}([~/][^\s),]{1,1000})/g, "write"],
	[
		/^(?:r?ed|ex|r?g?vim?|nvim|r?view|less|more)$/,
		/(?:^|\n)[ \t]{0,8}:?(?:e(?:dit)?|r(?:ead)?|E)!?[ \t]{1,8}([~/]\S{1,1000})/g,
		"read",
	],
	[/^(?:r?ed|ex|r?g?vim?|nvim|r?view)$/, /(?:^|\n|\|)[ \t]{0,8}:?w(?:rite|q)?!?[ \t]{1,8}([~/]\S{1,1000})/g, "write"],
	[/^gdb$/, /\bdump[ \t]{1,8}(?:\w{1,20}[ \t]{1,8})?(?:value|memory)[ \t]{1,8}([~/]\S{1,1000})/g, "write"],
	[/^less$/, /(?:^|\n)[ \t]{0,8}[sO][ \t]{0,8}([~/]\S{1,1000})/g, "write"],
];
/** Clients that send a file when they are told to. */
const HAS_UPLOADS = /^(?:[ltsp]?s?ftp|ncftp|smbclient|cadaver)$/;
const UPLOAD = /(?:^|[\n;])\s*(?:m?put|reput|mirror\s+(?:-R|--reverse))\s/;
/** Perl gives a list to a program without brackets, whatever makes it. */
const PERL_GIVEN =
	/\b(?:system|exec)[ \t]{1,8}(?:@\w|\{|(?:pack|unpack|join|chr|map|grep|reverse|sprintf|lc|uc|shift|pop|substr|qw|qq?|decode_base64|split)\b)/;
const PERL_PATTERN = /\/(?:\\.|[^/\\\n]){1,2000}\//g;
const IS_M4 = /^g?m4$/;
const M4_CALL = /\be?syscmd[ \t]{0,8}\([ \t]{0,8}`?([^)']{1,2000})/g;
const IS_TCL = /^(?:tclsh|wish|expect|jimsh)[\d.]*$/;
/** Its code has a reader of its own; calls are told by their spellings besides. */
const IS_JAVASCRIPT = /^(?:node|nodejs|deno|bun|qjs|d8)$/;
/** Of these `write` is given the file. */
const WRITES_BY_NAME = /^(?:julia|R|Rscript)$/;
const IS_AWK = /^[gmn]?awk$/;
const AWK_PIPE = /\|\s*&?\s*getline|\|&?\s*"[^"]*\bsh\b|\|\s*[a-z_]\w*\s*(?:[;}]|$)/;

const STRING = /"((?:[^"\\\n]|\\.){1,2000})"|'((?:[^'\\\n]|\\.){1,2000})'/g;
const GIVEN_TO_SHELL =
	/(?:system2?|exec(?:l[pe]?|v[pe]*)?|popen[23e]?|passthru|shell_exec|proc_open|pcntl_exec|execSync|execFileSync|execFile|spawnSync|spawn|call-process|(?:run-)?shell-command|run-program|execute|popen|callCommand|do shell script|doShellScript|do script|shell|qx|getRuntime\(\)\.exec|os:cmd|\brun|exec\.Command|execute_process\(COMMAND|Command::new|CALL "SYSTEM" USING|cmd)\s*[([{]?\s*\[?\s*(?:"((?:[^"\\]|\\.){1,4000})"|'((?:[^'\\]|\\.){1,4000})'|\{([^}]{1,2000})\})|`([^`]{1,4000})`|%x[{([]([^})\]]{1,2000})|"([^"\n]{1,2000})"\s*\|&?\s*getline|\|&?\s*"([^"\n]{1,2000})"/g;
const RUN_ITSELF = /"((?:[^"\\]|\\.){1,2000})"\s*\.(?:execute\(\)|!{1,2}(?=\W|$))/g;
/** Tcl gives bare words to a program. */
const BARE_EXEC = /(?:^|[;[\n{])[ \t]{0,40}(?:exec|spawn)[ \t]{1,8}((?!["'])[^\n;\]}]{1,2000})/g;
const ESCAPED_LINE = /(?:^|[\n;|])[ \t]{0,40}(?::?!|\\!|:?r!|:?w !)\s*([^\n]{1,2000})/g;

/** UTF-16 units; of what is longer the rest is not looked at, and that is said. */
const TEXT_MAX = 65_536;
const TEXTS_MAX = 16;

export function readCode(program: string, text: string, at: Place, to: Findings): void {
	if (text.length > TEXT_MAX) {
		to.add({ kind: "opaque", ...at, has: { why: ["too-long"], language: ["code"] } });
		return;
	}
	if (program === "sed" || program === "gsed") {
		readSed(text, at, to);
		return;
	}
	const python = HAS_PYTHON.test(program) ? PYTHON_LINE.exec(text)?.[1] : undefined;
	if (python !== undefined) {
		to.within("python", python, at);
		return;
	}
	if (IS_JAVASCRIPT.test(program)) to.within("javascript", text, at);
	const names = CALLS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
	if (names.includes("code:eval")) readPacked(program, text, at, to);
	if (IS_AWK.test(program)) {
		const first = names.indexOf("code:shell");
		if (first >= 0) names.splice(first, 1);
		if (/\bsystem\s*\(/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, '""')) || AWK_PIPE.test(text)) names.push("code:shell");
		if (/\bprintf?\b[^;}|<]{0,300}>{1,2}\s*[\w$"(]/.test(text)) names.push("code:write");
	} else if (/write18|directlua\{[^}]{0,500}os\.|shell_escape/.test(text)) names.push("code:shell");
	else if (HAS_ESCAPES.test(program) && ESCAPE.test(text)) names.push("code:shell");
	if (program === "php" && /\bassert\s*\(/.test(text) && !names.includes("code:eval")) names.push("code:eval");
	if (program === "julia" && /(?:^|[^\w.])rm\(/.test(text)) names.push("code:delete");
	if (WRITES_BY_NAME.test(program) && /(?:^|[^\w.])write\(/.test(text)) names.push("code:write");
	if (program === "perl" && PERL_GIVEN.test(text.replace(STRING, '""').replace(PERL_PATTERN, "//")))
		names.push("code:shell");
	if (IS_M4.test(program) && text.match(M4_CALL) !== null) names.push("code:shell");
	if (IS_TCL.test(program) && text.match(BARE_EXEC) !== null) names.push("code:shell");
	if (HAS_UPLOADS.test(program) && UPLOAD.test(text)) names.push("code:upload");
	if (names.length > 0) to.add({ kind: "call", ...at, has: { name: [...new Set(names)], program: [program] } });
	if (names.includes("code:shell")) {
		let count = 0;
		for (const pattern of [
			GIVEN_TO_SHELL,
			RUN_ITSELF,
			...(IS_M4.test(program) ? [M4_CALL] : IS_TCL.test(program) ? [BARE_EXEC] : [ESCAPED_LINE]),
		]) {
			for (const match of text.matchAll(pattern)) {
				const shell = match.slice(1).find((group) => group !== undefined);
				if (shell === undefined || ++count > TEXTS_MAX) continue;
				to.within("shell", unescaped(shell), { ...at, via: [...at.via, "system"] });
			}
		}
		readSpelled(text, at, to);
	}
	if (
		names.includes("code:read") ||
		names.includes("code:write") ||
		names.includes("code:delete") ||
		/open|["'][<>+/~]/.test(text)
	) {
		readPaths(program, names, text, at, to);
	}
	readFileCommands(program, text, at, to);
	if (/mongo/.test(program)) readMongo(text, at, to);
}

/** Code that is evaluated out of a text in base64, where that is known. */
function readPacked(program: string, text: string, at: Place, to: Findings): void {
	let count = 0;
	for (const [, given, unpacked] of text.matchAll(PACKED)) {
		const code = fromBase64(given ?? unpacked ?? "");
		if (code !== null && ++count <= TEXTS_MAX) readCode(program, code, { ...at, via: [...at.via, "base64"] }, to);
	}
}

/** What is given to a shell out of a text that spells it in base64 or in hexadecimal digits. */
function readSpelled(text: string, at: Place, to: Findings): void {
	let count = 0;
	for (const [, given, unpacked] of text.matchAll(PACKED)) {
		const shell = fromBase64(given ?? unpacked ?? "");
		if (shell !== null && ++count <= TEXTS_MAX)
			to.within("shell", shell, { ...at, via: [...at.via, "base64", "system"] });
	}
	for (const [, given, packed] of text.matchAll(DIGITS)) {
		const shell = fromHex(given ?? packed ?? "");
		if (shell !== null && ++count <= TEXTS_MAX) to.within("shell", shell, { ...at, via: [...at.via, "hex", "system"] });
	}
}

const DIGITS =
	/(?:\bpack\s*\(?\s*(?:["']|q\()H\*(?:["']|\))\s*,\s*|\bhex2bin\s*\(\s*)(?:["']|q\()([\da-fA-F]{4,65536})["')]|["']([\da-fA-F]{4,65536})["']\s*\]\s*\.\s*pack\s*\(?\s*["']H/g;
const PACKED =
	/(?:base64_decode|decode_base64|Base64\.(?:strict_|urlsafe_)?decode64|b64decode)\s*\(?\s*["']([\w+/=-]{12,65536})["']|["']([\w+/=]{12,65536})["']\s*\.unpack1?\(?\s*["']m/g;

/** Files that a program is told to open or to write by commands of its own. */
export function readFileCommands(program: string, text: string, at: Place, to: Findings): void {
	let count = 0;
	for (const [of, command, access] of FILE_COMMANDS) {
		if (!of.test(program)) continue;
		for (const [, path = ""] of text.matchAll(command))
			if (++count <= TEXTS_MAX) addPath(path, access, program, at, to);
	}
}

const unescaped = (text: string): string => text.replace(/\\(["'\\$`])/g, "$1");

function readPaths(program: string, names: readonly string[], text: string, at: Place, to: Findings): void {
	const access = names.includes("code:delete") ? "delete" : names.includes("code:write") ? "write" : "read";
	let count = 0;
	for (const match of text.matchAll(STRING)) {
		const path = (match[1] ?? match[2] ?? "").replace(/^[<>+]+\s*/, "");
		if (!/^(?:\/|~|\.{1,2}\/|[A-Za-z]:\\)[^\s()*?]+$/.test(path) || ++count > TEXTS_MAX) continue;
		addPath(path, access, program, at, to);
	}
	if (!IS_TCL.test(program)) return;
	for (const [, path = "", mode] of text.matchAll(TCL_OPEN))
		if (++count <= TEXTS_MAX) addPath(path, mode === undefined ? "read" : "write", program, at, to);
}

/** Tcl opens what is no text in quotes. */
const TCL_OPEN = /\bopen[ \t]{1,8}([~/][^\s\]}]{1,1000})(?:[ \t]{1,8}([wa]\+?))?/g;

const addPath = (path: string, access: string, program: string, at: Place, to: Findings): void =>
	to.add({
		kind: "path",
		...at,
		has: { path: [path], pathclass: pathClasses(path), access: [access], program: [program] },
	});

/** A substitution whose result is run. */
const MADE_AND_RUN = /^s([/|#,])(?:\\.|(?!\1)[^\\])*\1((?:\\.|(?!\1)[^\\])*)\1[gpiI\d]*e/;

/** `e` runs what the pattern space holds or what follows; `w` writes and `r` reads a file. */
function readSed(text: string, at: Place, to: Findings): void {
	const run = /(?:^|[;{}\n]|\d|\$|\/)\s*e(?:\s+([^\n;}]+))?\s*(?:$|[;}\n])/.exec(text);
	const isRun = run !== null && !/^s(.).*\1/.test(text);
	const [, mark = "", made] = MADE_AND_RUN.exec(text) ?? [];
	if (isRun || made !== undefined) to.add({ kind: "call", ...at, has: { name: ["code:shell"], program: ["sed"] } });
	// What stands there is the whole command only where all of the line is replaced; else it is a part of it.
	if (made !== undefined) to.within("shell", made.replaceAll(`\\${mark}`, mark), { ...at, via: [...at.via, "sed e"] });
	if (isRun && run[1] !== undefined) to.within("shell", run[1], { ...at, via: [...at.via, "sed e"] });
	const file = /(?:^|[;{}\n/])\s*([wr])\s+(\/[^\s;}]+)/.exec(text);
	if (file === null) return;
	const [, verb, path = ""] = file;
	addPath(path, verb === "w" ? "write" : "read", "sed", at, to);
}

const MONGO = /\.(\w+)\s*\(\s*(\{\s*\}|\)|\{)?/g;

function readMongo(text: string, at: Place, to: Findings): void {
	let count = 0;
	for (const [, operation = "", filter] of text.matchAll(MONGO)) {
		if (++count > TEXTS_MAX) return;
		const isEmpty = filter === undefined || filter === ")" || /^\{\s*\}$/.test(filter);
		to.add({
			kind: "document",
			...at,
			has: { operation: [operation.toLowerCase()], filter: [isEmpty ? "empty" : "some"], store: ["mongo"] },
		});
	}
}
