/** A call, and what was read of its structure, for those that read the rest of it. */
import type { JsonObject } from "../base/json.ts";
import type { ToolHint } from "./tool-hint.ts";

/** A call's structure: what walks through its texts needs some of it first. */
export interface Structure {
	/** Words of members such as `action`, in order. */
	readonly actions: readonly string[];
	/** What is done to the paths that it names. */
	readonly access: string;
}

export interface StructuredCall {
	readonly tool: string;
	readonly args: JsonObject;
	readonly hint: ToolHint;
	readonly structure: Structure;
	/** Its texts were read in a language: what the tool's own name says is less than those. */
	readonly isRead: boolean;
}
