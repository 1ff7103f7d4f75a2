/** Facts of the files that a command's words name, where a class of them is known: what it does with each. */
import { type Access, pathClasses } from "../path.ts";
import { firstFile, isDeleter, looksLikeFile, namesRelative, usesFiles, usesOf } from "./accesses.ts";
import { globbedFile } from "./globs.ts";
import type { Session, Spot } from "./session.ts";
import type { Field } from "./words.ts";

const REMOTE = /^(?:[\w.-]+@)?[\w.-]+:(?!\/\/|\\)|^(?:rsync|scp|sftp|s3|gs|az|ftp|ssh|b2|rclone):|^s3a?:\/\//;
const KEY_FLAGS =
	/^(?:-i|-f|--key|--cert|-E|--private-key|-identity|--identity-file|-F|--cacert|--ssl-key|--ssl-cert|--kubeconfig|--kubeconfig|--config|--client-key|--tlskey|--tlscert|--rcfile|-inkey|-CAfile|-CAkey|--conf|--defaults-file)$/;
/** What follows these is read as settings, or as a list: a secret that is given for one is shown. */
const SETTINGS_FLAGS =
	/^(?:-F|-f|-E|--config|--conf|--rcfile|--extra-opts|-c|-conf|--files0-from|-iL|--input-file|-k)$/;
const SHOWN = new Set([
	"shadow",
	"ssh-key",
	"history",
	"sudoers",
	"cloud-credential",
	"password-store",
	"browser-secret",
]);
/** Of programs whose own settings are secrets. */
const OWN_SECRETS =
	/^(?:aws|kubectl|oc|helm|docker|gcloud|rclone|s3cmd|s4cmd|mysql\w*|mariadb\w*|psql|ssh|scp|sftp|rsync|ssh-keygen|ssh-add|vault|k9s|kubectx|stern|terraform|ansible\S*|git|gpg\d?|visudo|rm|chmod|chown|ls|test|oci|doctl|tar|az)$/;
/** What follows these is written. */
const OUTPUT_FLAGS =
	/^(?:-o|-O|--out|--output|--outFile|--outfile|--output-file|--out-file|--outDir|-outfile|--dump-bin|-filename|--write-out-file|--log-file|--logfile|--to-file|--save-to|--export|-output|--target-file|-w|-fprintf|-fprint0?|-fls)$|^-{1,2}[\w-]*(?:[oO]ut(?:put)?|[lL]ogfile|log-file|save|dump|junit-?xml)(?:-?(?:file|path|dir|to|File|Path|Dir|To))?$/;
const COPIERS = new Set(["scp", "rsync", "pscp", "rclone", "gsutil", "s3cmd", "s5cmd", "mc", "azcopy", "aws"]);

/** It only says what it would do. */
const IS_DRY = /^(?:dry-?run|[a-zA-Z]*n[a-zA-Z]*)$/;

export function addFiles(
	session: Session,
	program: string,
	args: readonly Field[],
	standing: { readonly spot: Spot; readonly to?: readonly string[] },
): void {
	if (args.length === 0) return;
	const { spot } = standing;
	for (let index = 0; index < args.length; index++) {
		const { text } = args[index] as Field;
		if (text.startsWith("-")) addOfFlag(session, program, text, args[index + 1]?.text, spot);
	}
	const uses = usesOf(program);
	if (!usesFiles(program, uses)) return;
	const flags: string[] = [];
	for (const { text } of args) if (text.startsWith("-")) flags.push(withoutDashes(text));
	const operands: string[] = [];
	for (let index = 0; index < args.length; index++) {
		const { text } = args[index] as Field;
		if (!text.startsWith("-") || text === "-") operands.push(text);
		else if (isKeyFlag(program, text)) index += 1;
		else if (text.includes("=")) {
			const value = /^--?[\w-]+=(.+)$/.exec(text)?.[1];
			if (value !== undefined && !/\s/.test(value) && !KEY_FLAGS.test(text.split("=")[0] as string))
				operands.push(value);
		}
	}
	const first = firstFile(program, flags);
	const isSent =
		COPIERS.has(program) &&
		!flags.some((flag) => IS_DRY.test(flag)) &&
		operands.length > 1 &&
		isRemote(program, operands.at(-1) as string);
	if (isSent && addSent(session, program, operands, spot)) return;
	if (FINDERS.has(program)) addFound(session, program, args, standing);
	else if (SEARCHERS.has(program)) addSearched(session, program, operands, spot);
	const last = program === "xxd" && flags.some((flag) => /^[a-z]*r/.test(flag)) ? "write" : uses.last;
	const folder = namesRelative(program) ? session.scope.folder : "";
	for (let index = 0; index < operands.length; index++) {
		const text = operands[index] as string;
		const named = program === "dd" ? /^(if|of)=(.+)$/.exec(text) : null;
		const bare = named?.[2] ?? withoutAt(text);
		const path = withoutNothing(globbedFile(folder === "" || /^[/~$]|:/.test(bare) ? bare : `${folder}/${bare}`));
		if ((index < first && named === null) || !looksLikeFile(path)) continue;
		const isLast = index === operands.length - 1 && operands.length > 1;
		const access =
			named !== null
				? named[1] === "of"
					? "write"
					: "read"
				: accessOf(
						program,
						flags,
						isLast ? (last ?? uses.each) : index === first && uses.first !== undefined ? uses.first : uses.each,
					);
		// A script whose text is known is read, wherever it lies.
		if (access === null || (access === "execute" && typeof session.written.get(path) === "string")) continue;
		const classes = pathClasses(path);
		if (classes.length === 0 || (classes.length === 1 && classes[0] === "workspace")) continue;
		const isPosted = access === "read" && standing.to?.some((to) => POSTS.test(to)) === true;
		session.add("path", spot, {
			path: [path],
			pathclass: classes,
			access: [isPosted ? "send" : access],
			program: [program],
		});
	}
}

/** Send what they are given, where anything is. */
const POSTS = /^(?:curl|wget|https?|xh)$/;

function withoutDashes(text: string): string {
	let at = 0;
	while (text.charCodeAt(at) === HYPHEN) at += 1;
	return text.slice(at);
}

const HYPHEN = 45;

/** `@FILE`: what is in it. */
const withoutAt = (text: string): string => (text.startsWith("@") ? text.slice(1) : text);

/** `/etc/sh${x}adow`: what nobody has set stands for nothing in the midst of a name. */
const withoutNothing = (path: string): string =>
	path.includes("$") ? path.replace(/(?<=\w)\$(?:\{\w+\}|[@*])(?=\w)/g, "") : path;

const isRemote = (program: string, text: string): boolean =>
	REMOTE.test(text) && (/^(?:scp|rsync|pscp|rclone)$/.test(program) || /^\w+:\/\//.test(text));

/** Words of copiers in front of what they copy, and those of them that say that they do. */
const COPY_WORDS = /^(?:s3|cp|mv|sync|copy|copyto|move|moveto|rsync|storage|put|upload|bisync|mirror|buckets|objects)$/;
const COPY_VERB = /^(?:cp|mv|sync|copy|copyto|move|moveto|rsync|put|upload|bisync|mirror)$/;

/** What is copied to another host: false where it comes from one. */
function addSent(session: Session, program: string, operands: readonly string[], spot: Spot): boolean {
	const sources = operands.slice(0, -1).filter((text) => !COPY_WORDS.test(text));
	const isOfOneUse = /^(?:scp|rsync|pscp)$/.test(program);
	if (!isOfOneUse && !operands.some((text) => COPY_VERB.test(text))) return false;
	if (sources.length === 0 || sources.some((text) => REMOTE.test(text))) return false;
	for (const path of sources.slice(0, 8))
		session.add("path", spot, { path: [path], pathclass: pathClasses(path), access: ["send"], program: [program] });
	return true;
}

const TAKES_FOUND = /^(?:xargs|cat|cp|tar|cpio|zip|read|while|parallel|rsync|scp|base64|head|strings|nc|curl)$/;
const SEARCHERS = new Set(["grep", "egrep", "fgrep", "rg", "ag", "ack", "zgrep", "ugrep", "rga"]);
const SECRET_WORD =
	/passw|secret|credential|api[_-]?key|private key|begin[\w ]{0,12} private|akia\b|akia\[|aws_access|authorization:|\btoken\b/i;
/** All that somebody has, or all that the system has. */
const WIDE = /^(?:\/|~\/?|\$HOME\/?|\/(?:home|etc|root|opt|srv|var\/www|Users|mnt)(?:\/[^/]*)?\/?)$/;

/** Words of secrets that are looked for everywhere. */
function addSearched(session: Session, program: string, operands: readonly string[], spot: Spot): void {
	const place = operands.find((text) => WIDE.test(text));
	if (place === undefined || !operands.some((text) => text !== place && SECRET_WORD.test(text))) return;
	session.add("path", spot, { path: [place], pathclass: ["token-file"], access: ["read"], program: [program] });
}

const RUNS_FOUND = /^(?:-(?:exec|execdir|ok|okdir|x|X)|--exec(?:-batch)?)$/;
const isLister = (program: string): boolean => usesOf(program).each === "list";
const FINDERS = new Set(["find", "mdfind", "locate", "plocate", "mlocate", "fd", "fdfind"]);

/** Secrets that are looked for by name, where something is then done with what is found. */
function addFound(
	session: Session,
	program: string,
	args: readonly Field[],
	{ spot, to = [] }: { readonly spot: Spot; readonly to?: readonly string[] },
): void {
	const isUsed =
		args.some(({ text }, index) => RUNS_FOUND.test(text) && !isLister(args[index + 1]?.text ?? "")) ||
		to.some((program) => TAKES_FOUND.test(program)) ||
		session.via.at(-1) === "$(…)";
	if (!isUsed) return;
	for (let index = 0; index < args.length; index++) {
		const isName = program !== "find" || /^-i?(?:name|path|wholename)$/.test(args[index - 1]?.text ?? "");
		const path = (args[index] as Field).text;
		if (!isName || path.startsWith("-")) continue;
		const classes = pathClasses(path);
		if (classes.some((each) => SHOWN.has(each) || each === "token-file"))
			session.add("path", spot, { path: [path], pathclass: classes, access: ["read"], program: [program] });
	}
}

const IS_COMPILER =
	/^(?:gcc|cc|g\+\+|c\+\+|clang(?:\+\+)?|tcc|rustc|go|gfortran|ld|msfvenom|nasm|as|swiftc|ghc|zig|csc|mcs)(?:-[\d.]+)?$/;

/** A file that an option names: settings that are shown, or what is written. */
function addOfFlag(session: Session, program: string, text: string, next: string | undefined, spot: Spot): void {
	const equals = text.indexOf("=");
	const flag = equals < 0 ? text : text.slice(0, equals);
	const given = equals < 0 ? next : text.slice(equals + 1);
	if (given === undefined) return;
	const path = withoutAt(given);
	if (!looksLikeFile(path)) return;
	const isWritten =
		(OUTPUT_FLAGS.test(flag) &&
			!(flag === "-o" && NO_OUTPUT.test(program)) &&
			!(flag === "-w" && !WRITES_BY_W.test(program)) &&
			!(flag === "-O" && NO_OUTPUT.test(program) && program !== "wget")) ||
		WRITING.has(`${program} ${flag}`);
	const isSetting = SETTINGS_FLAGS.test(flag) || (flag === "-m" && program === "file");
	if (!isWritten && (!isSetting || (OWN_SECRETS.test(program) && flag !== "-F"))) return;
	if (isWritten && IS_COMPILER.test(program)) session.written.set(path.replace(/^\.\//, ""), null);
	const classes = pathClasses(path);
	if (classes.length === 0 || classes[0] === "workspace") return;
	if (isWritten) session.add("path", spot, { path: [path], pathclass: classes, access: ["write"], program: [program] });
	else if (classes.some((each) => SHOWN.has(each)))
		session.add("path", spot, { path: [path], pathclass: classes, access: ["read"], program: [program] });
}

const WRITING = new Set([
	"logrotate -l",
	"iptables-save -f",
	"ip6tables-save -f",
	"ipset -f",
	"script -a",
	"nmap -oN",
	"nmap -oG",
	"nmap -oX",
	"rlwrap -l",
	"exiftool -W",
	"screen -Logfile",
	"screen -L",
	"unzip -d",
	"cpio -D",
	"nmap -oA",
]);

/** Of others `-w` names words, a width, or how long they wait. */
const WRITES_BY_W =
	/^(?:tcpdump|tshark|dumpcap|wireshark|ngrep|netsniff-ng|sysdig|mitm\w*|airodump-ng|besside-ng|kismet|hcxdumptool|bettercap|tcpflow|snort|suricata|rawshark|sipgrep|termshark|usbmon|btmon)$/;

/** Of these `-o` names something else. */
const NO_OUTPUT =
	/^(?:mount|ssh|scp|sftp|sshfs|ps|chown|chgrp|ls|id|grep|egrep|rg|set|find|useradd|usermod|groupadd|apt|apt-get|kubectl|oc|az|lsblk|findmnt|df|install|su|sudo|umount|fgrep|zgrep|bzgrep|xzgrep|ag|ack|strings|od|wc|cut|file|stat|readlink|readelf|nm|ip|free|w|who|last|namei|arp|journalctl|iostat|vmstat|ping|traceroute|host|dig|echo|printf|cat|head|tail|tac|diff|cmp|comm|join|paste|fold|fmt|pr|column|expand|look|lsattr|du|watch|nice|ss|route|lsof|ss|netstat|iptables|zfs|zpool|wget|read|bash|sh|mkfs\S*)$/;

/** Of these `-i`, `-f`, `-E` and `-F` name keys and settings. */
const HAS_KEYS = new Set(
	"ssh scp sftp rsync ssh-copy-id autossh mosh sshfs ssh-keygen kubectl oc helm k9s docker docker-compose podman ansible ansible-playbook mysql psql openvpn vault curl wget http https xh terraform nginx".split(
		" ",
	),
);

const isKeyFlag = (program: string, flag: string): boolean =>
	KEY_FLAGS.test(flag) && (flag.length > 2 || HAS_KEYS.has(program));

function accessOf(program: string, flags: readonly string[], use: Access): Access | null {
	switch (program) {
		case "sed":
		case "gsed":
		case "perl":
			return flags.some((flag) => /^(?:i|in-place|[nEre]*i|pi)/.test(flag)) ? "write" : "read";
		case "find":
			return flags.includes("delete") ? "delete" : null;
		case "tar":
			return flags.some((flag) => /^[a-zA-Z]*x|^extract/.test(flag)) ? null : "read";
		case "chmod":
		case "chown":
		case "chgrp":
		case "setfacl":
			return null;
		case "sort":
			return "read";
		default:
			if (use === "list") return null;
			return isDeleter(program) ? "delete" : use;
	}
}
