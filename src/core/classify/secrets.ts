/** Literal credentials in texts, by their published forms. */
import type { Findings, Place } from "./fact.ts";

const FORMS: readonly (readonly [name: string, pattern: RegExp])[] = [
	["private-key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/],
	[
		"cloud-key",
		/\b(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{12,20}\b|\baws_secret_access_key\s*[=:]\s*\S{16,}|\bAIza[\w-]{30,}|\bya29\.[\w-]{20,}|AccountKey=[A-Za-z0-9+/=]{40,}/i,
	],
	[
		"token",
		/\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bxox[abprs]-[\w-]{10,}|\bsk-(?:proj-|ant-)?[\w-]{20,}|\b[rs]k_live_\w{16,}|\bnpm_[A-Za-z0-9]{30,}|\bpypi-\w{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+|\bhvs\.\w{20,}|\bdop_v1_\w{20,}/,
	],
	[
		"password-hash",
		/(?:^|\n|\\n)[\w.-]+:\$(?:[0-9][a-z]?|y|2[aby]|argon2\w*)\$[^:\s]+:|(?:^|\n)\w+:\d+:[0-9a-f]{32}:[0-9a-f]{32}:::/i,
	],
	["password-file", /(?:^|\n)root:[^:\n]*:0:0:/],
	[
		"password",
		/\b(?:password|passwd|pwd|db_pass(?:word)?|secret(?:_key)?|api[_-]?key|access[_-]?token)\s*[=:]\s*["']?(?!\s|\$|<|\*{3})[^\s"'&,;]{6,}/i,
	],
];

/** Cheap words, one of which each form has. */
const HINT =
	/PRIVATE KEY|AKIA|ASIA|AGPA|AROA|aws_secret|AIza|ya29|AccountKey|gh[pousr]_|github_pat|glpat|xox|sk-|k_live|npm_|pypi-|SG\.|eyJ|hvs\.|dop_v1|:\$|:0:0:|:::|passw|pwd|secret|api[_-]?key|access[_-]?token|db_pass/i;

/** `isSent`: the text leaves the machine with the call. */
export function readSecrets(text: string, { pointer, via }: Place, isSent: boolean, to: Findings): void {
	if (!HINT.test(text)) return;
	for (const [name, pattern] of FORMS) {
		const match = pattern.exec(text);
		if (match === null) continue;
		const span = [match.index, match.index + match[0].length] as const;
		to.add({ kind: "secret", pointer, span, via, has: { class: [name], sent: [isSent ? "yes" : "no"] } });
	}
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/gi;

const HIDDEN = FORMS.map(([, pattern]) => new RegExp(pattern.source, "gi"));

/** `[secret]` in place of what looks like a credential, in any case of letters: for showing a text to people. */
export function withoutSecrets(text: string): string {
	if (!HINT.test(text)) return text;
	return [PRIVATE_KEY, ...HIDDEN].reduce((rest, pattern) => rest.replaceAll(pattern, "[secret]"), text);
}
