/** How one set of policies relates to another, from what is known of each direction. */

/**
 * How the first relates to the second. `stricter`: at least as strict, and not proven to be equal. `not-as-strict`: there is a witness
 * that it is not, and whether the second is as strict as the first is not known. `unknown`: whether the first is as strict is not known.
 */
export type Relation = "equal" | "stricter" | "looser" | "incomparable" | "not-as-strict" | "unknown";

/** Is one at least as strict as the other? */
export type Strictness = "yes" | "no" | "unknown";

export interface Directions {
	/** Is the first at least as strict as the second? */
	readonly isAtLeastAsStrict: Strictness;
	/** Is the second at least as strict as the first? */
	readonly isAtMostAsStrict: Strictness;
}

export function relationOf({ isAtLeastAsStrict, isAtMostAsStrict }: Directions): Relation {
	switch (isAtLeastAsStrict) {
		case "yes":
			return isAtMostAsStrict === "yes" ? "equal" : "stricter";
		case "no":
			return WHERE_LOOSER[isAtMostAsStrict];
		case "unknown":
			return "unknown";
	}
}

const WHERE_LOOSER = { yes: "looser", no: "incomparable", unknown: "not-as-strict" } as const;

/** The relation in a sentence without full stop, with what is known of each direction. */
export function relationText(directions: Directions): string {
	const { isAtMostAsStrict } = directions;
	const relation = relationOf(directions);
	switch (relation) {
		case "equal":
			return "the first admits what the second admits, and nothing else";
		case "stricter":
			return "the first admits nothing that the second does not";
		case "looser":
			return "the first admits calls that the second does not";
		case "incomparable":
			return "each admits calls that the other does not";
		case "not-as-strict":
			return "the first is not as strict as the second; whether the second is as strict as the first is not known";
		case "unknown": {
			const open = "whether the first is as strict as the second is not known";
			if (isAtMostAsStrict === "unknown") return `${open}, nor the other way round`;
			return `the second is ${isAtMostAsStrict === "yes" ? "" : "not "}as strict as the first; ${open}`;
		}
	}
}
