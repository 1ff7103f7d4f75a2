/** Names of Python's libraries by what reading code needs to know of them; what calls amount to is the rule pack's to say. */
import { table } from "../table.ts";
import { FETCHED, FILE, HOST, TEMPORARY, type Value } from "./value.ts";

const set = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/u));

/** Those that run a program or give a line to a shell. A dot in front: a method of whatever object. */
export const PROCESSES = set(`
	os.system os.popen os.popen2 os.popen3 os.popen4 os.execl os.execle os.execlp os.execlpe os.execv os.execve os.execvp os.execvpe
	os.spawnl os.spawnle os.spawnlp os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.posix_spawn os.posix_spawnp os.startfile
	subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen subprocess.getoutput subprocess.getstatusoutput subprocess.fork_exec
	popen2.popen2 popen2.popen3 popen2.popen4 popen2.Popen3 popen2.Popen4 asyncio.create_subprocess_shell asyncio.create_subprocess_exec asyncio.subprocess.create_subprocess_shell
	pexpect.spawn pexpect.run pexpect.popen_spawn.PopenSpawn pty.spawn invoke.run fabric.api.run fabric.api.local fabric.api.sudo sh.bash sh.sh
	delegator.run envoy.run plumbum.local system popen .exec_command .exec_run .create_subprocess_shell .subprocess_shell .subprocess_exec .getoutput
	anyio.run_process trio.run_process get_ipython().system get_ipython().getoutput fabric.Connection().run fabric.Connection().sudo fabric.Connection().local invoke.Context().run
	invoke.context.Context().run asyncssh.connect().run pexpect.pxssh.pxssh().sendline ssh2.session.Session().open_session().execute
`);

/** Names that say enough without their module, in a piece of code whose imports are not shown. */
export const BARE: ReadonlyMap<string, string> = new Map(
	[
		"os.environ os.getenv os.startfile os.execve subprocess.Popen subprocess.check_output subprocess.check_call subprocess.getoutput",
		"subprocess.getstatusoutput base64.b64decode base64.b32decode base64.b85decode binascii.unhexlify binascii.a2b_base64 shutil.rmtree",
		"os.rmdir os.unlink urllib.request.urlopen urllib.request.urlretrieve socket.gethostname getpass.getuser ctypes.windll ctypes.cdll importlib.import_module",
	]
		.join(" ")
		.split(" ")
		.map((name) => [name.slice(name.lastIndexOf(".") + 1), name] as const)
		.concat([["__builtins__", "builtins"]]),
);

/** Bits of a file's mode. */
export const MODES = table<number>({
	"stat.S_ISUID": 0o4000,
	"stat.S_ISGID": 0o2000,
	"stat.S_IRWXU": 0o700,
	"stat.S_IRWXG": 0o070,
	"stat.S_IRWXO": 0o007,
	"stat.S_IEXEC": 0o100,
	"stat.S_IXUSR": 0o100,
	"stat.S_IXGRP": 0o010,
	"stat.S_IXOTH": 0o001,
	"stat.S_IWOTH": 0o002,
	"stat.S_IWGRP": 0o020,
	"stat.S_IRUSR": 0o400,
	"stat.S_IREAD": 0o400,
	"stat.S_IWUSR": 0o200,
	"stat.S_IWRITE": 0o200,
	"stat.S_IRGRP": 0o040,
	"stat.S_IROTH": 0o004,
});

/** Methods that run what they are given, where that begins with a program that is known to everybody. */
const RUNS = set(
	"run call spawn popen Popen execute exec check_output check_call system shell run_command execute_command run_cmd exec_cmd run_shell call_command",
);
const PROGRAMS =
	/^(?:.*[\\/])?(?:python[\d.]*|sh|bash|zsh|dash|ksh|cmd|powershell|pwsh|perl|ruby|node|php|rm|curl|wget|sudo|chmod|chown|cp|mv|dd|kill|pkill|nc|ncat|ssh|scp|schtasks|reg|net|taskkill|wscript|cscript|mshta|rundll32|regsvr32|msiexec|certutil|osascript|open|docker|kubectl|pip3?|npm|npx)(?:\.exe)?$/iu;

/** `command.run(["python", "-c", …])`, `x.system("rm a")`, whatever `command` and `x` are. */
export function runsProgram(method: string, first: Value | undefined): boolean {
	if ((method === "system" || method === "popen") && first?.text !== undefined) return true;
	const word =
		first?.items?.[0]?.text ?? (LINES.test(method) ? /^\s*(\S+)\s/u.exec(first?.text ?? "")?.[1] : undefined);
	return RUNS.has(method) && word !== undefined && PROGRAMS.test(word);
}
const LINES =
	/^(?:system|popen|Popen|check_output|check_call|run_command|execute_command|run_cmd|exec_cmd|run_shell)$/u;

/** Functions that tell much by being handed on to another, to be called with what is given there. */
export const isHandedOn = (name: string): boolean =>
	PROCESSES.has(name) ||
	/^(?:eval|exec|pty\.spawn|os\.(?:remove|unlink|rmdir|removedirs|truncate|kill)|shutil\.rmtree)$/u.test(name);

/** Functions that run a text as code; what else they are given is no code. */
export const CODES = set(
	"eval exec compile execfile timeit.timeit timeit.repeat timeit.Timer cProfile.run profile.run pdb.run code.InteractiveInterpreter().runsource code.InteractiveConsole().push code.InteractiveConsole().runcode code.InteractiveInterpreter().runcode _xxsubinterpreters.run_string _interpreters.run_string _testcapi.run_in_subinterp",
);

/** Files that are programs by their names. */
export const isProgramFile = (path: string): boolean =>
	/\.(?:exe|dll|scr|bat|cmd|ps1|vbs|vbe|msi|hta|jar|pif|com|elf|lnk|wsf|jse)$/iu.test(path);

/** Hands what it is given to another machine. */
export const isSending = (name: string): boolean =>
	/^(?:requests|httpx|aiohttp|urllib3?|http|socket|smtplib|paramiko|ftplib|websockets?)\b.*\.(?:get|post|put|patch|request|urlopen|Request|send|sendall|sendto|sendmail|send_message|stor\w+|gethostbyname\w*|getaddrinfo)$|\.(?:urlopen|sendall|sendmail|send_message|write_message)$/u.test(
		name,
	);

export const FILES = set(
	"open io.open codecs.open builtins.open file gzip.open bz2.open lzma.open aiofiles.open os.fdopen os.open tokenize.open io.FileIO anyio.open_file smart_open.open",
);

/** Methods that take a statement of SQL. */
export const QUERIES = set(
	"execute executemany executescript read_sql read_sql_query raw exec_driver_sql query sql execute_sql fetch fetchrow fetchval mogrify copy_expert run_sql_query text execute_query",
);

/** Names of the machine and its user. */
export const HOSTNAMES = set(`
	socket.gethostname socket.getfqdn getpass.getuser os.getlogin platform.node platform.platform platform.uname platform.system platform.release
	platform.machine platform.version uuid.getnode os.uname psutil.process_iter psutil.net_if_addrs socket.gethostbyname pwd.getpwuid pwd.getpwall
`);

const COMMON = set(`
	append extend insert pop remove clear copy count index sort reverse keys values items update setdefault fromkeys add discard union intersection
	difference issubset issuperset strip lstrip rstrip split rsplit splitlines partition rpartition join format lower upper title capitalize
	swapcase startswith endswith find rfind rindex replace encode decode isdigit isalpha isalnum isspace isupper islower zfill center ljust rjust translate maketrans
	expandtabs casefold removeprefix removesuffix group groups groupdict match search findall finditer sub subn fullmatch span mean sum min max std var
	argmax argmin reshape astype tolist flatten ravel transpose squeeze dot round abs any all shape size fillna dropna groupby agg merge concat apply
	map filter head tail describe info value_counts sort_values reset_index set_index rename isnull notnull unique nunique iterrows itertuples
	most_common popleft appendleft rotate hex bit_length as_integer_ratio isoformat strftime strptime timestamp total_seconds date time now today
	__init__ super debug warning error critical exception isEnabledFor seek tell flush fileno readable writable isatty name suffix stem parent parents
	assertEqual assertTrue assertFalse assertRaises assertIn setUp tearDown parse_args add_argument
`);

/** Methods of texts, lists, tables, dates and the like, which say nothing whatever they are called on. */
export const isCommon = (method: string): boolean => COMMON.has(method);

/** Where the result of a call comes from. */
export function readsOf(name: string): number {
	if (
		/^(?:requests|httpx|urllib|urllib3|aiohttp)\b.*\b(?:get|post|request|urlopen|urlretrieve|stream)(?:\(\))?$/u.test(
			name,
		)
	)
		return FETCHED;
	if (/\.(?:recv|recvfrom|urlopen)$/u.test(name)) return FETCHED;
	if (/\.(?:read_text|read_bytes)$/u.test(name)) return FILE;
	if (/^tempfile\.(?:mk|[A-Z])/u.test(name)) return TEMPORARY;
	if (
		/^(?:pyperclip\.paste|PIL\.ImageGrab\.grab|ImageGrab\.grab|pyautogui\.screenshot|mss\.mss|cv2\.VideoCapture)$/u.test(
			name,
		)
	)
		return HOST;
	return 0;
}

/** Other names of the same module. */
export function canonical(name: string): string {
	const root = name.slice(0, name.indexOf(".") < 0 ? name.length : name.indexOf("."));
	const known = Object.hasOwn(SAME, root) ? SAME[root] : undefined;
	const own = known === undefined ? name : known + name.slice(root.length);
	// What another module imported: `platform.os.system`, `random._os.popen`, `logging.sys.modules`.
	return own.replace(/^(?:[A-Za-z_?][\w()]*\.)+_?(?=(?:os|sys|subprocess|shutil|builtins|importlib|pty)\.\w+$)/u, "");
}

const SAME = table<string>({
	posix: "os",
	nt: "os",
	__builtin__: "builtins",
	cPickle: "pickle",
	_pickle: "pickle",
	pickle5: "pickle",
	posixpath: "os.path",
	ntpath: "os.path",
	urllib2: "urllib.request",
	_socket: "socket",
	_posixsubprocess: "subprocess",
	subprocess32: "subprocess",
	commands: "subprocess",
});
