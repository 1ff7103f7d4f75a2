/** Command lines that say behind a thing what is done to it: `az vm delete -g x`, `gcloud compute instances stop web`. */
import { argumentName } from "../argument-names.ts";
import type { Fact } from "../fact.ts";
import { attributesOfCall } from "../named-call.ts";
import { IMPERATIVE } from "../tool-verbs.ts";
import { toolWords } from "../tool-words.ts";
import type { Field } from "./words.ts";

/** Of these the deed is the last word before the first option. */
const WITHOUT_OPERANDS: ReadonlySet<string> = new Set(["az"]);

/** Of these operands may follow it. */
const WITH_OPERANDS: ReadonlySet<string> = new Set(
	"aws awslocal gcloud oci ibmcloud openstack aliyun doctl linode-cli vultr-cli vultr civo exo hcloud scw flyctl fly heroku vercel netlify railway render koyeb northflank scalingo dokku supabase pscale neonctl turso upstash convex wrangler firebase appwrite amplify copilot eb eksctl cf databricks mongocli atlas doppler okteto circleci rosa ocm serverless sls sam cdk pulumi kind k3d minikube limactl multipass dapr shopify okta auth0 twilio fastly".split(
		" ",
	),
);

export const namesDeeds = (program: string): boolean => WITH_OPERANDS.has(program) || WITHOUT_OPERANDS.has(program);

/** Attributes of the fact `tool`: the deed first, then what it is done to. Null: there is none, or help is asked for. */
export function deedAttributes(program: string, args: readonly Field[]): Fact["has"] | null {
	const texts = args.map(({ text }) => text);
	const steps = stepsOf(texts);
	const at = WITHOUT_OPERANDS.has(program) ? steps.length - 1 : deedAmong(steps, program);
	const deed = steps[at];
	if (deed === undefined) return null;
	if (steps.some((step) => ASKING.has(step)) || texts.some((text) => HELP.test(text))) return null;
	const settings = settingsOf(texts);
	// `eksctl delete cluster`: what it is done to follows.
	const things = at === 0 ? steps.slice(1, 2) : steps.slice(0, at);
	const done = deed === "action" ? (settings.get("action") ?? deed) : deed;
	return { ...attributesOfCall(wordsOf(done, things), undefined, settings), program: [program] };
}

/** Of the deed its verb comes first, and what it names itself last, where the head of the thing stands: `iot hub show-connection-string`. */
function wordsOf(deed: string, things: readonly string[]): readonly string[] {
	const [verb, ...rest] = toolWords(deed.replace(HOW, ""));
	return [...(verb === undefined ? [] : [verb]), ...things.flatMap(toolWords), ...rest];
}

/** How a verb is meant, before or behind it: `batch-delete-image`, `admin-disable-user`, `set-recursive`. */
const HOW = /^(?:batch|admin|bulk|force)-(?=.)|-recursive$/;

const OF_AMAZON: ReadonlySet<string> = new Set(["aws", "awslocal"]);

const ASKING = new Set(["help", "completion"]);
const HELP = /^(?:--help|-h)$/;

/** What stands before the first option of its own; `alpha` and `beta` name no thing. */
function stepsOf(texts: readonly string[]): readonly string[] {
	const start = texts.findIndex((text, index) => STEP.test(text) && !OF_ALL.test(texts[index - 1] ?? ""));
	if (start < 0) return [];
	const rest = texts.slice(start);
	const end = rest.findIndex((text) => !STEP.test(text));
	return (end < 0 ? rest : rest.slice(0, end))
		.flatMap((text) => text.split(":"))
		.filter((text) => text !== "" && text !== "alpha" && text !== "beta");
}

/** Options of the program itself that take a value, before what it is told. */
const OF_ALL =
	/^(?:--(?:profile|region|output|endpoint|endpoint-url|query|project|account|configuration|format|org|organization|config|context|token|access-token|app|team|scope|cwd|auth|os-cloud|subscription|compartment-id|ca-bundle)|-[acott])$/;
const STEP = /^[a-z][a-z\d:-]*$/i;

/** What runs the rest of the line; else the first that is sure to be a deed; of a thing that is called like one (`patch-jobs list`) what follows. */
function deedAmong(steps: readonly string[], program: string): number {
	if (OF_AMAZON.has(program)) return Math.min(1, steps.length - 1);
	if (RUNNING.has(steps[0] ?? "") && program !== "gcloud") return 0;
	const at = steps.findIndex((step, index) => index > 0 && isDeed(step));
	if (at >= 0) return THINGS.has(firstOf(steps[at] as string)) && isDeed(steps[at + 1] ?? "") ? at + 1 : at;
	return isDeed(steps[0] ?? "") ? 0 : Math.min(1, steps.length - 1);
}

const firstOf = (step: string): string => step.replace(HOW, "").split("-")[0] ?? "";
const isDeed = (step: string): boolean => IMPERATIVE.has(firstOf(step)) || MORE.has(firstOf(step));
const RUNNING = new Set(["run", "exec", "ssh", "console"]);
const THINGS = new Set(
	"backup restore patch deploy release run build schedule export import access link load transfer connect mute copy share query".split(
		" ",
	),
);
const MORE = new Set(
	"ssh scp cp mv rm ls cat rsync tail browse print clone init push pull up down rollback login logout console destroy nuke use whoami open serve launch sync link unlink promote redo watch access action expand recycle increase decrease shrink".split(
		" ",
	),
);

/** Options with their words; those without are `true`. */
function settingsOf(texts: readonly string[]): ReadonlyMap<string, string> {
	const settings = new Map<string, string>();
	for (const [index, text] of texts.entries()) {
		if (!text.startsWith("--") || text.length < 3) continue;
		const equals = text.indexOf("=");
		const next = texts[index + 1];
		const value = equals > 0 ? text.slice(equals + 1) : next === undefined || next.startsWith("-") ? "true" : next;
		const name = argumentName(equals > 0 ? text.slice(2, equals) : text.slice(2)).letters;
		if (value.length <= VALUE_MAX && settings.size < SETTINGS_MAX) settings.set(name, value.toLowerCase());
	}
	return settings;
}

const VALUE_MAX = 64;
const SETTINGS_MAX = 32;
