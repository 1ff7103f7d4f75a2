/** One command's words taken apart: flags, values, operands, subcommands. */
import type { Field } from "./words.ts";

export interface Taken {
	readonly flags: readonly string[];
	readonly values: readonly string[];
	readonly words: readonly string[];
	readonly sub: readonly string[];
}

/** Letters of one cluster that are flags of their own. */
const CLUSTER_MAX = 8;
const SUBCOMMANDS_MAX = 3;

/** Options in front of subcommands that take a word, by program. */
const GLOBAL_VALUES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
	Object.entries({
		git: "-C -c --git-dir --work-tree --namespace",
		kubectl: "-n --namespace --context --kubeconfig --cluster --user -s --server --as --token",
		oc: "-n --namespace --context --kubeconfig",
		helm: "-n --namespace --kube-context --kubeconfig",
		docker: "-H --host -c --context --config -l --log-level",
		"docker-compose": "-f --file -p --project-name --env-file",
		podman: "--url --connection --root",
		aws: "--profile --region --output --endpoint-url --query",
		gcloud: "--project --account --configuration --format --zone --region",
		az: "--subscription -o --output --resource-group -g",
		npm: "--prefix -w --workspace --registry",
		yarn: "--cwd",
		pnpm: "-C --dir --filter -F",
		gh: "-R --repo",
		systemctl: "-H --host -M --machine -t --type",
		"redis-cli": "-h -p -a -n -u -s --user --pass",
		terraform: "-chdir",
		ip: "-n -netns",
		vault: "-address -namespace",
		etcdctl: "--endpoints --cacert --cert --key",
		consul: "-http-addr -token",
		mc: "-C --config-dir",
		virsh: "-c --connect",
		nmcli: "-f -t -m",
		ufw: "",
		flatpak: "--installation",
		apt: "-o -c -t",
		"apt-get": "-o -c -t",
		cargo: "--manifest-path --color",
		make: "-C -f -j",
	}).map(([program, names]) => [program, new Set(names.split(" "))]),
);

/** Programs whose first word is a cluster of options without its dash. */
const CLUSTERED: ReadonlySet<string> = new Set(["tar", "gtar", "bsdtar", "ar", "gar", "llvm-ar", "jar", "lha", "zoo"]);

/** Most commands have one of each, or none: lists begin with what they hold. */
class Taking implements Taken {
	flags: readonly string[] = NONE;
	values: readonly string[] = NONE;
	words: readonly string[] = NONE;
	sub: readonly string[] = NONE;

	word(text: string): void {
		this.words = withOne(this.words, text);
		if (this.sub.length < SUBCOMMANDS_MAX && SUBCOMMAND.test(text)) this.sub = withOne(this.sub, text);
		if (text.includes("=") && ASSIGNED.test(text)) this.values = withOne(this.values, text);
	}

	flag(text: string, next: string | undefined): void {
		const isLong = text.charCodeAt(1) === HYPHEN;
		const body = text.slice(isLong ? 2 : 1);
		const equals = body.indexOf("=");
		const name = equals < 0 ? body : body.slice(0, equals);
		this.flags = withOne(this.flags, name);
		if (equals >= 0) this.values = withOne(this.values, body);
		else if (next !== undefined) this.values = withOne(this.values, `${name}=${next}`);
		if (isLong || name.length < 2) return;
		if (name.length <= CLUSTER_MAX) {
			for (const letter of name) if (!this.flags.includes(letter)) this.flags = withOne(this.flags, letter);
			if (equals < 0 && next !== undefined) this.values = withOne(this.values, `${name.at(-1)}=${next}`);
		}
		this.values = withOne(this.values, `${name[0]}=${body.slice(1)}`);
	}
}

const NONE: readonly string[] = [];

/** The list with one more: the same but for the empty one, which is everybody's. */
function withOne(list: readonly string[], text: string): readonly string[] {
	if (list.length === 0) return [text];
	(list as string[]).push(text);
	return list;
}

export function takeOptions(program: string, args: readonly Field[]): Taken {
	const taken = new Taking();
	const globals = GLOBAL_VALUES.get(program);
	const isClustered = CLUSTERED.has(program);
	for (let index = 0; index < args.length; index++) {
		const given = (args[index] as Field).text;
		const text = index === 0 && isClustered && /^[a-zA-Z]{1,8}$/.test(given) ? `-${given}` : given;
		if (text.charCodeAt(0) !== HYPHEN || text.length === 1) {
			taken.word(text);
			continue;
		}
		if (text === "--") {
			for (const { text: rest } of args.slice(index + 1)) taken.word(rest);
			break;
		}
		const next = args[index + 1]?.text;
		const nextWord = next !== undefined && (next.charCodeAt(0) !== HYPHEN || next.length === 1) ? next : undefined;
		taken.flag(text, nextWord);
		if (globals?.has(text) === true) {
			if (nextWord !== undefined) index += 1;
		}
	}
	return taken;
}

const HYPHEN = 45;
const SUBCOMMAND = /^[A-Za-z0-9][\w:-]*$/;
const ASSIGNED = /^[A-Za-z_][\w.-]*=/;
