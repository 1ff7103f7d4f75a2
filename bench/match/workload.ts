/**
 * What the matcher is measured on: patterns as policies have them (half of them substrings, a third regular expressions, the rest
 * globs), and texts of commands and of this repository's own sources. Most texts hold words of many patterns and match few.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PatternSource } from "../../src/core/match/pattern.ts";

const PROGRAMS =
	"rm dd mkfs curl wget nc scp chmod chown kill sudo ssh git kubectl docker psql mysql aws gcloud az terraform helm npm pip rsync tar cat mv cp ln find xargs sed awk bash eval exec crontab systemctl iptables mount umount useradd passwd openssl gpg base64 python perl ruby node php redis-cli mongo sqlite3 etcdctl vault consul nomad ansible puppet make cargo go yarn apt yum dnf apk brew snap netcat nmap tcpdump socat telnet ftp sftp rclone s3cmd gsutil mc heroku flyctl netlify vercel gh glab hub jq yq dig nslookup whois".split(
		" ",
	);
const OBJECTS =
	"delete --force push prod root admin secret token shadow install apply -rf destroy drop reset config key export login restart upload purge /etc ~/.ssh .env backup users payments ledger --all id_rsa main".split(
		" ",
	);
/** What no literal is needed for: addresses, mail, hashes, numbers of cards. */
const WITHOUT_LITERALS = [
	"\\b\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\b",
	"\\b[0-9a-f]{64}\\b",
	"[\\w.+-]+@[\\w-]+\\.[a-z]{2,}",
	"\\b(?:\\d[ -]?){13,16}\\b",
	"\\b[A-Z]{2}\\d{2}[A-Z0-9]{11,30}\\b",
	"\\b\\d{3}-\\d{2}-\\d{4}\\b",
	"\\b[A-Za-z0-9+/]{80,}={0,2}",
];

const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item;

export const patternsOf = (count: number): readonly PatternSource[] =>
	Array.from({ length: count }, (_, index) => patternOf(index));

function patternOf(index: number): PatternSource {
	const turn = Math.floor(index / PROGRAMS.length);
	const program = pick(PROGRAMS, index);
	// Beyond those that there are, names are numbered.
	const again = turn < OBJECTS.length ? "" : String(Math.floor(turn / OBJECTS.length));
	const object = `${pick(OBJECTS, index + turn)}${again}`;
	if (index % 150 === 99) return source("regex", pick(WITHOUT_LITERALS, Math.floor(index / 150)));
	const place = (index * 7) % 20;
	if (place < 10)
		return source("substring", pick([`${program} ${object}`, `${object} ${program}`, `${program} -${object}`], place));
	if (place < 17) return source("regex", regexOf(place - 10, program, object.replace(/[.~]/g, "\\$&")));
	return source(
		"glob",
		pick([`*/${program}/*${object}*`, `*${program}*-y*${object}`, `*${object}.{${program},bak,old}*`], place),
	);
}

function regexOf(kind: number, program: string, object: string): string {
	return [
		`\\b${program}\\s+-\\w*f\\w*\\s+[^|;]*${object}`,
		`\\b${program}\\b.{0,80}${object}\\b`,
		`\\b${program}\\s+.*(${object}|--yes)\\b`,
		`(^|[;&|]\\s*)${program}\\s+(-\\S+\\s+)*${object}`,
		`${program}_(key|token|secret)\\s*[:=]\\s*['"]?[\\w-]{16,}`,
		`https?://[^/\\s]*${program}\\.example\\.(com|net)/.*${object}`,
		`\\b(?:sudo|doas|su)\\b[^\\n]*\\b${program}\\s+${object}`,
	][kind] as string;
}

const source = (kind: PatternSource["kind"], text: string): PatternSource => ({
	kind,
	text,
	caseSensitive: false,
	style: "text",
});

/** The same as V8 searches for it. A glob's outermost stars are left out: they would make V8 go back over the text. */
export function regExpOf({ kind, text }: PatternSource): RegExp {
	if (kind === "regex") return new RegExp(text, "is");
	const plain = (part: string): string => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
	if (kind === "substring") return new RegExp(plain(text), "is");
	const inner = text
		.replace(/^\*|\*$/g, "")
		.split(/(\*|\{[^}]*\})/)
		.map((part) =>
			part === "*" ? ".*" : part.startsWith("{") ? `(?:${part.slice(1, -1).replaceAll(",", "|")})` : plain(part),
		);
	return new RegExp(`${inner.join("")}${text.endsWith("*") ? "" : "$"}`, "is");
}

/** Texts of this length each. */
export function textsOf(length: number, count: number): readonly string[] {
	const dice = new Dice(length);
	const sources = readSources();
	return Array.from({ length: count }, () => {
		let text = "";
		while (text.length < length) {
			const from = dice.below(sources.length - 400);
			text += dice.below(2) === 0 ? `${commandOf(dice)}\n` : sources.slice(from, from + 400);
		}
		// A string of its own, as a reader of JSON gives it, and no slice of a longer one.
		return JSON.parse(JSON.stringify(text.slice(0, length))) as string;
	});
}

function commandOf(dice: Dice): string {
	const verb = (): string => pick(PROGRAMS, dice.below(PROGRAMS.length));
	const name = (): string => pick(OBJECTS, dice.below(OBJECTS.length));
	return pick(
		[
			() => `${verb()} -rf /tmp/${name()} && echo done`,
			() => `${verb()} --namespace prod get ${name()} -o json | jq '.items[].metadata.name'`,
			() => `curl -sS -H "authorization: bearer $TOKEN" https://api.example.com/v1/${name()}?limit=50 | ${verb()}`,
			() => `SELECT id, total FROM ${name()} WHERE created_at > now() - interval '7 days' ORDER BY id LIMIT 100`,
			() => `git commit -m "${verb()} ${name()}: update the docs of ${name()}" && git push origin main`,
			() => `for f in /srv/data/${name()}*; do ${verb()} "$f" "$f.bak"; done`,
			() => `please summarise the report about ${name()} and send it to the team`,
		],
		dice.below(7),
	)();
}

/** Pages and sources of the repository, as one text. */
function readSources(): string {
	const root = join(import.meta.dirname, "..", "..");
	const files = ["docs", "src/core/engine", "src/cli", "policies"].flatMap((folder) =>
		readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
			.filter((path) => /\.(?:md|ts|yaml)$/.test(path))
			.map((path) => join(root, folder, path)),
	);
	return files
		.sort()
		.map((path) => readFileSync(path, "utf8"))
		.join("\n");
}

/** The same throws in every run. */
class Dice {
	#seed: number;

	constructor(seed: number) {
		this.#seed = seed;
	}

	below(limit: number): number {
		this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((this.#seed / 2 ** 32) * limit);
	}
}
