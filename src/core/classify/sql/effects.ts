/**
 * What a statement does beyond its tables: files and addresses that it reads or writes, commands and code that it runs, statements that it puts
 * together and executes.
 */
import { table } from "../table.ts";
import { singular } from "../tool-words.ts";
import { argumentAt } from "./argument.ts";
import { readExecuted, readLanguage } from "./executed.ts";
import { deedOfProcedure } from "./procedure.ts";
import { type Has, textsOf } from "./statement.ts";
import type { Range } from "./statements.ts";
import { BY_BYTES, isSpelledByBytes, staticText, type Variables } from "./static-text.ts";
import { directionOf, readTargets, targetOf } from "./targets.ts";
import { QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";
import type { Within } from "./within.ts";

/** Functions and procedures that run a command of the operating system, and the shell that they give it to. */
const COMMANDS = table<"shell" | "cmd">({
	xp_cmdshell: "cmd",
	sys_exec: "shell",
	sys_eval: "shell",
	sys_get: "shell",
	lib_mysqludf_sys_info: "shell",
	exec_cmd: "shell",
	shell: "shell",
	shell_exec: "shell",
	system: "shell",
	executable: "shell",
	sp_oamethod: "cmd",
});

/** Functions that open a file of the server. */
const FILES: ReadonlySet<string> = new Set(
	`load_file pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file lo_import lo_export bfilename readfile writefile fileread utl_file.fopen utl_file.get_line
	file read_csv read_csv_auto read_parquet read_json read_json_auto read_text read_blob openrowset xp_dirtree xp_fileexist xp_subdirs xp_getfiledetails load_extension
	fn_trace_gettable fn_xe_file_target_read_file fn_get_audit_file glob`.split(/\s+/u),
);

/** Functions that talk to an address. */
const ADDRESSES: ReadonlySet<string> = new Set(
	`utl_http.request utl_http.begin_request httpuritype utl_inaddr.get_host_address utl_inaddr.get_host_name utl_smtp.open_connection utl_tcp.open_connection dbms_ldap.init
	url s3 s3cluster gcs hdfs remote remotesecure mysql postgresql mongodb jdbc odbc http_get http_post http_put http_delete net.http_post net.http_get dblink dblink_connect dblink_exec
	aws_lambda.invoke aws_s3.query_export_to_s3 aws_s3.table_import_from_s3 opendatasource openquery sp_send_dbmail sp_invoke_external_rest_endpoint iceberg_scan delta_scan azureblobstorage`.split(
		/\s+/u,
	),
);

/** Reads the texts of one statement. */
export function readEffects(
	tokens: readonly Token[],
	range: Range,
	has: Has,
	variables: Variables,
	within: Within,
): void {
	const [verb = ""] = has["verb"] ?? [];
	keepVariables(tokens, range, variables);
	const direction = directionOf(verb, tokens, range, has);
	if (direction !== undefined) has["direction"] = [direction];
	readTargets(tokens, range, verb, has, within);
	readCalls(tokens, range, has, variables, within);
	if (
		verb === "exec" ||
		verb === "execute" ||
		verb === "prepare" ||
		verb === "call" ||
		verb === "do" ||
		/^(?:xp|sp)_/u.test(verb)
	) {
		readExecuted(tokens, range, has, variables, within);
	}
	if (verb === "create" || verb === "do") readLanguage(tokens, range, has, within);
	readDeeds(has);
	if (has["functions"]?.some((name) => QUERYING.has(name)) === true) readQueried(tokens, range, within);
}

/** What the names of its procedures say; of a function that is asked about rows of a table nothing. */
function readDeeds(has: Has): void {
	const { functions, names } = has;
	const isAlone = /^(?:select|call|exec|execute)$/u.test(has["verb"]?.[0] ?? "");
	if (functions === undefined || !isAlone || (has["verb"]?.[0] === "select" && names !== undefined)) return;
	for (const name of functions) {
		const deed = deedOfProcedure(name);
		if (deed === undefined) continue;
		has["deed"] = [deed.verb];
		has["handled"] = deed.of.map(singular);
		return;
	}
}

/** Functions and procedures that run a statement which they are given, here or on another server. */
const QUERYING: ReadonlySet<string> = new Set([
	"openquery",
	"openrowset",
	"dblink",
	"dblink_exec",
	"dblink_send_query",
	"query_to_xml",
	"sp_msforeachtable",
	"sp_msforeachdb",
	"dbms_utility.exec_ddl_statement",
	"dbms_xmlgen.getxml",
	"dbms_xmlquery.getxml",
	"dbms_xmlquery.newcontext",
	"dbms_sql.parse",
	"exec_sql",
	"sp_sqlexec",
]);

function readQueried(tokens: readonly Token[], range: Range, within: Within): void {
	for (const token of textsOf(tokens, range)) {
		if (
			/^\s*(?:select|insert|update|delete|drop|truncate|exec|execute|create|alter|grant|with|merge|shutdown|declare|begin)\b/iu.test(
				token.text,
			)
		)
			within("sql", token.text, token, "query");
	}
}

/** `SET @q = '…'`, `DECLARE @s varchar(9) = '…'`, `SELECT @v := '…'`, `v := '…'`. */
function keepVariables(tokens: readonly Token[], range: Range, variables: Variables): void {
	for (let at = range.from; at + 1 < range.to; at++) {
		const name = tokens[at] as Token;
		if (name.kind !== VARIABLE && !(name.kind === WORD && tokens[at + 1]?.text === ":=")) continue;
		let sign = at + 1;
		while (
			sign < range.to &&
			sign < at + 8 &&
			(tokens[sign] as Token).text !== "=" &&
			(tokens[sign] as Token).text !== ":=" &&
			(tokens[sign] as Token).text !== ","
		)
			sign++;
		const text = (tokens[sign] as Token | undefined)?.text;
		if (sign >= range.to || (text !== "=" && text !== ":=")) continue;
		let to = sign + 1;
		let depth = 0;
		for (; to < range.to; to++) {
			const token = tokens[to] as Token;
			if (token.text === "(" && token.kind === SIGN) depth++;
			else if (token.text === ")" && token.kind === SIGN) depth--;
			else if (token.text === "," && token.kind === SIGN && depth === 0) break;
			else if (
				token.kind === WORD &&
				depth === 0 &&
				(token.text === "exec" || token.text === "select" || token.text === "from")
			)
				break;
		}
		const value = staticText(tokens, sign + 1, to, variables);
		if (value !== undefined && value.length < 65_536) {
			variables.set(name.text, value);
			if (tokens.slice(sign + 1, to).some(isSpelledByBytes)) variables.set(name.text + BY_BYTES, "");
		}
		at = to - 1;
	}
}

/** Calls that run commands, open files or talk to addresses; their constant arguments. */
function readCalls(tokens: readonly Token[], range: Range, has: Has, variables: Variables, within: Within): void {
	const functions = has["functions"] ?? [];
	const [verb = ""] = has["verb"] ?? [];
	if (verb === "select" && (has["names"] ?? ["dual"])[0] === "dual") readCommandLine(tokens, range, has, within);
	const isProgram = verb === "copy" || functions.includes("transform") || functions[0] === "reduce";
	if (
		functions.length === 0 &&
		verb !== "exec" &&
		verb !== "execute" &&
		!isProgram &&
		verb !== "bulk" &&
		!/^xp_/u.test(verb)
	)
		return;
	const paths = new Set<string>();
	for (let at = range.from; at < range.to; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== WORD && token.kind !== QUOTED) continue;
		if (isProgram && /^(?:program|using)$/u.test(token.text) && tokens[at + 1]?.kind === TEXT) {
			has["into"] = ["program"];
			within("shell", (tokens[at + 1] as Token).text, tokens[at + 1] as Token, `${verb} ${token.text}`);
			continue;
		}
		const shell = Object.hasOwn(COMMANDS, token.text) ? COMMANDS[token.text] : undefined;
		const dotted = tokens[at - 1]?.text === "." ? `${tokens[at - 2]?.text ?? ""}.${token.text}` : token.text;
		const opens = FILES.has(token.text) || FILES.has(dotted);
		const talks = ADDRESSES.has(token.text) || ADDRESSES.has(dotted);
		if (shell === undefined && !opens && !talks) continue;
		const isCalled =
			tokens[at + 1]?.text === "(" || verb === "exec" || verb === "execute" || verb === token.text || verb === "call";
		if (!isCalled) continue;
		const argument = argumentAt(tokens, at + 1, range.to, variables);
		if (argument === undefined) continue;
		if (shell !== undefined) within(shell, argument.text, argument.token, token.text);
		else if (talks) within("url", argument.text, argument.token, token.text);
		else if (targetOf(argument.text) === "url") within("url", argument.text, argument.token, token.text);
		else within("path", argument.text, argument.token, token.text);
		if (opens || talks) paths.add(targetOf(argument.text) ?? "file");
	}
	if (paths.size > 0) has["target"] = [...new Set([...(has["target"] ?? []), ...paths])];
}

/** `SELECT run_it('ping -c 4 host')`: a function of nobody's, asked of no table, that is given a line of a shell. */
function readCommandLine(tokens: readonly Token[], range: Range, has: Has, within: Within): void {
	const token = tokens[range.from + 3];
	const isAlone = tokens[range.from + 2]?.text === "(" && tokens[range.from + 4]?.text === ")";
	if (token?.kind !== TEXT || !isAlone || !COMMAND_LINE.test(token.text)) return;
	const name = tokens[range.from + 1];
	if (name?.kind !== WORD || OF_TEXTS.test(name.text)) return;
	has["content"] = ["command"];
	within("shell", token.text, token, name.text);
}

const COMMAND_LINE =
	/^(?:ping|id|whoami|cat|ls|dir|curl|wget|nc|ncat|bash|sh|cmd|powershell|net|uname|ifconfig|ipconfig|touch|rm|chmod)(?:\.exe)?(?:\s|$)/u;
const OF_TEXTS =
	/^(?:upper|lower|length|char_length|md5|sha\w*|trim|ltrim|rtrim|concat\w*|reverse|quote\w*|ascii|hex|initcap|soundex|to_\w+|cast|convert|coalesce|replace|substr\w*|left|right|instr|position|print)$/u;
