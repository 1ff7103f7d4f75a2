/** Command lines that say behind a thing what is done to it: `az vm delete -g x`, `gcloud compute instances stop web`. */
import { argumentName } from "../argument-names.ts";
import type { Fact } from "../fact.ts";
import { attributesOfCall } from "../named-call.ts";
import { IMPERATIVE } from "../tool-verbs.ts";
import { headsOf, toolWords } from "../tool-words.ts";
import type { Field } from "./words.ts";

/** Of these the deed is the last word before the first option. */
const WITHOUT_OPERANDS: ReadonlySet<string> = new Set(["az"]);

/** Of these operands may follow it. */
const WITH_OPERANDS: ReadonlySet<string> = new Set(
	"aws awslocal gcloud oci ibmcloud openstack aliyun doctl linode-cli vultr-cli vultr civo exo hcloud scw flyctl fly heroku vercel netlify railway render koyeb northflank scalingo dokku supabase pscale neonctl turso upstash convex wrangler firebase appwrite amplify copilot eb eksctl cf databricks mongocli atlas doppler okteto circleci rosa ocm serverless sls sam cdk pulumi kind k3d minikube limactl multipass dapr shopify okta auth0 twilio fastly argocd tctl tsh boundary sf sfdx confluent nomad eas balena mc aio".split(
		" ",
	),
);

export const namesDeeds = (program: string): boolean => WITH_OPERANDS.has(program) || WITHOUT_OPERANDS.has(program);

/** Attributes of the fact `tool`: the deed first, then what it is done to. Null: there is none, or help is asked for. */
export function deedAttributes(program: string, args: readonly Field[]): Fact["has"] | null {
	const texts = args.map(({ text }) => text);
	const steps = stepsOf(texts);
	if (steps.length === 0 || steps.some((step) => ASKING.has(step)) || texts.some((text) => HELP.test(text)))
		return null;
	const settings = settingsOf(texts);
	const at = WITHOUT_OPERANDS.has(program) ? steps.length - 1 : deedAmong(steps, program);
	// `heroku releases`, `cf env web`: a thing alone is shown.
	if (at === null) return shownOf(program, steps, settings);
	const deed = steps[at] as string;
	// `eksctl delete cluster`: what it is done to follows.
	const things = at === 0 ? steps.slice(1, 2) : steps.slice(0, at);
	return toldOf(program, wordsOf(deed === "action" ? (settings.get("action") ?? deed) : deed, things), settings);
}

/** The same of a program that nobody knows, where a thing comes before what is done to it: `some-cloud volume detach v3`. */
export function toldAttributes({ program, words = [], values = [] }: Fact["has"]): Fact["has"] | null {
	const name = program?.[0];
	const steps = stepsOf(words.slice(0, STEPS_MAX));
	const at = deedAmong(steps, name ?? "");
	if (name === undefined || at === null || at < 1 || steps.some((step) => ASKING.has(step))) return null;
	return toldOf(name, wordsOf(steps[at] as string, steps.slice(0, at)), settingsOf(values.map((text) => `--${text}`)));
}

const STEPS_MAX = 5;

const toldOf = (program: string, words: readonly string[], settings: ReadonlyMap<string, string>): Fact["has"] => ({
	...attributesOfCall(words, undefined, settings),
	program: [program],
});

/** What the first words name: the second may be an operand. */
function shownOf(program: string, steps: readonly string[], settings: ReadonlyMap<string, string>): Fact["has"] {
	const has = toldOf(program, ["show", ...steps.slice(0, 2).flatMap(toolWords)], settings);
	return { ...has, head: [...(has["head"] ?? []), ...headsOf(["show", ...toolWords(steps[0] as string)], "show")] };
}

/** Of the deed its verb comes first, and what it names itself last, where the head of the thing stands: `iot hub show-connection-string`. */
function wordsOf(deed: string, things: readonly string[]): readonly string[] {
	const words = toolWords(deed.replace(HOW, ""));
	const isLast = !isVerb(words[0] ?? "") && isVerb(words.at(-1) ?? "");
	const verb = isLast ? words.slice(-1) : words.slice(0, 1);
	return [...verb, ...things.flatMap(toolWords), ...(isLast ? words.slice(0, -1) : words.slice(1))];
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
function deedAmong(steps: readonly string[], program: string): number | null {
	if (OF_AMAZON.has(program)) return Math.min(1, steps.length - 1);
	const first = steps[0] ?? "";
	if (RUNNING.has(first) && program !== "gcloud") return 0;
	const at = steps.findIndex((step, index) => index > 0 && isDeed(step));
	if (at < 0) return isDeed(first) ? 0 : null;
	if (!THINGS.has(firstOf(steps[at] as string))) return at;
	if (isDeed(steps[at + 1] ?? "")) return at + 1;
	// `scale count 0`
	return isDeed(first) && !THINGS.has(firstOf(first)) ? 0 : at;
}

const firstOf = (step: string): string => step.replace(HOW, "").split("-")[0] ?? "";
const isVerb = (word: string): boolean => IMPERATIVE.has(word) || MORE.has(word);
/** By its first word, or by its last: `user-policy-create`. */
const isDeed = (step: string): boolean =>
	isVerb(firstOf(step)) || (step.includes("-") && isVerb(step.slice(step.lastIndexOf("-") + 1)));
const RUNNING = new Set(["run", "exec", "ssh", "console"]);
const THINGS = new Set(
	"backup restore patch deploy release run build schedule export import access link load transfer connect mute copy share query service test log list search update order action change mark count compute".split(
		" ",
	),
);
const MORE = new Set(
	"ssh scp cp mv rm ls cat rsync tail browse print clone init push pull up down rollback login logout console destroy nuke use whoami open serve launch sync link unlink promote redo watch access action expand recycle increase decrease shrink save append unset seek on off renew".split(
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
