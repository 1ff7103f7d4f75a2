/** What a processor answers operators at once, to whoever can ask it through the log (see `operations/questions.ts`). */
import type { Layout } from "../core/model/layout.ts";
import { sliceOf } from "../core/state/slice.ts";
import type { Answer, Question } from "../operations/questions.ts";
import type { Log } from "../ports/log/log.ts";
import type { Processor } from "./processor.ts";

/** Answers until closed. Null where no question can come. */
export const answerFor = (log: Log, layout: Layout, processor: Processor): Promise<{ close(): Promise<void> } | null> =>
	log.questions.serve((asked) => {
		const { partition, wanted } = asked as Question;
		return processor.inspect(
			partition,
			({ state }, place): Answer => ({ layout, place, slice: wanted === null ? null : sliceOf(state, wanted) }),
		);
	});
