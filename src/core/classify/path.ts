/** Paths as what they hold: keys, credentials, what starts a system, what belongs to it. Names only: nothing is looked up. */

/** Each class with what it takes; a path may be of several. All are matched without case against the normal form. */
const CLASSES: readonly (readonly [name: string, pattern: RegExp])[] = [
	[
		"ssh-key",
		/(?:^|\/)\.ssh(?:\/?$|\/\*|\/(?!known_hosts|config$|authorized_keys|[^/]*\.pub$)[^/]+$)|(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:\.(?!(?:pub|md|html|rst|adoc)$)\w+)?$|\/ssh_host_\w+_key$|\.ppk$/,
	],
	["authorized-keys", /(?:^|\/)(?:authorized_keys2?|administrators_authorized_keys)$/],
	[
		"cloud-credential",
		/(?:^|\/)\.aws(?:\/?$|\/(?:credentials|config|sso\/|cli\/cache))|(?:^|\/)\.azure(?:\/?$|\/(?:accesstokens|msal|azureprofile|service_principal))|gcloud\/(?:$|\*|credentials|access_tokens|legacy_credentials|application_default)|application_default_credentials\.json$|(?:^|\/)\.kube\/config|\/kubernetes\/(?:admin|super-admin|controller-manager|scheduler)\.conf$|\/kubernetes\/pki\/.*key|\/etc\/rancher\/\w+\/\w+\.yaml$|(?:^|\/)\.docker(?:cfg$|\/config\.json$)|service[-_]?account[^/]*\.json$|(?:^|\/)\.oci(?:\/config|\/.*\.pem)|\.terraform\.d\/credentials|(?:^|\/)\.(?:s3cfg|boto|passwd-s3fs)$|\/var\/run\/secrets\/|\/run\/secrets\/|rclone\.conf$|terraform\.tfstate$|(?:^|\/)\.config\/doctl\/|(?:^|\/)\.bluemix\//,
	],
	[
		"token-file",
		/(?:^|\/)[._](?:netrc|pgpass|npmrc|pypirc|git-credentials|vault-token|my\.cnf|htpasswd|mylogin\.cnf|rediscli_auth)$|(?:^|\/)\.env(?:\.(?!example|sample|template|dist)\w+)*$|\/gh\/hosts\.yml$|(?:^|\/)(?:secrets?|credentials?|passwords?|passwd|creds|api[-_]?keys?|tokens?)(?:\.(?:txt|json|ya?ml|xml|toml|ini|env|csv|conf|properties|db|kdbx|enc|bak|md|xlsx?|docx?))$|(?:^|\/)(?:credentials|\.credentials|\.secrets?)$|wp-config\.php$|\/proc\/[^/]*\/(?:environ|mem|maps)$|\.cargo\/credentials|(?:^|\/)\.config\/hub$|(?:unattend|autounattend|sysprep)\.(?:xml|inf)$|(?:recentservers|sitemanager|filezilla)\.xml$|confcons\.xml$|(?:^|\/)(?:master\.key|secrets\.ya?ml|credentials\.xml|hudson\.util\.secret|master\.key|initialadminpassword)$|\.config\/(?:git\/credentials|op\/|configstore)|jupyter_\w+_config\.json$|(?:^|\/)groups\.xml$|\.(?:rdg|rdp|vnc)$|(?:^|\/)\.vnc\/passwd$|krb5cc_\w+$|\.keytab$|database\.yml$|tomcat-users\.xml$|\.ovpn$|(?:^|\/)\.fetchmailrc$|shadow\.bak$/,
	],
	[
		"browser-secret",
		/(?:google[-/ ]?chrome|chromium|microsoft[-/ ]?edge|brave|opera|vivaldi|mozilla|firefox|safari|user data|default)\/?.*(?:login data|cookies|web data|local state|key[34]\.db|logins\.json|signons\.sqlite)|(?:^|\/)(?:key4\.db|logins\.json|cookies\.sqlite|cookies\.binarycookies|messages\/chat\.db|addressbook[^/]*\.abcddb|formhistory\.sqlite|places\.sqlite|safari\/history\.db|(?:local|sync) extension settings(?:\/.*)?|login data(?: for account)?)$/,
	],
	[
		"password-store",
		/(?:^|\/)\.password-store|\.kdbx?$|(?:^|\/)\.gnupg(?:\/?$|\/\*|\/(?:secring|private-keys|trustdb))|secring\.gpg$|library\/keychains|\.keychain(?:-db)?$|share\/keyrings|1password|bitwarden|lastpass|wallet\.dat$|(?:\.config|appdata\/\w+|application support)\/(?:[^/]+\/)?[^/]*wallets?(?:\/|$)|(?:^|\/)\.(?:ethereum|electrum|bitcoin|monero|solana)\/|(?:^|\/)keystore\/|\/microsoft\/(?:credentials|protect|vault)(?:\/|$)/,
	],
	[
		"shadow",
		/\/etc\/(?:shadow|gshadow|master\.passwd|security\/passwd|tcb\/[^/]+\/shadow)(?:[-~]|\.\w+)?$|ntds\.dit|\/security\/opasswd$/,
	],
	["sudoers", /\/etc\/(?:sudoers(?:\.d(?:\/|$))?|doas\.conf|polkit-1\/)|\/polkit-1\/rules\.d/],
	["passwd", /\/etc\/(?:passwd|group)-?$/],
	["preload", /\/etc\/ld\.so\.(?:preload|conf)|\/etc\/pam\.d|\/pam_\w+\.so$/],
	[
		"shell-startup",
		/(?:^|\/)\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc|xinitrc|xprofile|xsessionrc|login)$|\/config\.fish$|\/fish\/conf\.d\/|\/etc\/(?:profile(?:\.d\/|$)|bash\.bashrc|bashrc$|zsh\/|zshrc|zshenv|environment$)|profile\.ps1$|(?:^|\/)\.git\/hooks\/|(?:site|user)customize\.py$|-packages\/[^/]+\.pth$|(?:^|\/)\.ssh\/(?:rc|environment)$/,
	],
	[
		"cron",
		/\/etc\/(?:cron|anacrontab)|\/var\/spool\/(?:cron|at)(?:\/|$)|(?:^|\/)crontab$|\/windows\/(?:system32\/)?tasks(?:\/|$)/,
	],
	[
		"service-unit",
		/\/systemd\/(?:system|user)(?:\/|$|-generators)|\/systemd\/[\w.]+\.conf|\/etc\/(?:init\.d|rc\.local|rc\.d|rc\d\.d|init|inittab|xinetd\.d|udev\/rules\.d|modprobe\.d|modules-load\.d|dbus-1|update-motd\.d)|^\/(?:usr\/)?lib\/udev\/rules\.d|launch(?:agents|daemons)(?:\/|$)|\/(?:library\/)?startupitems\/|loginitems/,
	],
	[
		"startup-folder",
		/start menu\/programs\/start-?up|\/microsoft\/(?:word\/startup|excel\/xlstart|addins)(?:\/|$)|\/xlstart\/|(?:^|\/)\.config\/autostart(?:\/|$)|\/etc\/xdg\/autostart|\/microsoft\.windowsterminal\w*\/localstate\/settings\.json$/,
	],
	[
		"registry-hive",
		/(?:\/config\/|\/repair\/|\/regback\/)(?:sam|system|security|software)(?:\.\w+)?$|(?:^|\/)ntuser\.dat$|usrclass\.dat$/,
	],
	[
		"kernel",
		/^\/proc\/sys(?:rq-trigger|\/|$)|^\/sys\/|^\/selinux\/|^\/boot(?:\/|$)|\/lib\/modules\/|^\/dev\/(?:k?mem|port)$|^\/proc\/kcore$|\/windows\/system32\/drivers\/[^/]+\.sys$|\/etc\/sysctl/,
	],
	[
		"device",
		/^\/dev\/(?:sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk|disk|r?disk\d|mapper\/|dm-|md\d|loop|sda|block\/)|^\/\/[.?]\/(?:physicaldrive|[a-z]:)/,
	],
	[
		"log",
		/^\/var\/log(?:\/|$)|^\/var\/(?:spool\/)?mail(?:\/|$)|\.evtx?$|\/(?:wtmp|btmp|utmp|lastlog)$|\/winevt\/logs|^\/var\/audit|\/inetpub\/logs/,
	],
	[
		"history",
		/(?:^|\/)\.(?:bash|zsh|ash|fish|sh|python|mysql|psql|sqlite|node_repl|irb|rediscli|lesshst)_?hist(?:ory)?|consolehost_history\.txt$|fish_history$/,
	],
	[
		"system-binary",
		/^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$|^\/(?:usr\/)?lib(?:32|64|x32)?\/.*\.so(?:\.\d+)*$|\/windows\/(?:system32|syswow64)(?:\/[^/]+\.(?:exe|dll|sys|ocx|cpl))?$|^\/(?:usr\/)?(?:lib|libexec)\/[^/]+$/,
	],
	[
		"system-config",
		/^\/(?:private\/)?etc(?:\/|$)|\/windows\/(?:system32\/)?(?:drivers\/etc|grouppolicy|win\.ini|system\.ini)|^\/usr\/(?:lib|share|local\/etc)\/|^\/library\/preferences/,
	],
	[
		"root",
		/^(?:\/|[a-z]:)\/?(?:\*{1,2}(?:\/\*+)?(?:\.\*)?)?$|^(?:\/|[a-z]:\/)(?:etc|usr|var|home|root|boot|opt|lib|lib64|bin|sbin|srv|users|windows|program files(?: \(x86\))?|system|library|applications)\/?(?:\*{1,2})?$/,
	],
	[
		"home",
		/^~[\w-]*\/?(?:\*)?$|^\/(?:home|users)\/[^/]+\/?(?:\*)?$|^\/root\/?(?:\*)?$|^[a-z]:\/users\/[^/]+\/?(?:\*)?$|^\$\{?home\}?\/?(?:\*)?$|^%userprofile%\/?(?:\*)?$/,
	],
	[
		"temp",
		/^(?:\/private)?\/(?:tmp|var\/tmp|dev\/shm)(?:\/|$)|\/temp\/|^%te?mp%|^\$(?:env:)?te?mp|\/appdata\/local\/temp/,
	],
	[
		"database-file",
		/\.(?:sqlite3?|db3?|mdf|ldf|ibd|frm|myd|accdb|mdb|dbf|rdb|aof)$|^\/var\/lib\/(?:mysql|postgres(?:ql)?|mongo(?:db)?|redis|elasticsearch)/,
	],
	["backup", /\.(?:bak|backup|vhdx?|vbk|bkf)$|(?:^|\/)backups?(?:\/|$)/],
	["web-root", /^\/var\/www(?:\/|$)|(?:^|\/)(?:public_html|wwwroot|htdocs|webapps)(?:\/|$)|^\/usr\/share\/nginx/],
	["certificate", /\.(?:pem|p12|pfx|key|jks|keystore|asc|gpg)$|\/etc\/(?:ssl|pki|letsencrypt)\/.*(?:private|key)/],
];

/** The alternatives of a pattern. */
function alternativesOf({ source }: RegExp): readonly string[] {
	const parts: string[] = [];
	let depth = 0;
	let from = 0;
	for (const { 0: sign, index } of source.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[()|]/g)) {
		if (sign === "(") depth += 1;
		else if (sign === ")") depth -= 1;
		else if (sign === "|" && depth === 0) {
			parts.push(source.slice(from, index));
			from = index + 1;
		}
	}
	return [...parts, source.slice(from)];
}

/** Where a step of a path begins, as the classes write it. */
const STEP = "(?:^|\\/)";

/** Alternatives by where they begin: at a step, at the start of the path, anywhere. */
function placesOf(
	alternatives: readonly string[],
): readonly [steps: readonly string[], starts: readonly string[], others: readonly string[]] {
	const steps = alternatives.filter((each) => each.startsWith(STEP));
	const starts = alternatives.filter((each) => each.startsWith("^"));
	const others = alternatives.filter((each) => !each.startsWith(STEP) && !each.startsWith("^"));
	return [steps.map((each) => each.slice(STEP.length)), starts.map((each) => each.slice(1)), others];
}

/** With what they all begin written once: each beginning is tried once at each place. */
function byBeginning(alternatives: readonly string[]): string {
	const rests = new Map<string, string[]>();
	for (const each of alternatives) {
		const [, first = ""] = /^(\\[/.]|[a-z/])(?![?*+{])/.exec(each) ?? [];
		const rest = each.slice(first.length);
		const known = rests.get(first);
		if (known === undefined) rests.set(first, [rest]);
		else known.push(rest);
	}
	return [...rests].map(([first, all]) => (first === "" ? all.join("|") : `${first}(?:${all.join("|")})`)).join("|");
}

/** Alternatives by their places as patterns; null: there are none. */
const patternsOf = (alternatives: readonly string[]): readonly (RegExp | null)[] =>
	placesOf(alternatives).map((each, place) =>
		each.length === 0 ? null : new RegExp(`${[STEP, "^", ""][place]}(?:${byBeginning(each)})`),
	);

/** What all classes take, in three patterns by where it begins, as each is tried far sooner so; and what each of them takes. */
const MAY_BE = patternsOf(CLASSES.flatMap(([, pattern]) => alternativesOf(pattern))) as readonly RegExp[];
const BY_CLASS = CLASSES.map(([name, pattern]) => ({ name, patterns: patternsOf(alternativesOf(pattern)) }));

/** A name with none of these is of no class but `workspace`: what most paths are is seen at once. */
const NOTABLE =
	/[\\/~%$*]|^\.|^[a-z]:|id_|\.(?:kdbx?|ppk|pem|p12|pfx|key|jks|keystore|sqlite3?|db3?|mdf|bak|dit|evtx?|dat|rdp|rdg|keytab|tfstate|asc|gpg|vhdx?|mdb|accdb)$|secret|credential|passw|token|api|key|config|wallet|login|cookie|unattend|customize|authorized|service|backup|database|initialadmin|creds|groups\.xml|users\.xml|sitemanager|shadow|sudoers/i;

const WORKSPACE: readonly string[] = ["workspace"];

/** What can be done with a path. */
export const ACCESSES = [
	"read",
	"write",
	"delete",
	"move",
	"mode",
	"send",
	"list",
	"execute",
	"empty",
	"unknown",
] as const;

export type Access = (typeof ACCESSES)[number];

/** All classes that a path can be of. */
export const PATH_CLASSES: readonly string[] = [...CLASSES.map(([name]) => name), ...WORKSPACE];

/** In lower case, with `/`, without `.` and `..` where those can be seen through, without doubled slashes. */
export function normalPath(text: string): string {
	let path = text.toLowerCase();
	if (path.includes("\\")) path = path.replaceAll("\\", "/");
	if (path.startsWith("file://")) path = path.slice("file://".length);
	if (path.startsWith("//")) path = path.replace(/^(?:\/\/[.?]\/)(?=[a-z]:\/)/, "");
	if (path.startsWith("%") || path.startsWith("$")) {
		path = path
			.replace(/^(?:%systemroot%|%windir%|\$env:(?:systemroot|windir))/, "c:/windows")
			.replace(/^(?:\$\{?home\}?|%userprofile%|\$env:userprofile|%homepath%)(?=\/|$)/, "~");
	}
	// `//./physicaldrive0` is a device, and the dot a part of its name.
	const [device = ""] = /^\/\/[.?]\//.exec(path) ?? [];
	if (device !== "") return device + withoutDots(path.slice(device.length));
	const isUnc = path.startsWith("//");
	if (/\/[./]/.test(path)) path = (isUnc ? "/" : "") + withoutDots(path);
	return path;
}

function withoutDots(path: string): string {
	const steps: string[] = [];
	const isRooted = path.startsWith("/");
	for (const step of path.split("/")) {
		if (step === "" || step === ".") continue;
		if (step !== "..") steps.push(step);
		else if (steps.length > 0 && steps.at(-1) !== "..") steps.pop();
		else if (!isRooted) steps.push(step);
	}
	return `${isRooted ? "/" : ""}${steps.join("/")}${path.endsWith("/") && steps.length > 0 ? "/" : ""}`;
}

/** The classes of a path; `workspace` of one that is relative and of no other, none of an absolute one that is of no other. */
export function pathClasses(text: string): readonly string[] {
	if (text.length > PATH_LENGTH_MAX || (!text.includes("/") && !NOTABLE.test(text)))
		return text === "" ? NONE : WORKSPACE;
	const path = normalPath(text);
	const found = classesOf(path);
	if (found.length > 0) return FIXTURE.test(path) ? WORKSPACE : found;
	return /^(?:\/|~|[a-z]:|%|\$)/.test(path) ? NONE : WORKSPACE;
}

function classesOf(path: string): readonly string[] {
	let found: string[] | null = null;
	for (let place = 0; place < MAY_BE.length; place++) {
		if (!(MAY_BE[place] as RegExp).test(path)) continue;
		found ??= [];
		for (const { name, patterns } of BY_CLASS) if (patterns[place]?.test(path) === true) found.push(name);
	}
	if (found === null) return NONE;
	return found.length < 2 ? found : inOrder(found);
}

const inOrder = (found: readonly string[]): readonly string[] =>
	BY_CLASS.flatMap(({ name }) => (found.includes(name) ? [name] : []));

/** Relative, and in a folder of what tests and pages show. */
const FIXTURE =
	/^(?:[\w-]+\/)*(?:tests?|fixtures|testdata|examples?|samples?|mocks?|__tests__|docs?|specs?)\/(?:[\w-]+\/)*[\w.-]+$/;

const NONE: readonly string[] = [];
const PATH_LENGTH_MAX = 4_096;
