/** The `notify` section of the configuration, with the files that it names. */
import type { NoticeType } from "../../adapters/http/webhooks/bodies.ts";
import { parseSecret } from "../../adapters/http/webhooks/signature.ts";
import { AssentError } from "../../core/base/errors.ts";
import type { Result } from "../../core/base/result.ts";
import { err, ok } from "../../core/base/result.ts";
import { SECOND } from "../../core/model/units.ts";
import { readNamedText } from "../named-file.ts";
import type { NotifyTarget } from "../notify-target.ts";
import { type ConfigFile, configFault, pathBeside } from "./config-file.ts";
import { type MetricsAddress, metricsAddress } from "./metrics-address.ts";
import { NOTIFY_DEFAULTS, type TargetSection } from "./notify-schema.ts";

export interface NotifyConfig {
	/** Paths; undefined where the file does not say. */
	readonly placesFile: string | undefined;
	readonly deadLettersFile: string | undefined;
	/** Null: nothing is measured or served. */
	readonly metrics: MetricsAddress | null;
	/** With the files that they name. Throws ASSENT_CONFIG with the place, and what reading a file throws. */
	targets(): Promise<readonly NotifyTarget[]>;
}

export function notifyConfigOf(file: ConfigFile): NotifyConfig {
	const { places, deadLetters, metrics, targets = [] } = file.data.notify ?? {};
	const beside = (path: string | undefined): string | undefined =>
		path === undefined ? undefined : pathBeside(file, path);
	return {
		placesFile: beside(places),
		deadLettersFile: beside(deadLetters),
		metrics: metricsAddress(metrics),
		targets: async () => {
			const names = targets.map(({ name }) => name);
			const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
			if (twice >= 0) {
				throw configFault(file, ["notify", "targets", twice, "name"], "two targets have this name", "name them apart");
			}
			return Promise.all(targets.map((target, index) => targetOf(file, target, index)));
		},
	};
}

async function targetOf(file: ConfigFile, section: TargetSection, index: number): Promise<NotifyTarget> {
	const at = ["notify", "targets", index];
	const { name, url, urlFile, secretFile } = section;
	if ((url === undefined) === (urlFile === undefined)) {
		throw configFault(file, at, "it needs one address", "give either `url` or `urlFile`");
	}
	const address = url ?? (await secretText(file, urlFile as string)).trim();
	const checked = webhookUrl(address);
	if (!checked.ok) throw configFault(file, [...at, url === undefined ? "urlFile" : "url"], checked.error, URL_HELP);
	const secret = secretFile === undefined ? null : parseSecret(await secretText(file, secretFile));
	if (secretFile !== undefined && secret === null) {
		throw configFault(file, [...at, "secretFile"], "the file does not hold a secret for webhooks", SECRET_HELP);
	}
	return {
		name,
		url: checked.value,
		secret,
		body: section.body,
		types: new Set<NoticeType>(section.types ?? NOTIFY_DEFAULTS.types),
		severity: section.severity ?? "low",
		tenants: section.tenants ?? ["*"],
		agents: section.agents ?? ["*"],
		timeoutMs: section.timeout ?? 10 * SECOND,
	};
}

async function secretText(file: ConfigFile, path: string): Promise<string> {
	const read = await readNamedText(pathBeside(file, path));
	if (!read.ok) throw new AssentError(read.error);
	return read.value;
}

export const SECRET_HELP =
	"write `whsec_` and the base64 of 24 to 64 random bytes: `echo whsec_$(openssl rand -base64 32)`";
export const URL_HELP = "write `https://HOST/PATH`, or `http://` for a receiver on a network of your own";

/** The address as it is asked; what is wrong with it says nothing of it, for it can be a secret. */
export function webhookUrl(text: string): Result<string, string> {
	const url = URL.parse(text);
	if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
		return err("it is no address of a web server");
	}
	if (url.username !== "" || url.password !== "") return err("it holds a user or a password, which are not sent");
	return ok(url.href);
}
