/** Programs that reach other hosts, and which of their words name these. */
import { SSH_VALUED } from "./wrapper-shapes.ts";

export interface Reach {
	readonly scheme: string;
	/**
	 * Which operands name hosts: the first one, with the port behind it; those that are `host:path`; the first of these behind a
	 * subcommand of git; addresses of socat, `TCP:host:port`; each that has a dot; registries in front of images; none.
	 */
	readonly names: "first" | "copied" | "repository" | "address" | "dotted" | "image" | "none";
	/** Options that take a word: letters, and long names. */
	readonly valued: ReadonlySet<string>;
	/** Options whose word is a port, and those whose word is a host: one that is gone through, or the one that is reached. */
	readonly port?: string;
	readonly through?: ReadonlySet<string>;
}

const valued = (letters: string, names = ""): ReadonlySet<string> =>
	new Set([...letters.split(" ").map((letter) => `-${letter}`), ...names.split(" ").map((name) => `--${name}`)]);

const SSH = valued(`${SSH_VALUED} P`);
const SSH_HOSTS = new Set(["-J", "-o", "-L", "-W"]);
const SSH_REACH: Reach = { scheme: "ssh", names: "first", valued: SSH, port: "-p", through: SSH_HOSTS };
const COPY: Reach = { scheme: "ssh", names: "copied", valued: SSH, port: "-P", through: SSH_HOSTS };
const GIT = valued(
	"C c b o j",
	"git-dir work-tree namespace branch depth origin upload-pack reference template config separate-git-dir shallow-since shallow-exclude jobs filter push-option repo receive-pack refmap recurse-submodules-default server-option",
);
const NETCAT = valued(
	"e c g G i I O o p P q s T V w W x X m M",
	"exec sh-exec proxy proxy-type proxy-auth source-port source ssl-cert ssl-key wait",
);
const RSYNC = valued(
	"e f B M T",
	"rsh rsync-path exclude include exclude-from include-from files-from filter password-file port log-file temp-dir backup-dir suffix bwlimit timeout compare-dest copy-dest link-dest",
);

const DATABASE: Reach = {
	scheme: "tcp",
	names: "none",
	valued: valued("h p P u U d D c f e v a n r T t", "host port username user dbname database command file execute"),
	port: "-p",
	through: new Set(["-h", "--host"]),
};
const LOOKED_UP: Reach = {
	scheme: "dns",
	names: "dotted",
	valued: valued("c i W w s t I Q M m p q T b k f x h iL oN oX oA oG", "script"),
	through: new Set(["-h"]),
};
const IMAGES: Reach = {
	scheme: "https",
	names: "image",
	valued: valued(
		"H c l u p v e w",
		"host context config platform volume env mount name network entrypoint workdir env-file",
	),
};
const REMOTE_API = new Set(["-s", "--server", "--kube-apiserver", "-H", "--host"]);
const CLUSTER: Reach = {
	scheme: "https",
	names: "none",
	valued: valued("s n f l o c", "server namespace kube-apiserver"),
	through: REMOTE_API,
};
const all = (names: string, reach: Reach): Record<string, Reach> =>
	Object.fromEntries(names.split(" ").map((name) => [name, reach]));

export const REACHES: ReadonlyMap<string, Reach> = new Map(
	Object.entries({
		ssh: SSH_REACH,
		autossh: SSH_REACH,
		slogin: SSH_REACH,
		mosh: { ...SSH_REACH, valued: valued("p", "ssh port predict server") },
		"ssh-copy-id": { ...SSH_REACH, valued: valued("i p o F") },
		sftp: { ...SSH_REACH, port: "-P" },
		rsh: { scheme: "rsh", names: "first", valued: valued("l") },
		sshfs: COPY,
		scp: COPY,
		pscp: COPY,
		rsync: { scheme: "rsync", names: "copied", valued: RSYNC },
		git: { scheme: "ssh", names: "repository", valued: GIT },
		nc: { scheme: "tcp", names: "first", valued: NETCAT },
		ncat: { scheme: "tcp", names: "first", valued: NETCAT },
		netcat: { scheme: "tcp", names: "first", valued: NETCAT },
		telnet: { scheme: "telnet", names: "first", valued: valued("b e l n X S") },
		ftp: { scheme: "ftp", names: "first", valued: valued("P p N") },
		tftp: { scheme: "tftp", names: "first", valued: valued("m R c") },
		...all(
			"psql pg_dump pg_restore pg_dumpall createdb dropdb mysql mariadb mysqldump mysqladmin redis-cli mongo",
			DATABASE,
		),
		...all("mongosh mongodump mongorestore mongoexport valkey-cli clickhouse-client cqlsh", DATABASE),
		...all("ping ping6 fping traceroute tracepath mtr nmap dig drill kdig nslookup host whois", LOOKED_UP),
		...all("lftp vncviewer xfreerdp ntpdate snmpwalk snmpget grpcurl websocat wscat", { ...LOOKED_UP, scheme: "tcp" }),
		...all("docker podman nerdctl", { ...IMAGES, through: new Set(["-H", "--host"]) }),
		...all("crane skopeo", IMAGES),
		...all("kubectl oc helm", CLUSTER),
		openssl: {
			scheme: "tcp",
			names: "none",
			valued: new Set(["-connect", "-proxy"]),
			through: new Set(["-connect", "-proxy"]),
		},
		curl: {
			scheme: "http",
			names: "none",
			valued: valued(
				"x o d H X u A e b T F w K m r E c C D P Q t U Y y z",
				"proxy preproxy connect-to resolve doh-url",
			),
			through: new Set(["-x", "--proxy", "--preproxy", "--connect-to", "--resolve", "--doh-url"]),
		},
		socat: { scheme: "tcp", names: "address", valued: valued("b T t lf lp lm") },
	}),
);
