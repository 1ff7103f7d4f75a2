/** Programs that take a program's text among their words, or from their input: in which language, and where it stands. */
import type { Language } from "../fact.ts";
import type { Field } from "./words.ts";

export interface Text {
	readonly language: Language | "code";
	readonly text: string;
	readonly isStatic: boolean;
	readonly via: string;
}

const SHELLS = new Set(
	"sh bash dash zsh ksh ash sash mksh fish csh tcsh rbash ksh93 pdksh yash hush posh lksh bosh elvish xonsh nu osh".split(
		" ",
	),
);

export const isShell = (program: string): boolean => SHELLS.has(program);

interface Reads {
	readonly language: Language | "code";
	/** Options in front of a text, with dashes; `…` at the end: the text follows in the same word. */
	readonly flags: readonly string[];
	/** Letters that end a cluster in front of a text. */
	readonly letters: string;
	/** The operand that is a text, from 0; none: -1. */
	readonly operand: number;
	/** Options that take a word. */
	readonly valued: readonly string[];
	readonly stdin: boolean;
}

function reads(
	language: Language | "code",
	flags: string,
	more: Partial<Omit<Reads, "language" | "flags" | "valued">> & { valued?: string } = {},
): Reads {
	const { letters = "", operand = -1, valued = "", stdin = true } = more;
	return { language, flags: flags.split(" "), letters, operand, valued: valued.split(" "), stdin };
}

/** A line of their input is what their own words could say as well. */
const CONSOLES_OF_LINES =
	"redis-cli valkey-cli keydb-cli virsh lvm wpa_cli bluetoothctl chronyc vtysh nft kadmin".split(" ");
export const takesOwnLines = (program: string): boolean => CONSOLES_OF_LINES.includes(program);

const TEX = "tex latex pdftex pdflatex xetex xelatex luatex lualatex".split(" ");
const MYSQL = "-h -u -P -D -S --host --user --port --database -p";
/** `-m json.tool`, `-mjson.tool`: also behind other letters. */
const MODULE = /^-[bBdEiIOqsSuvx]*m/;
const PYTHON_READS = reads("python", "-c", { letters: "c", valued: "-W -X -m" });
const INTERPRETERS: ReadonlyMap<string, Reads> = new Map(
	Object.entries({
		psql: reads("sql", "-c --command", {
			letters: "c",
			valued: "-h -U -p -d -f -o -v --host --username --port --dbname",
		}),
		cockroach: reads("sql", "-e --execute"),
		mysql: reads("sql", "-e --execute", { letters: "e", valued: MYSQL }),
		mariadb: reads("sql", "-e --execute", { letters: "e", valued: MYSQL }),
		mycli: reads("sql", "-e --execute"),
		pgcli: reads("sql", "-c --command"),
		sqlcmd: reads("sql", "-Q -q", { valued: "-S -U -P -d" }),
		osql: reads("sql", "-Q -q"),
		isql: reads("sql", ""),
		sqlplus: reads("sql", ""),
		tsql: reads("sql", ""),
		bteq: reads("sql", ""),
		snowsql: reads("sql", "-q --query"),
		duckdb: reads("sql", "-c -s", { operand: 1 }),
		sqlite3: reads("sql", "-cmd", { operand: 1, valued: "-separator -init" }),
		sqlite: reads("sql", "", { operand: 1 }),
		clickhouse: reads("sql", "-q --query"),
		"clickhouse-client": reads("sql", "-q --query"),
		bq: reads("sql", "", { stdin: false }),
		beeline: reads("sql", "-e"),
		hive: reads("sql", "-e"),
		impala: reads("sql", "-q"),
		"impala-shell": reads("sql", "-q"),
		cqlsh: reads("sql", "-e --execute"),
		presto: reads("sql", "--execute"),
		trino: reads("sql", "--execute"),
		mongosh: reads("code", "--eval"),
		mongo: reads("code", "--eval"),
		perl: reads("code", "-e -E", { letters: "eE" }),
		ruby: reads("code", "-e", { letters: "e" }),
		php: reads("code", "-r -R -B", { letters: "r" }),
		node: reads("code", "-e --eval -p --print", { letters: "ep" }),
		nodejs: reads("code", "-e --eval -p --print", { letters: "ep" }),
		bun: reads("code", "-e --eval", { stdin: false }),
		deno: reads("javascript", "", { operand: 1, stdin: false }),
		raku: reads("code", "-e"),
		perl6: reads("code", "-e"),
		swift: reads("code", "-e"),
		kotlin: reads("code", "-e"),
		nim: reads("code", "--eval"),
		racket: reads("code", "-e"),
		sbcl: reads("code", "--eval"),
		ksi: reads("code", "-e"),
		bb: reads("code", "-e"),
		clojure: reads("code", "-e"),
		crystal: reads("code", "", { operand: 1 }),
		iex: reads("code", "-e --eval"),
		lua: reads("code", "-e", { letters: "e" }),
		luajit: reads("code", "-e", { letters: "e" }),
		awk: reads("code", "", { operand: 0, valued: "-F -v -f --file", stdin: false }),
		gawk: reads("code", "-e", { operand: 0, valued: "-F -v -f --file", stdin: false }),
		mawk: reads("code", "", { operand: 0, valued: "-F -v -f", stdin: false }),
		nawk: reads("code", "", { operand: 0, valued: "-F -v -f", stdin: false }),
		tclsh: reads("code", ""),
		wish: reads("code", ""),
		expect: reads("code", "-c", { letters: "c" }),
		R: reads("code", "-e"),
		Rscript: reads("code", "-e"),
		julia: reads("code", "-e -E --eval"),
		ghc: reads("code", "-e", { stdin: false }),
		ghci: reads("code", ""),
		elixir: reads("code", "-e --eval"),
		erl: reads("code", "-eval"),
		scala: reads("code", "-e"),
		groovy: reads("code", "-e"),
		groovysh: reads("code", "-e"),
		jshell: reads("code", ""),
		jrunscript: reads("code", "-e"),
		jjs: reads("code", ""),
		guile: reads("code", "-c"),
		octave: reads("code", "--eval"),
		"octave-cli": reads("code", "--eval"),
		matlab: reads("code", "-r -batch"),
		sage: reads("python", "-c"),
		gdb: reads("code", "-ex -eval-command --eval-command -iex", { stdin: true }),
		lldb: reads("code", "-o -O --one-line"),
		vim: reads("code", "-c --cmd", { stdin: false }),
		vi: reads("code", "-c --cmd", { stdin: false }),
		nvim: reads("code", "-c --cmd", { stdin: false }),
		view: reads("code", "-c --cmd", { stdin: false }),
		rvim: reads("code", "-c --cmd", { stdin: false }),
		rview: reads("code", "-c --cmd", { stdin: false }),
		gvim: reads("code", "-c --cmd", { stdin: false }),
		dotnet: reads("code", ""),
		terraform: reads("code", ""),
		tofu: reads("code", ""),
		rails: reads("code", ""),
		volatility: reads("python", ""),
		volatility3: reads("python", ""),
		vimdiff: reads("code", "-c --cmd", { stdin: false }),
		emacs: reads("code", "--eval --execute", { stdin: false }),
		osascript: reads("code", "-e"),
		osacompile: reads("code", "-e", { stdin: false }),
		ed: reads("code", ""),
		ex: reads("code", "-c", { letters: "c" }),
		irb: reads("code", ""),
		pry: reads("code", "-e"),
		msfconsole: reads("code", "-x"),
		lftp: reads("code", "-c -e"),
		ftp: reads("code", ""),
		sftp: reads("code", ""),
		cadaver: reads("code", ""),
		ncftp: reads("code", ""),
		bc: reads("code", "", { stdin: false }),
		dc: reads("code", "-e"),
		m4: reads("code", ""),
		gm4: reads("code", ""),
		sed: reads("code", "-e --expression", { letters: "e", operand: 0, stdin: false }),
		gsed: reads("code", "-e --expression", { letters: "e", operand: 0, stdin: false }),
		exiftool: reads("code", "-if", { stdin: false }),
		gimp: reads("code", "-b --batch", { stdin: false }),
		...Object.fromEntries(
			TEX.map((name) => [name, reads("code", "", { operand: 0, valued: "-output-directory", stdin: false })]),
		),
		smbclient: reads("code", "-c --command"),
		tftp: reads("code", ""),
		psftp: reads("code", ""),
		clisp: reads("code", "-x"),
		pdb: reads("python", ""),
		ipdb: reads("python", ""),
		...Object.fromEntries(
			CONSOLES_OF_LINES.map((name) => [name, reads("code", "", { valued: "-h -p -a -n -u -s -c" })]),
		),
		tasksh: reads("code", ""),
		tdbtool: reads("code", ""),
		slsh: reads("code", "-e"),
		swipl: reads("code", "-g -t"),
		gp: reads("code", ""),
		gnuplot: reads("code", "-e"),
		bpftrace: reads("code", "-e", { stdin: false }),
		bee: reads("code", "", { operand: 1, stdin: false }),
		knife: reads("code", "-E --exec", { stdin: false }),
		scanmem: reads("code", ""),
		cpan: reads("code", ""),
		latexmk: reads("code", "-e", { stdin: false }),
		jtag: reads("code", ""),
		sqlmap: reads("python", "--eval", { stdin: false }),
		puppet: reads("code", "-e --execute", { stdin: false }),
		rake: reads("code", "-e -p -E", { stdin: false }),
		make: reads("code", "--eval"),
		gmake: reads("code", "--eval"),
		...Object.fromEntries(["python", "pypy", "ipython", "micropython", "jython"].map((name) => [name, PYTHON_READS])),
		pwsh: reads("powershell", "-c -Command -command", { stdin: true }),
		powershell: reads("powershell", "-c -Command -command", { stdin: true }),
	}),
);

const VERSIONED_PYTHON = /^(?:python[23](?:\.\d+)?|pypy3)$/;
const VERSIONED = /^(perl|ruby|php|lua|tclsh|node|awk|gawk|wish|expect)[-\d.]+$/;

function readsOf(program: string): Reads | undefined {
	const known = INTERPRETERS.get(program);
	if (known !== undefined || !ENDS_IN_VERSION.test(program)) return known;
	return VERSIONED_PYTHON.test(program) ? PYTHON_READS : INTERPRETERS.get(VERSIONED.exec(program)?.[1] ?? "");
}

const ENDS_IN_VERSION = /[-\d.]$/;

/** `cmd /c` takes a text, too, which is none of these. */
export const takesTexts = (program: string): boolean => program === "cmd" || readsOf(program) !== undefined;

const NO_TEXTS = { texts: [], readsInput: false };

/** Their operands are hosts, not files of lines. */
const NAMES_HOST = /^(?:(?:[nlt]c?|ps|s)?ftp|smbclient|cadaver)$/;

/** Words by which a program of more than one use waits for lines. */
const CONSOLES = /^(?:console|fsi|repl|shell|volshell|irb|interactive)$/;

/** Texts among the words, and whether the input is one: where no text and no file is named. */
export function textsOf(
	program: string,
	args: readonly Field[],
): { readonly texts: readonly Text[]; readonly readsInput: boolean } {
	const spec = readsOf(program);
	if (spec === undefined) return NO_TEXTS;
	const texts: Text[] = [];
	const operands: Field[] = [];
	let isModule = false;
	const add = (field: { text: string; isStatic: boolean }, flag: string): void => {
		texts.push({
			language: spec.language,
			text: field.text,
			isStatic: field.isStatic,
			via: `${program} ${flag}`.trim(),
		});
	};
	for (let index = 0; index < args.length; index++) {
		const field = args[index] as Field;
		const { text } = field;
		const next = args[index + 1];
		if (!text.startsWith("-") || text === "-") {
			if (!(program.endsWith("vim") || program === "vi" || program === "view") || !text.startsWith("+"))
				operands.push(field);
			else if (text.length > 1) add({ text: text.slice(1), isStatic: field.isStatic }, "+");
			continue;
		}
		if (spec.language === "python" && MODULE.test(text)) isModule = true;
		if (
			spec.flags.includes(text) ||
			(spec.letters.includes(text.at(-1) as string) && /^-[a-zA-Z0-9]+$/.test(text) && text.length <= 6)
		) {
			if (next !== undefined) add(next, text);
			index += 1;
			if (spec.language === "python" || isShell(program)) break;
			continue;
		}
		const equals = text.indexOf("=");
		if (equals > 0 && spec.flags.includes(text.slice(0, equals)))
			add({ text: text.slice(equals + 1), isStatic: field.isStatic }, text.slice(0, equals));
		else if (/^-[a-zA-Z]/.test(text) && text.length > 2 && spec.letters.includes(text[1] as string))
			add({ text: text.slice(2), isStatic: field.isStatic }, text.slice(0, 2));
		else if (spec.valued.includes(text)) index += 1;
	}
	const operand = operands[spec.operand];
	if (operand !== undefined && texts.length === 0 && !args.some(({ text }) => text === "-f" || text === "--file"))
		add(operand, "");
	const [first] = operands;
	const isFree =
		spec.language === "sql" ||
		NAMES_HOST.test(program) ||
		first === undefined ||
		first.text === "-" ||
		CONSOLES.test(operands.at(-1)?.text ?? "");
	return { texts, readsInput: spec.stdin && texts.length === 0 && isFree && !isModule };
}
