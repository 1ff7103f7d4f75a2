/**
 * Questions to the process that decides on a log: what it answers at once could also be read from the log, more slowly. A log
 * of one machine has a way to it; through one that many machines share nobody is asked.
 */

export interface Questions {
	/** The first answer that a process which decides on the log has; undefined where none has one. Never throws. */
	ask(question: unknown): Promise<unknown>;
	/** Answers until closed. Null where no question can come. `answer` gives undefined where it has none. */
	serve(answer: (question: unknown) => Promise<unknown>): Promise<{ close(): Promise<void> } | null>;
}

/** Where nobody can be asked. */
export const noQuestions: Questions = {
	ask: async () => undefined,
	serve: async () => null,
};
