/** From the section `tools` and the lists of tools of other rules to data. */

import { readNameGlob } from "../match/name-globs.ts";
import type { Mode } from "../model/entries.ts";
import { effectOnOthers, type PolicyDocument } from "./document.ts";
import { type FiredRules, PLAIN_VOICE, type Voice } from "./fired-rules.ts";
import { nameByGlob, othersName } from "./rule-names.ts";
import type { CompiledToolRule, PlacedNames, ToolSet } from "./rules.ts";
import type { YamlPath, YamlSource } from "./yaml-source.ts";

/** `tools` of a rule, and `except` beside it. */
interface WrittenTools {
	readonly tools: readonly string[];
	readonly except?: readonly string[] | undefined;
}

type ToolEntry = string | WrittenTools;

/** Does a list stop the tools that it names, or let them pass? In doubt about a name the call is stopped. */
type Reading = "stopping" | "passing";

export class ToolCompiler {
	readonly #section: PolicyDocument["tools"];
	readonly #yaml: YamlSource;
	readonly #fired: FiredRules;

	constructor(section: PolicyDocument["tools"], yaml: YamlSource, fired: FiredRules) {
		this.#section = section;
		this.#yaml = yaml;
		this.#fired = fired;
	}

	/** In the order in which they are reported. */
	rules(): readonly CompiledToolRule[] {
		return [...this.#othersRule(), ...this.#listRules("deny"), ...this.#listRules("hold")];
	}

	/** The tools that a rule is about, which stops them; `path` is the rule's. */
	about(rule: WrittenTools, path: YamlPath): ToolSet {
		return this.#set(rule, path, "stopping");
	}

	/** The tools of which an exception lets calls pass. */
	passing(rule: WrittenTools, path: YamlPath): ToolSet {
		return this.#set(rule, path, "passing");
	}

	names(texts: readonly string[], path: YamlPath, caseSensitive: boolean): PlacedNames {
		return { caseSensitive, globs: texts.map((text, index) => this.#name(text, [...path, index], caseSensitive)) };
	}

	/** What becomes of tools that no list names. Without `default`, `allow` is all that may be called, and `hold` picks from it. */
	#othersRule(): readonly CompiledToolRule[] {
		const { default: written, approval } = this.#section;
		const effect = effectOnOthers(this.#section);
		if (effect === "allow") return [];
		const key = written === undefined ? "allow" : "default";
		const voice: Voice =
			effect === "deny"
				? {
						...PLAIN_VOICE,
						code: "tool.not_allowed",
						rule: othersName(this.#section),
						effect,
						message: `policy \`${this.#fired.policy}\` does not list this tool among those that may be called`,
					}
				: {
						...PLAIN_VOICE,
						code: "tool.held",
						rule: othersName(this.#section),
						effect,
						approval,
						message: `policy \`${this.#fired.policy}\` does not list this tool, and requires approval for such`,
					};
		return [
			{
				place: this.#yaml.placeOf(["tools", key]),
				firesOn: "others",
				tools: this.#listed(written === undefined ? ["allow"] : ["allow", "deny", "hold"]),
				fired: this.#fired.of(voice),
			},
		];
	}

	/** The tools that lists name. An entry without force, for all sessions or for some, cannot let a tool past the default. */
	#listed(lists: readonly ("allow" | "deny" | "hold")[]): readonly ToolSet[] {
		return lists.flatMap((list) => {
			const entries = this.#section[list] ?? [];
			if (typeof entries === "string") return [];
			const plain = entries.flatMap((entry, index) =>
				typeof entry === "string" ? [this.#name(entry, ["tools", list, index], true)] : [],
			);
			const others = entries.flatMap((entry, index) =>
				typeof entry === "string" || !hasForce(entry) ? [] : [this.#set(entry, ["tools", list, index], "passing")],
			);
			return plain.length === 0 ? others : [{ names: { caseSensitive: true, globs: plain }, except: null }, ...others];
		});
	}

	#listRules(list: "deny" | "hold"): readonly CompiledToolRule[] {
		const code = list === "deny" ? "tool.denied" : "tool.held";
		const { policy } = this.#fired;
		const told =
			list === "deny"
				? `policy \`${policy}\` denies this tool`
				: `policy \`${policy}\` requires approval for this tool`;
		return this.#section[list].map((entry, index) => {
			const path = ["tools", list, index];
			const voice: Voice =
				typeof entry === "string"
					? { ...PLAIN_VOICE, code, rule: nameByGlob(list, entry), effect: list, message: told }
					: { ...entry, code, rule: entry.name, effect: list, message: entry.message ?? told };
			return {
				place: this.#yaml.placeOf(path),
				firesOn: "listed",
				tools: [this.#set(entry, path, "stopping")],
				fired: this.#fired.of(voice),
			};
		});
	}

	#set(entry: ToolEntry, path: YamlPath, reading: Reading): ToolSet {
		const isExact = reading === "passing";
		if (typeof entry === "string") {
			return { names: { caseSensitive: isExact, globs: [this.#name(entry, path, isExact)] }, except: null };
		}
		const { tools, except } = entry;
		return {
			names: this.names(tools, [...path, "tools"], isExact),
			except: except === undefined ? null : this.names(except, [...path, "except"], !isExact),
		};
	}

	#name(text: string, path: YamlPath, caseSensitive: boolean): PlacedNames["globs"][number] {
		const glob = readNameGlob(text, caseSensitive);
		if (glob === null) throw new Error(`a checked glob cannot be read: ${text}`);
		return { ...glob, place: this.#yaml.placeOf(path) };
	}
}

/** Of an entry of `allow`, which has neither mode nor stage, and of the others: has it force for all sessions? */
const hasForce = ({
	mode = "enforce",
	stage,
}: WrittenTools & { readonly mode?: Mode; readonly stage?: string | undefined }): boolean =>
	mode === "enforce" && stage === undefined;
