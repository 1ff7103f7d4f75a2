/** The errors that a guarded tool throws when its call must not run, or does not end in time. */
import type { Decision } from "./decision.ts";
import { messageForModel, timedOutMessage } from "./messages.ts";

/** Thrown by a guarded tool whose call must not run. The message is written for the model that asked. */
export class ToolCallDenied extends Error {
	readonly decision: Decision;
	readonly tool: string;

	constructor(tool: string, decision: Decision) {
		super(messageForModel(tool, decision));
		this.name = "ToolCallDenied";
		this.decision = decision;
		this.tool = tool;
	}
}

/** Thrown by a guarded tool at its deadline. The tool may still be running: its outcome is reported when it has ended. */
export class ToolCallTimedOut extends Error {
	constructor(tool: string, deadlineMs: number) {
		super(timedOutMessage(tool, deadlineMs));
		this.name = "ToolCallTimedOut";
	}
}
