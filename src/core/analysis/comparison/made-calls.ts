/**
 * Calls in which something is read that has certain attributes: commands, paths, hosts, requests, statements and code, put together from
 * the values that rules ask for. What is really read in them, the classifier says: a call that turns out otherwise is of no use, and does no harm.
 */
import type { JsonObject } from "../../base/json.ts";
import type { FactKind } from "../../classify/fact.ts";
import type { WantedAttributes } from "../../policy/rules.ts";

/** What one fact is to have: some values of each attribute. */
export type Wished = Readonly<Record<string, readonly string[]>>;

/** Different choices for one rule. */
const CHOICES_MAX = 48;

/** Choices of values that a rule on facts takes: each of its values is in one, `*` is a letter. */
export function choicesOf(has: WantedAttributes, all: WantedAttributes): readonly Wished[] {
	const always = Object.entries(all).map(([name, values]): [string, string[]] => [name, values.map(filled)]);
	const turns = Math.min(CHOICES_MAX, Math.max(1, ...Object.values(has).map(({ length }) => length)));
	return Array.from({ length: turns }, (_, turn) => {
		const wished: Record<string, string[]> = Object.fromEntries(always.map(([name, values]) => [name, [...values]]));
		for (const [name, values] of Object.entries(has))
			wished[name] = [...(wished[name] ?? []), filled(values[turn % values.length] as string)];
		return wished;
	});
}

const filled = (value: string): string => value.replaceAll("*", "x");

/** Arguments of calls in which such a fact may be read. */
export function argsWith(kind: FactKind, wished: Wished): readonly JsonObject[] {
	switch (kind) {
		case "command":
			return isOf(wished, "os", "windows")
				? [{ command: line(wished), language: "powershell" }]
				: [{ command: line(wished) }];
		case "redirect":
			return [{ command: `echo x ${OPERATORS[one(wished, "mode", "write")] ?? ">"} ${quoted(pathOf(wished))}` }];
		case "path":
			return (wished["access"] ?? Object.keys(ACCESSING)).flatMap(
				(access) => ACCESSING[access]?.(pathOf(wished)) ?? [],
			);
		case "host":
			return [
				{ url: urlOf(wished, "https") },
				{ command: `curl ${quoted(urlOf(wished, "https"))}` },
				...reaching(wished),
			];
		case "request":
			return requests(wished);
		case "sql":
			return statements(wished).map((sql) => ({ sql }));
		case "call":
			return [{ code: called(wished), language: "python" }];
		case "import":
			return [{ code: `import ${one(wished, "name", "x")}\n`, language: "python" }];
		case "tool":
			return [settings(wished)];
		case "document":
			return [
				{
					operation: one(wished, "operation", "deletemany"),
					collection: "x",
					filter: isOf(wished, "filter", "some") ? { a: 1 } : {},
				},
			];
		case "message":
			return [{ to: "ann@elsewhere.example", subject: "x", body: "x" }];
		case "secret":
		case "encoding":
		case "oddity":
		case "opaque":
		case "truncated":
			return [];
	}
}

const one = (wished: Wished, name: string, otherwise: string): string => wished[name]?.[0] ?? otherwise;
const isOf = (wished: Wished, name: string, value: string): boolean => wished[name]?.includes(value) === true;

const quoted = (word: string): string =>
	/^[\w@%+=:,./~^{}-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command as it is typed, with what stands around it. */
function line(wished: Wished): string {
	const program = one(wished, "program", "x");
	const all = (name: string): readonly string[] => wished[name] ?? [];
	const words = [
		...all("env").map((each) => (each.includes("=") ? each : `${each}=x`)),
		quoted(wished["path"]?.[0] ?? program),
		...all("sub").map(quoted),
		...all("flags").map((flag) => (flag.length === 1 || isOf(wished, "os", "windows") ? `-${flag}` : `--${flag}`)),
		...all("values").map(option),
		...all("words")
			.filter((word) => !all("sub").includes(word))
			.map(quoted),
		...all("mode").map((mode) => MODES[mode] ?? ""),
		...all("substitutes").map((other) => `$(${other} x)`),
		...(isOf(wished, "shape", "dynamic") ? ["$X"] : []),
		...(isOf(wished, "redirected", "yes") ? ["> x"] : []),
		...(isOf(wished, "input", "file") ? ["< x"] : []),
		...(isOf(wished, "input", "here") ? ["<<< x"] : []),
		...(isOf(wished, "background", "yes") ? ["&"] : []),
	].join(" ");
	const from = wished["from"]?.[0] ?? (isOf(wished, "input", "pipe") ? "cat" : null);
	const before = from === null ? "" : `${from} x | `;
	return `${before}${around(words, all("via"))}${all("to")
		.map((other) => ` | ${other}`)
		.join("")}`;
}

/** What a command was come upon by, outermost first. */
const around = (command: string, via: readonly string[]): string =>
	via.reduceRight(
		(inner, step) => (step.endsWith("-c") || step === "eval" ? `${step} ${quoted(inner)}` : `${step} ${inner}`),
		command,
	);

function option(text: string): string {
	const [name = "", value = ""] = text.split(/=(.*)/s);
	return name.length === 1 ? `-${name} ${quoted(value)}` : `--${name}=${quoted(value)}`;
}

const MODES: Readonly<Record<string, string>> = {
	setid: "4755",
	world: "777",
	tight: "600",
	execute: "+x",
	other: "644",
};
const OPERATORS: Readonly<Record<string, string>> = { write: ">", append: ">>", read: "<", both: "<>" };

const pathOf = (wished: Wished): string => wished["path"]?.[0] ?? PATHS[one(wished, "pathclass", "")] ?? "/srv/x";

/** A path of each class. */
export const PATHS: Readonly<Record<string, string>> = {
	"ssh-key": "~/.ssh/id_rsa",
	"authorized-keys": "~/.ssh/authorized_keys",
	"cloud-credential": "~/.aws/credentials",
	"token-file": "~/.netrc",
	"browser-secret": "~/.mozilla/firefox/x/logins.json",
	"password-store": "~/.password-store/x",
	shadow: "/etc/shadow",
	sudoers: "/etc/sudoers",
	passwd: "/etc/passwd",
	preload: "/etc/ld.so.preload",
	"shell-startup": "~/.bashrc",
	cron: "/etc/crontab",
	"service-unit": "/etc/systemd/system/x.service",
	"startup-folder": "~/.config/autostart/x.desktop",
	"registry-hive": "C:/Windows/System32/config/SAM",
	kernel: "/proc/sys/x",
	device: "/dev/sda",
	log: "/var/log/x",
	history: "~/.bash_history",
	"system-binary": "/usr/bin/x",
	"system-config": "/etc/x.conf",
	root: "/",
	home: "~",
	temp: "/tmp/x",
	"database-file": "/srv/x.sqlite",
	backup: "/srv/x.bak",
	"web-root": "/var/www/x",
	certificate: "/srv/x.pem",
	workspace: "src/x.txt",
	network: "/dev/tcp/192.0.2.1/80",
};

const ACCESSING: Readonly<Record<string, (path: string) => readonly JsonObject[]>> = {
	read: (path) => [{ command: `cat ${quoted(path)}` }, { code: `open("${path}").read()`, language: "python" }],
	write: (path) => [
		{ command: `tee ${quoted(path)}` },
		{ code: `open("${path}", "w").write("x")`, language: "python" },
	],
	delete: (path) => [{ command: `rm ${quoted(path)}` }],
	move: (path) => [{ command: `Move-Item ${path} x`, language: "powershell" }],
	send: (path) => [{ command: `curl -T ${quoted(path)} https://elsewhere.example/` }],
	execute: (path) => [{ command: `. ${quoted(path)}` }],
	unknown: (path) => [{ path }],
};

/** A host of each class. */
export const HOSTS: Readonly<Record<string, string>> = {
	metadata: "169.254.169.254",
	loopback: "localhost",
	"link-local": "169.254.1.1",
	private: "10.0.0.1",
	public: "elsewhere.example",
};

function urlOf(wished: Wished, scheme: string): string {
	const host = wished["host"]?.[0] ?? HOSTS[one(wished, "class", "")] ?? "elsewhere.example";
	const port = wished["port"] === undefined ? "" : `:${wished["port"][0]}`;
	const path = (
		wished["path"]?.[0] ?? (isOf(wished, "shape", "one") ? "/x/1" : isOf(wished, "shape", "collection") ? "/x" : "/")
	).replace(/^(?!\/)/, "/");
	return `${one(wished, "scheme", scheme)}://${host}${port}${path}`;
}

function reaching(wished: Wished): readonly JsonObject[] {
	const { hostname, port } = new URL(urlOf(wished, "https").replace(/^[^:]+:/, "http:"));
	return [{ command: `ssh ${hostname}` }, { command: `nc ${hostname} ${port || "80"}` }];
}

function requests(wished: Wished): readonly JsonObject[] {
	const method = one(wished, "method", "get").toUpperCase();
	const url = urlOf(wished, "https");
	const body =
		isOf(wished, "body", "some") || wished["keys"] !== undefined
			? " -d x"
			: isOf(wished, "body", "file")
				? " -d @x"
				: "";
	return [
		{ command: `curl -X ${method}${body} ${quoted(url)}` },
		body === ""
			? { method, url }
			: { method, url, body: Object.fromEntries((wished["keys"] ?? ["x"]).map((key) => [key, "x"])) },
	];
}

function statements(wished: Wished): readonly string[] {
	const verb = one(wished, "verb", "select");
	const [table = "x"] = wished["names"] ?? wished["tables"] ?? [];
	const object = one(wished, "object", "table");
	const call = wished["functions"]?.[0];
	const columns = call === undefined ? "a" : `${call}('x')`;
	const where = isOf(wished, "where", "none")
		? [""]
		: isOf(wished, "where", "always")
			? [" WHERE 1=1"]
			: isOf(wished, "where", "some")
				? [" WHERE a = 1"]
				: ["", " WHERE a = 1"];
	switch (verb) {
		case "select":
			return where.map((each) => `SELECT ${columns} FROM ${table}${each}`);
		case "delete":
			return where.map((each) => `DELETE FROM ${table}${each}`);
		case "update":
			return where.map((each) => `UPDATE ${table} SET a = 2${each}`);
		case "insert":
			return [`INSERT INTO ${table} VALUES (1)`];
		case "truncate":
			return [`TRUNCATE TABLE ${table}`];
		case "grant":
			return [`GRANT ALL ON ${table} TO ann`];
		case "revoke":
			return [`REVOKE ALL ON ${table} FROM ann`];
		case "create":
			return object === "table" ? [`CREATE TABLE ${table} (a int)`] : [`CREATE ${object} ${table}`];
		case "alter":
			return object === "table" ? [`ALTER TABLE ${table} ADD b int`] : [`ALTER ${object} ${table}`];
		case "drop":
			return [`DROP ${object} ${table}`];
		case "copy":
			return [`COPY ${table} TO ${isOf(wished, "into", "program") ? "PROGRAM 'x'" : "'/tmp/x'"}`];
		default:
			return [`${verb} ${table}`];
	}
}

function called(wished: Wished): string {
	const name = one(wished, "name", "x.y");
	const target = name.startsWith(".") ? `o${name}` : name.endsWith(".") ? `${name}x` : name;
	const module = /^([\w.]+)\.\w+$/.exec(target)?.[1];
	const given = [
		...(wished["args"] ?? ["x"]).map((text) => JSON.stringify(text)),
		...(wished["mode"] ?? []).map((mode) => JSON.stringify(mode)),
		...(wished["keywords"] ?? []).map((text) =>
			text.includes("=")
				? text.replace(/=(\w+)$/, (_, value: string) => `=${VALUES[value] ?? JSON.stringify(value)}`)
				: `${text}="x"`,
		),
	];
	return `${module === undefined || module === "o" ? "" : `import ${module}\n`}${target}(${given.join(", ")})\n`;
}

const VALUES: Readonly<Record<string, string>> = { true: "True", false: "False", none: "None" };

/** Members that say so; the words of a tool's name are not for a call to choose. */
function settings(wished: Wished): JsonObject {
	const pairs = [
		...(wished["arg"] ?? []).map((name): [string, string] => [name, one(wished, "value", "x")]),
		...(wished["values"] ?? []).map((text): [string, string] => text.split(/=(.*)/s).slice(0, 2) as [string, string]),
		...(wished["action"] ?? wished["verb"] ?? []).map((action): [string, string] => ["action", action]),
		...(wished["object"] ?? []).map((object): [string, string] => ["object", object]),
	];
	return Object.fromEntries(pairs.map(([name, value]) => [name === "" ? "x" : name, value ?? "x"]));
}
