/** What programs do with the files that their words name. */
import type { Access } from "../path.ts";

const READERS =
	"cat less more most head tail tac nl grep egrep fgrep rg ag ack awk gawk mawk nawk sed cut sort uniq strings xxd od hexdump hd base64 base32 basenc diff sdiff cmp comm join paste fold fmt pr column expand unexpand rev look bat view zcat bzcat xzcat zgrep zless jq yq xmllint openssl gpg tar zip 7z 7za rar ar cpio gzip bzip2 xz zstd dd cp rsync scp iconv dos2unix shuf tsort ul csplit split nano pico vi vim nvim emacs ed ex source . mail mutt sendmail curl sqlite3 file_get python perl ruby php node lua as gcc cc ld nm objdump readelf strace gdb xz uuencode sqlite sqlite3 litecli ssh-keygen john hashcat unshadow aspell hunspell ispell tbl troff nroff groff eqn soelim pdftotext cupsfilter lp lpr date ip restic borg rclone qpdf arp at busybox certutil genisoimage mkisofs msgattrib msgcat msgconv msgfilter msgmerge msguniq bzgrep xzgrep zdiff vimdiff highlight pygmentize pandoc wkhtmltopdf redcarpet espeak finger whois minicom netcat nc ncat socat rustc javac make git docker bridge dmesg dig choom sshpass wc md5sum-check tee-read pbcopy xclip xsel wl-copy clip yelp hx micro kate gedit code subl".split(
		" ",
	);
const WRITERS = "tee touch mktemp script truncate-w sponge install mkdir mkfifo mknod ln".split(" ");
const DELETERS =
	"rm unlink shred srm rmdir truncate wipe scrub trash trash-put gio-trash bleachbit secure-delete".split(" ");

/** How each operand is used: the last, and the others. */
interface Uses {
	readonly each: Access;
	readonly last?: Access;
	readonly first?: Access;
}

const USES = new Map<string, Uses>();
for (const program of READERS) USES.set(program, { each: "read" });
for (const program of WRITERS) USES.set(program, { each: "write" });
for (const program of DELETERS) USES.set(program, { each: "delete" });
for (const program of ["cp", "gcp", "install", "ln", "rsync", "ditto", "pv", "scp"])
	USES.set(program, { each: "read", last: "write" });
for (const program of "ffmpeg convert magick sox dos2unix unix2dos pdftk qpdf inkscape potrace mksquashfs split csplit rsvg-convert cwebp lame uconv recode".split(
	" ",
)) {
	USES.set(program, { each: "read", last: "write" });
}
for (const program of "zip ar arj rar jar logsave 7za 7zr".split(" "))
	USES.set(program, { each: "read", first: "write" });
USES.set("patch", { each: "read", first: "write" });
USES.set("ln", { each: "list", last: "write" });
USES.set("install", { each: "read", last: "write" });
USES.set("mv", { each: "list", last: "write" });
for (const program of "ls ll dir stat file test [ [[ du df wc md5sum sha1sum sha256sum sha512sum cksum b2sum readlink realpath dirname basename find fd locate which type tree lsattr getfacl namei inotifywait watchman cd pushd popd mount umount echo printf chmod chown chgrp setfacl chattr ssh-add ssh ssh-copy-id sftp id getent ssh-agent export eza exa lsd pathchk mountpoint sum true false".split(
	" ",
)) {
	USES.set(program, { each: "list" });
}
for (const program of "bash sh dash zsh ksh".split(" ")) USES.set(program, { each: "unknown", first: "execute" });

/** False: what its words name it lists at most. */
export function usesFiles(program: string, { each, last }: Uses): boolean {
	return each !== "list" || last !== undefined || LISTERS_THAT_USE.has(program);
}

const LISTERS_THAT_USE = new Set(["chmod", "chown", "chgrp", "setfacl", "find", "file", "date"]);

/** What it does with its files is told here. */
export const hasOwnUse = (program: string): boolean => USES.has(program);
export const usesOf = (program: string): Uses => USES.get(program) ?? UNKNOWN;
export const isDeleter = (program: string): boolean => DELETERS.includes(program);

const UNKNOWN: Uses = { each: "unknown" };

/** First operand is no file: the pattern, the script, the mode. */
const FIRST_IS_NO_FILE = new Set(
	"grep egrep fgrep rg ag ack zgrep bzgrep xzgrep awk gawk mawk nawk sed jq yq look chmod chown chgrp date perl ruby".split(
		" ",
	),
);

export const firstFile = (program: string, flags: readonly string[]): number =>
	FIRST_IS_NO_FILE.has(program) &&
	!flags.some((flag) => flag === "e" || flag === "f" || flag === "file" || flag === "regexp")
		? 1
		: 0;

/** Read files that are named relative to where they run, and take no words beside them that look like such. */
const RELATIVE = new Set(
	"cat less more head tail tac nl strings xxd od hexdump base64 base32 sort uniq cut diff bat view rev jq cp mv rm unlink shred truncate tee touch gzip bzip2 xz tar zip source . grep egrep rg".split(
		" ",
	),
);
export const namesRelative = (program: string): boolean => RELATIVE.has(program);

/** Looks like the name of a file, and like one of which a class may be told. */
export const looksLikeFile = (text: string): boolean =>
	text.length > 1 &&
	text.length <= 1_000 &&
	(text.includes("/") || text.includes(".") || text.startsWith("~")) &&
	!text.startsWith("-") &&
	!(text.startsWith("http") && /^https?:/.test(text)) &&
	(text.startsWith("/") || text.startsWith("~") || !/\s\S+\s/.test(text));
