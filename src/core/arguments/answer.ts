/**
 * What a test says of one value: that it holds, that it does not, or that the value cannot be read for certain. Doubt is an
 * answer of its own, because a rule that stops calls and a rule that lets them pass must each take it to the safe side.
 */
export type Answer = "yes" | "no" | "unreadable";

export const answerOf = (holds: boolean): Answer => (holds ? "yes" : "no");

/** One of several things is enough. Of none, none holds. */
export function anyOf(answers: Iterable<Answer>): Answer {
	let found: Answer = "no";
	for (const answer of answers) {
		if (answer === "yes") return "yes";
		if (answer === "unreadable") found = "unreadable";
	}
	return found;
}

/** All of several things must hold. */
export function allOf(answers: Iterable<Answer>): Answer {
	let found: Answer = "yes";
	for (const answer of answers) {
		if (answer === "no") return "no";
		if (answer === "unreadable") found = "unreadable";
	}
	return found;
}

/** A text that can be read in several ways: where they differ, nobody knows. Without any reading, nobody knows either. */
export function agreed(answers: Iterable<Answer>): Answer {
	let found: Answer | null = null;
	for (const answer of answers) {
		if (found !== null && found !== answer) return "unreadable";
		found = answer;
	}
	return found ?? "unreadable";
}
