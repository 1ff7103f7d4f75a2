/** Mails, chat messages and the like: to whom, and what goes with them. */

import type { Json } from "../base/json.ts";
import { argumentName, memberKeys } from "./argument-names.ts";
import type { FactList } from "./findings.ts";
import { pathClasses } from "./path.ts";
import type { StructuredCall } from "./structured-call.ts";
import { table } from "./table.ts";

const CHANNELS = table<string>({
	email: "mail",
	mail: "mail",
	gmail: "mail",
	smtp: "mail",
	message: "chat",
	chat: "chat",
	slack: "chat",
	telegram: "chat",
	discord: "chat",
	dm: "chat",
	sms: "sms",
	webhook: "webhook",
	tweet: "public",
	post: "public",
});

const RECIPIENTS = new Set(["to", "recipient", "recipients", "cc", "bcc", "emails", "email", "address", "receiver"]);
const SENDERS = new Set(["from", "sender", "senderemail", "fromaddress"]);
const ATTACHMENTS = new Set(["attachment", "attachments", "file", "files", "attachmentpath", "filepath", "path"]);

/** Nothing where the tool sends no message. */
export function readMessage({ tool, args, hint }: StructuredCall, to: FactList): void {
	const channel = hint.words.map((word) => CHANNELS[word]).find((name) => name !== undefined);
	if (channel === undefined) return;
	const domains = new Set<string>();
	const own = new Set<string>();
	const attached: string[] = [];
	for (const key of memberKeys(args)) {
		const letters = argumentName(key).letters;
		const texts = textsOf(args[key] as Json);
		if (RECIPIENTS.has(letters)) for (const text of texts) addDomains(text, domains);
		else if (SENDERS.has(letters)) for (const text of texts) addDomains(text, own);
		else if (ATTACHMENTS.has(letters)) attached.push(...texts);
	}
	const has = {
		channel: [channel],
		outside: [own.size === 0 ? "unknown" : [...domains].every((domain) => own.has(domain)) ? "no" : "yes"],
		attachment: attached.length > 0 ? ["yes"] : [],
		attachmentclass: attached.flatMap(pathClasses),
	};
	to.add({ kind: "message", pointer: "#tool", span: [0, tool.length], via: [], has });
}

function textsOf(value: Json): readonly string[] {
	if (typeof value === "string") return [value];
	return Array.isArray(value) ? (value as readonly Json[]).flatMap(textsOf) : [];
}

function addDomains(text: string, to: Set<string>): void {
	for (const [, domain = ""] of text.matchAll(/@([\w.-]+)/g)) to.add(domain.toLowerCase());
}
