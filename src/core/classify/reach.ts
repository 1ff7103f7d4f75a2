/** Where a setting leads: out of this network, and by which way. */
import { hostClass } from "./url.ts";

/**
 * `remote`: a URL, a share or a host of another network; `sink`: one whose name says that something goes there, or somebody else's account;
 * `address`: a place by its public number alone, as nobody's own services are named; `mail`: the mailbox that something goes to.
 * `name` and `text` are in lower case.
 */
export function reachesOf(name: string, text: string): readonly Reach[] {
	const says = meaningOf(name);
	if (says.isElsewhere) return says.isBeside || /\s/.test(text) ? NOWHERE : SINK;
	if (!LOOKS_LIKE_PLACE.test(text) || says.isBeside || /\s/.test(text)) return NOWHERE;
	const { isGoing } = says;
	if (/^[^@:/]+@[\w-]+(?:\.[\w-]+)+$/.test(text)) return isGoing || says.isMailbox ? MAIL : NOWHERE;
	const place = PLACE.exec(text)?.groups;
	const host = place?.["host"] ?? place?.["remote"] ?? place?.["share"] ?? hostAlone(says.isHost, text);
	if (host === undefined) return NOWHERE;
	if (STORES.has(place?.["scheme"] ?? "")) return isGoing ? SINK : REMOTE;
	if (place?.["scheme"] === "file" || hostClass(host) !== "public") return NOWHERE;
	const isNumber = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
	if (isNumber && (says.isPlace || isGoing)) return isGoing ? ADDRESS_GOING : ADDRESS;
	return isGoing || place === undefined ? SINK : REMOTE;
}

/** What the name of a setting says of what is in it; names are few, so that it is remembered. */
function meaningOf(name: string): Meaning {
	const known = remembered.get(name);
	if (known !== undefined) return known;
	const meaning = {
		isGoing: GOING.test(name),
		isMailbox: MAILBOX.test(name),
		isElsewhere: ELSEWHERE.test(name),
		isPlace: PLACE_NAME.test(name),
		isHost: /(?:host|server)$/.test(name),
		isBeside: BESIDE.test(name),
	};
	if (remembered.size >= REMEMBERED_MAX) remembered.clear();
	remembered.set(name, meaning);
	return meaning;
}

type Meaning = Readonly<Record<"isGoing" | "isMailbox" | "isElsewhere" | "isPlace" | "isHost" | "isBeside", boolean>>;
const remembered = new Map<string, Meaning>();
const REMEMBERED_MAX = 2_000;

/** A sign that each place and mailbox has. */
const LOOKS_LIKE_PLACE = /[:@\\]|\d\.\d|\w\.\w/;

export type Reach = "remote" | "sink" | "address" | "mail";

const NOWHERE: readonly Reach[] = [];
const REMOTE: readonly Reach[] = ["remote"];
const SINK: readonly Reach[] = ["remote", "sink"];
const ADDRESS: readonly Reach[] = ["remote", "address"];
const ADDRESS_GOING: readonly Reach[] = ["remote", "sink", "address"];
const MAIL: readonly Reach[] = ["mail"];

/** `s3://bucket/x`, `s3:bucket`, `\\host\share`, `name@host:path`, `git+https://host/x`. */
const PLACE =
	/^(?:(?:jdbc:|r2dbc:|git\+)?(?<scheme>[a-z][a-z\d+.-]*):(?:\/\/)?(?:[^@/]*@)?(?<host>[\w.-]+)|\\\\(?<share>[\w.-]+)|[\w.-]+@(?<remote>[\w.-]+):)/;
const STORES = new Set("s3 s3a gs gcs azure abfs abfss wasb wasbs az r2 b2 oss rclone".split(" "));

/** A name that says where something goes, and that of a place. */
const GOING =
	/^(?:to|out|output|sink|sendto|deliver|dest|dst|target|upload|post|push|put|export|ship|forward|copy|mirror|replicat|sync|webhook|callback|sendurl|exfil|remote|report(?:url|to))|(?:to|sink|target|dest|destination|output|outputuri|outputurl)$/;
const PLACE_NAME = /(?:url|uri|endpoint|host|destination|remote|server|target|location|address)$/;
const MAILBOX = /^(?:e?mail|cc|bcc|recipients?)(?:address(?:es)?)?$|recipients?$/;
/** Accounts and buckets that are named as others than the own. */
const ELSEWHERE =
	/^(?:dest|dst|destination|target|external|consumer|foreign|partner)(?:aws|gcp)?(?:account|bucket|project|tenant|subscription|org|organization)(?:id|ids|name|arn)?$/;

/** Names of pages about a thing. */
const BESIDE =
	/homepage|docs?(?:url)?$|documentation|icon|logo|avatar|picture|photo|redirect|website|referr?er|license|support/;

/** A number of four parts, or a name of three and more where that of the setting says that it is a host. */
const hostAlone = (isHost: boolean, text: string): string | undefined =>
	/^(?:[\w.-]+@)?(?<host>\d{1,3}(?:\.\d{1,3}){3})(?=$|[:/])/.exec(text)?.groups?.["host"] ??
	(isHost ? /^(?<host>[\w-]+(?:\.[\w-]+){2,})(?=$|:)/.exec(text)?.groups?.["host"] : undefined);
