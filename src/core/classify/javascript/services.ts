/** Requests that a script makes, and what clients of clouds and stores are asked for: `axios.delete(…)`, `ec2.terminateInstances(…)`. */
import type { Findings, Place } from "../fact.ts";
import { addHost } from "../host-fact.ts";
import { requestFacts } from "../request-fact.ts";
import { singular, toolWords } from "../tool-words.ts";
import type { Arguments } from "./arguments.ts";
import { HOLE } from "./lexer.ts";

const CLIENTS = /^(?:fetch|node-fetch|axios|got|ky|superagent|undici\.request|request|needle|\$\.ajax)(?:\.|$)/u;
const METHODS = /\.(get|head|post|put|patch|delete|del)$/u;

/** Nothing where the call is no request with an address that is known. */
export function readFetch(
	name: string,
	address: string | undefined,
	{ keywords }: Arguments,
	at: Place,
	to: Findings,
): void {
	if (address === undefined || !CLIENTS.test(name)) return;
	const said = keywords.find((text) => text.startsWith("method="))?.slice("method=".length);
	const method = said ?? METHODS.exec(name)?.[1]?.replace(/^del$/u, "delete") ?? "get";
	const url = address.replaceAll(HOLE, "1");
	const full = url.startsWith("//") ? `https:${url}` : url;
	for (const fact of requestFacts({ url: full, method, body: "none", keys: [] }, at)) to.add(fact);
}

/** `net.connect(443, "h")`, `https.request({ host: "h" })`: hosts that are named without a URL. */
export function readHost(name: string, { texts, keywords }: Arguments, at: Place, to: Findings): void {
	const scheme = CONNECTING.exec(name)?.[1];
	if (scheme === undefined || texts[0]?.includes("://") === true) return;
	const said = (key: string): string | undefined =>
		keywords.find((text) => text.startsWith(`${key}=`))?.slice(key.length + 1);
	const isRequest = scheme.startsWith("http");
	const host = said("hostname") ?? said("host") ?? (isRequest ? undefined : texts.find((text) => /\.|:/u.test(text)));
	if (host === undefined && isRequest) return;
	const port = said("port");
	addHost({ scheme: isRequest ? scheme : "tcp", host, port }, at, to);
}

const CONNECTING = /^(https?|net|tls)\.(?:request|get|connect|createConnection|Socket\(\)\.connect)$/u;

/** Names that clients of services have by custom; and the commands of the third version of a cloud's own library. */
const SERVICES =
	/^(?:s3|ec2|rds|iam|sts|kms|lambda|dynamo\w*|cloudtrail|guardduty|route53|octokit|github|gitlab|k8s\w*|core(?:V1)?(?:Api)?|apps(?:V1)?(?:Api)?|stripe|slack|admin|firestore|firebase|bigquery|storage|compute|cloudflare|es|elastic\w*|opensearch|supabase|drive|gmail|sheets|notion|jira|okta|auth0|docker|kafka|heroku|vercel|sentry|twilio|client)\./iu;
const COMMAND = /(?:^|\.)([A-Z][a-z]+(?:[A-Z]\w*)?)Command$/u;

export function readService(name: string, { keywords }: Arguments, at: Place, to: Findings): void {
	const command = COMMAND.exec(name)?.[1];
	if (command === undefined && !SERVICES.test(name)) return;
	const words = toolWords(command ?? name.replace(/\(\)/gu, ""));
	const verb = toolWords(command ?? name.slice(name.lastIndexOf(".") + 1))[0];
	if (verb === undefined || verb === "send") return;
	const settings = keywords.map((text) => text.slice(0, 64));
	const has = {
		words,
		verb: [verb],
		action: words,
		object: [...words, ...words.map(singular)],
		arg: settings.map((text) => text.slice(0, text.indexOf("="))),
		value: settings.map((text) => text.slice(text.indexOf("=") + 1)),
		values: settings,
	};
	to.add({ ...at, kind: "tool", has });
}
