/** Names of PowerShell: aliases with what they stand for, and the parameters of which a beginning is enough. */

import { table } from "../table.ts";

const ALIASES = table<string>({
	"?": "where-object",
	"%": "foreach-object",
	ac: "add-content",
	alias: "get-alias",
	asnp: "add-pssnapin",
	cat: "get-content",
	cd: "set-location",
	chdir: "set-location",
	clc: "clear-content",
	clear: "clear-host",
	cls: "clear-host",
	clhy: "clear-history",
	cli: "clear-item",
	clp: "clear-itemproperty",
	clv: "clear-variable",
	cnsn: "connect-pssession",
	compare: "compare-object",
	copy: "copy-item",
	cp: "copy-item",
	cpi: "copy-item",
	cpp: "copy-itemproperty",
	cvpa: "convert-path",
	del: "remove-item",
	diff: "compare-object",
	dir: "get-childitem",
	echo: "write-output",
	epal: "export-alias",
	epcsv: "export-csv",
	erase: "remove-item",
	etsn: "enter-pssession",
	exsn: "exit-pssession",
	fc: "format-custom",
	fhx: "format-hex",
	fl: "format-list",
	foreach: "foreach-object",
	ft: "format-table",
	fw: "format-wide",
	gal: "get-alias",
	gc: "get-content",
	gci: "get-childitem",
	gcim: "get-ciminstance",
	gcb: "get-clipboard",
	gcm: "get-command",
	gcs: "get-pscallstack",
	gdr: "get-psdrive",
	gerr: "get-error",
	ghy: "get-history",
	gi: "get-item",
	gin: "get-computerinfo",
	gjb: "get-job",
	gl: "get-location",
	gm: "get-member",
	gmo: "get-module",
	gp: "get-itemproperty",
	gps: "get-process",
	gpv: "get-itempropertyvalue",
	group: "group-object",
	gsn: "get-pssession",
	gsv: "get-service",
	gtz: "get-timezone",
	gu: "get-unique",
	gv: "get-variable",
	gwmi: "get-wmiobject",
	h: "get-history",
	history: "get-history",
	icim: "invoke-cimmethod",
	icm: "invoke-command",
	iex: "invoke-expression",
	ihy: "invoke-history",
	ii: "invoke-item",
	ipal: "import-alias",
	ipcsv: "import-csv",
	ipmo: "import-module",
	irm: "invoke-restmethod",
	iwmi: "invoke-wmimethod",
	iwr: "invoke-webrequest",
	kill: "stop-process",
	ls: "get-childitem",
	man: "get-help",
	help: "get-help",
	md: "new-item",
	measure: "measure-object",
	mi: "move-item",
	mkdir: "new-item",
	mount: "new-psdrive",
	move: "move-item",
	mp: "move-itemproperty",
	mv: "move-item",
	nal: "new-alias",
	ncim: "new-ciminstance",
	ndr: "new-psdrive",
	ni: "new-item",
	nmo: "new-module",
	nsn: "new-pssession",
	nv: "new-variable",
	nwsn: "new-pssession",
	ogv: "out-gridview",
	oh: "out-host",
	popd: "pop-location",
	process: "get-process",
	ps: "get-process",
	pushd: "push-location",
	pwd: "get-location",
	r: "invoke-history",
	rbp: "remove-psbreakpoint",
	rcim: "remove-ciminstance",
	rcjb: "receive-job",
	rcsn: "receive-pssession",
	rd: "remove-item",
	rdr: "remove-psdrive",
	ren: "rename-item",
	ri: "remove-item",
	rjb: "remove-job",
	rm: "remove-item",
	rmdir: "remove-item",
	rmo: "remove-module",
	rni: "rename-item",
	rp: "remove-itemproperty",
	rsn: "remove-pssession",
	rv: "remove-variable",
	rvpa: "resolve-path",
	rwmi: "remove-wmiobject",
	sajb: "start-job",
	sal: "set-alias",
	saps: "start-process",
	sasv: "start-service",
	sc: "set-content",
	service: "get-service",
	scb: "set-clipboard",
	scim: "set-ciminstance",
	select: "select-object",
	set: "set-variable",
	shcm: "show-command",
	si: "set-item",
	sl: "set-location",
	sleep: "start-sleep",
	sls: "select-string",
	sort: "sort-object",
	sp: "set-itemproperty",
	spjb: "stop-job",
	spps: "stop-process",
	spsv: "stop-service",
	start: "start-process",
	stz: "set-timezone",
	sv: "set-variable",
	swmi: "set-wmiinstance",
	tee: "tee-object",
	tnc: "test-netconnection",
	variable: "get-variable",
	type: "get-content",
	where: "where-object",
	wget: "invoke-webrequest",
	curl: "invoke-webrequest",
	wjb: "wait-job",
	write: "write-output",
});

/** Names that stand for others. */
export const aliasNames = (): readonly string[] => Object.keys(ALIASES);

/** Parameters by cmdlet, most used first: the first that begins with what was written is meant. */
const PARAMETERS = table<string>({
	"remove-item": "path literalpath recurse force filter include exclude credential stream",
	"get-childitem":
		"path literalpath recurse force filter include exclude depth name directory file hidden attributes system",
	"get-content": "path literalpath raw tail totalcount head wait encoding readcount delimiter stream asbytestream",
	"set-content": "path value literalpath force encoding nonewline passthru filter include exclude stream asbytestream",
	"add-content": "path value literalpath force encoding nonewline passthru filter include exclude stream",
	"out-file": "filepath append encoding force inputobject literalpath nonewline nooverwrite noclobber width",
	"copy-item":
		"path destination literalpath recurse force container filter include exclude passthru tosession fromsession credential",
	"move-item": "path destination literalpath force filter include exclude passthru credential",
	"rename-item": "path newname literalpath force passthru",
	"new-item": "path name itemtype type value force target credential",
	"set-itemproperty": "path name value literalpath type force passthru",
	"new-itemproperty": "path name value propertytype type literalpath force",
	"remove-itemproperty": "path name literalpath force",
	"invoke-webrequest":
		"uri outfile usebasicparsing method body infile headers contenttype useragent credential usedefaultcredentials websession sessionvariable timeoutsec proxy maximumredirection passthru form skipcertificatecheck disablekeepalive token authentication resume",
	"invoke-restmethod":
		"uri method body infile outfile headers contenttype useragent usebasicparsing credential usedefaultcredentials websession sessionvariable timeoutsec proxy form passthru skipcertificatecheck token authentication",
	"invoke-expression": "command",
	"invoke-command":
		"scriptblock computername filepath session credential argumentlist asjob hostname username vmname port usessl authentication nonewscope",
	"start-process":
		"filepath argumentlist verb windowstyle workingdirectory wait passthru credential nonewwindow redirectstandardoutput redirectstandarderror redirectstandardinput loaduserprofile",
	"start-job": "scriptblock filepath name argumentlist credential initializationscript runas32",
	"new-object": "typename argumentlist comobject property strict",
	"stop-process": "name id force inputobject passthru",
	"stop-service": "name displayname force inputobject nowait passthru",
	"set-service": "name startuptype status displayname description computername credential passthru",
	"new-service": "name binarypathname displayname startuptype description credential dependson",
	"set-executionpolicy": "executionpolicy scope force",
	"add-type":
		"typedefinition assemblyname path memberdefinition name namespace language usingnamespace passthru referencedassemblies outputassembly",
	"import-module": "name force global disablenamechecking passthru assembly scope",
	"new-localuser": "name password nopassword fullname description accountneverexpires passwordneverexpires disabled",
	"add-localgroupmember": "group member name sid",
	"start-bitstransfer": "source destination transfertype asynchronous credential displayname priority",
	"invoke-wmimethod": "class name path namespace argumentlist computername credential inputobject",
	"invoke-cimmethod": "classname methodname arguments namespace computername inputobject cimsession query",
	"register-scheduledtask":
		"taskname action trigger user password settings principal force xml inputobject runlevel taskpath description",
	"send-mailmessage":
		"to from subject body attachments smtpserver port credential usessl bodyashtml cc bcc priority encoding",
	"set-acl": "path aclobject literalpath filter passthru",
	"clear-eventlog": "logname computername",
	"clear-content": "path literalpath force filter include exclude stream",
	"compress-archive": "path destinationpath literalpath force update compressionlevel",
	"expand-archive": "path destinationpath literalpath force",
	"test-netconnection": "computername port commontcpport traceroute informationlevel",
	"convertto-securestring": "string asplaintext force key securekey",
	"set-alias": "name value force option scope",
	"new-alias": "name value force option scope",
	"set-variable": "name value force option scope",
	"new-variable": "name value force option scope",
	"get-wmiobject": "class namespace computername credential filter query list property",
	"get-ciminstance": "classname namespace computername filter query",
	powershell:
		"command encodedcommand encodedarguments executionpolicy file noprofile noninteractive nologo noexit windowstyle version sta mta inputformat outputformat configurationname psconsolefile",
	pwsh: "command encodedcommand encodedarguments executionpolicy file noprofile noninteractive nologo noexit windowstyle version sta mta inputformat outputformat configurationname workingdirectory login interactive settingsfile",
});

/** Short forms that are no beginnings. */
const SHORT = table<Readonly<Record<string, string>>>({
	powershell: {
		ec: "encodedcommand",
		ep: "executionpolicy",
		ex: "executionpolicy",
		e: "encodedcommand",
		en: "encodedcommand",
		ea: "encodedarguments",
	},
	pwsh: {
		ec: "encodedcommand",
		ep: "executionpolicy",
		ex: "executionpolicy",
		e: "encodedcommand",
		en: "encodedcommand",
		ea: "encodedarguments",
		wd: "workingdirectory",
	},
});

/** Programs of Windows whose name is an alias too: these first words mean the program. */
const SC_VERBS =
	/^(?:\\\\.*|create|config|delete|start|stop|query|queryex|qc|failure|sdset|sdshow|description|control|pause|continue|privs|sidtype)$/i;
const UNIX_CURL = /^-(?:[a-zA-Z]|[sSkLfioOXdHFuATx]{2,8}|-.*)$/;

const LISTS = new Map<string, readonly string[]>();

/** The cmdlet that a command's name stands for, in lower case; `args` are its words as written. */
export function cmdletOf(name: string, args: readonly string[]): string {
	const lower = name.toLowerCase();
	if (lower === "sc" && SC_VERBS.test(args[0] ?? "")) return "sc";
	if ((lower === "curl" || lower === "wget") && args.some((arg) => UNIX_CURL.test(arg))) return lower;
	return Object.hasOwn(ALIASES, lower) ? (ALIASES[lower] ?? lower) : lower;
}

/** The parameter that is meant by what was written, in lower case without its dash. */
export function parameterOf(program: string, written: string): string {
	const lower = written.toLowerCase();
	const short = Object.hasOwn(SHORT, program) ? SHORT[program]?.[lower] : undefined;
	if (short !== undefined) return short;
	if (!Object.hasOwn(PARAMETERS, program)) return lower;
	let list = LISTS.get(program);
	if (list === undefined) {
		list = (PARAMETERS[program] ?? "").split(" ");
		LISTS.set(program, list);
	}
	return list.includes(lower) ? lower : (list.find((name) => name.startsWith(lower)) ?? lower);
}
