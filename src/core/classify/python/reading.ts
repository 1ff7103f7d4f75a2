/** One text while it is read: what its expressions and statements share. */
import type { Bindings } from "./bindings.ts";
import type { Calls } from "./calls.ts";
import type { Members } from "./members.ts";
import type { Cursor } from "./nodes.ts";
import type { Scope } from "./scope.ts";
import type { Value } from "./value.ts";

export interface Reading {
	readonly text: string;
	readonly calls: Calls;
	readonly scope: Scope;
	readonly members: Members;
	readonly targets: Bindings;
	/** How many bodies of classes are open. */
	inClass: number;
	/** Where what the function that is being read returns comes from. */
	returned: number;
	/** Of the member expression that was visited last. */
	member: { readonly receiver: Value; readonly method: string };
	/** The value of a node; what it calls is told on the way. The cursor is left where it was. */
	visit(cursor: Cursor): Value;
	/** All that is within a node; of what it makes only where it comes from is known. */
	children(cursor: Cursor): Value;
	/** A text that was put together; past what one reading may put together, texts are not followed. */
	made(value: Value): Value;
	/** How a node is spelled. */
	slice(cursor: Cursor): string;
}
