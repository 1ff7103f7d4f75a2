/** What is known of a program by its name alone: which of the questions about a command's words need not be asked. */
import { asksApi } from "./api-requests.ts";
import { namesDeeds } from "./deeds.ts";
import { isInteractive } from "./given-texts.ts";
import { reachesHosts } from "./hosts.ts";
import { isShell, takesTexts } from "./interpreters.ts";
import { hasStaticOutput } from "./static-output.ts";
import { isHttpClient } from "./transfers.ts";
import { runsOthers } from "./wrappers.ts";
import { keepsInput } from "./written.ts";

export interface Traits {
	/** The program's name: the same text each time, so that tables find it sooner. */
	readonly program: string;
	readonly isShell: boolean;
	/** It may run commands that stand among its words. */
	readonly runsOthers: boolean;
	/** It may take a text of another language. */
	readonly takesTexts: boolean;
	/** It makes files of its input, or of other files. */
	readonly keeps: boolean;
	readonly isHttpClient: boolean;
	/** Its words may name hosts. */
	readonly reachesHosts: boolean;
	readonly hasStaticOutput: boolean;
	/** It makes requests of its service that its words name. */
	readonly asksApi: boolean;
	/** It is told behind a thing what to do to it. */
	readonly namesDeeds: boolean;
}

const remembered = new Map<string, Traits>();
const REMEMBERED_MAX = 2_000;

/** Programs are few and run often, so that they are remembered. */
export function traitsOf(program: string): Traits {
	const known = remembered.get(program);
	if (known !== undefined) return known;
	const traits = {
		program: asKey(program),
		isShell: isShell(program),
		runsOthers: runsOthers(program),
		takesTexts: takesTexts(program) || isInteractive(program),
		keeps: keepsInput(program),
		isHttpClient: isHttpClient(program),
		reachesHosts: reachesHosts(program),
		hasStaticOutput: hasStaticOutput(program),
		asksApi: asksApi(program),
		namesDeeds: namesDeeds(program),
	};
	if (remembered.size >= REMEMBERED_MAX) remembered.clear();
	remembered.set(traits.program, traits);
	return traits;
}

/** The text as names of members are kept, one for all that are equal: comparing it with names that code is written with is comparing addresses. */
const asKey = (text: string): string => Object.keys({ [text]: true })[0] as string;
