/** A whole state as rows, and a state made of them: what a snapshot does piece by piece. */
import type { Layout } from "../../src/core/model/layout.ts";
import { headOf, type StateHead } from "../../src/core/state/head.ts";
import { loadRows, stateUnder, TABLE_NAMES, type TableName, type TableRows } from "../../src/core/state/image.ts";
import type { State, StateOptions } from "../../src/core/state/state.ts";

export interface StateImage extends Readonly<Record<TableName, TableRows>> {
	readonly head: StateHead;
	/** What the next entry that carries a digest will carry: it is of a state that the rows have left behind. */
	readonly nextDigest: string;
}

export function imageOf(state: State): StateImage {
	return {
		head: headOf(state),
		nextDigest: state.digests.next(state),
		calls: state.calls.rows(),
		sessions: state.sessions.rows(),
		accounts: state.accounts.rows(),
		halts: state.halts.rows(),
		controls: state.controls.rows(),
	};
}

/** The state of an image, indexes rebuilt. */
export function stateOf(layout: Layout, image: StateImage, options?: StateOptions): State {
	const state = stateUnder(layout, image.head, image.nextDigest, options);
	for (const name of TABLE_NAMES) loadRows(state, name, image[name]);
	return state;
}
