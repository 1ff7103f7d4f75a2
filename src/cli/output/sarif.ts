/** Findings as SARIF 2.1.0, which code hosts and editors show at the lines that they are about. */
import { pathToFileURL } from "node:url";
import { VERSION } from "../../app/version.ts";
import { ERROR_CODES, type Place, type Problem } from "../../core/base/errors.ts";

export interface SarifRule {
	readonly id: string;
	/** A sentence. */
	readonly about: string;
}

export interface SarifResult {
	readonly ruleId: string;
	readonly level: "error" | "warning" | "note";
	/** A sentence, and what to do. */
	readonly message: string;
	readonly place: Place | null;
	/** Why the author accepts it, who is then not told of it. */
	readonly accepted?: string;
}

export const problemResult = ({ code, message, help, place }: Problem): SarifResult => ({
	ruleId: code,
	level: "error",
	message: `${ERROR_CODES[code].title}: ${message}${help === "" ? "" : ` (${help})`}`,
	place,
});

/** One run of one tool. Paths stay relative where they are, so that they mean the same in another checkout. */
export function sarif(rules: readonly SarifRule[], results: readonly SarifResult[]): object {
	return {
		$schema: "https://json.schemastore.org/sarif-2.1.0.json",
		version: "2.1.0",
		runs: [
			{
				tool: {
					driver: {
						name: "assent",
						version: VERSION,
						rules: rules.map(({ id, about }) => ({ id, shortDescription: { text: about } })),
					},
				},
				columnKind: "utf16CodeUnits",
				results: results.map(({ ruleId, level, message, place, accepted }) => {
					const ruleIndex = rules.findIndex(({ id }) => id === ruleId);
					return {
						ruleId,
						...(ruleIndex < 0 ? {} : { ruleIndex }),
						level,
						message: { text: message },
						...(place === null ? {} : { locations: [locationOf(place)] }),
						...(accepted === undefined ? {} : { suppressions: [{ kind: "inSource", justification: accepted }] }),
					};
				}),
			},
		],
	};
}

function locationOf({ file, line, column }: Place): object {
	const region =
		line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
	return { physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } };
}

const uriOf = (file: string): string =>
	/^(?:\/|[A-Za-z]:[\\/])/.test(file)
		? pathToFileURL(file).href
		: file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
