/** What a reader of the classifier finds in a text, and what it hands to other readers. */
import type { Fact, Language, Reader } from "../../src/core/classify/fact.ts";

export interface ReaderFindings {
	readonly facts: readonly Fact[];
	readonly within: readonly { readonly language: Language; readonly text: string }[];
}

export function findingsOf(reader: Reader, text: string): ReaderFindings {
	const facts: Fact[] = [];
	const within: { language: Language; text: string }[] = [];
	reader(
		text,
		{ pointer: "/text", span: [0, text.length], via: [] },
		{
			add: (fact) => facts.push(fact),
			spend: () => true,
			within: (language, inner) => within.push({ language, text: inner }),
		},
	);
	return { facts, within };
}
