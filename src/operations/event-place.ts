/**
 * How far somebody has heard the events of a deployment: of each topic that they come from, the next offset of each partition. As
 * one short text it is the id of an event, behind which any gateway goes on.
 */
import type { Offset } from "../core/model/units.ts";
import { TOPICS } from "../ports/log/log.ts";

/** Topics that events come from, by the letter that stands for them. */
const LETTERS = { d: TOPICS.decisions, c: TOPICS.checkpoints, i: TOPICS.intents } as const;

type Letter = keyof typeof LETTERS;

export type EventTopic = (typeof LETTERS)[Letter];

/** Of each topic the next offset of each partition. */
export type EventPlace = ReadonlyMap<EventTopic, readonly Offset[]>;

/** `d1k.0.2s_c4.0.1`: offsets in base 36. */
export const placeText = (place: EventPlace): string =>
	Object.entries(LETTERS)
		.flatMap(([letter, topic]) => {
			const offsets = place.get(topic);
			return offsets === undefined ? [] : [`${letter}${offsets.map((offset) => offset.toString(36)).join(".")}`];
		})
		.join("_");

/** Null for a text that no gateway of a log with so many partitions has made. */
export function parsePlace(text: string, partitions: number): EventPlace | null {
	const place = new Map<EventTopic, readonly Offset[]>();
	for (const part of text.split("_")) {
		const topic = LETTERS[part[0] as Letter];
		const offsets = part.slice(1).split(".");
		const isWhole = offsets.length === partitions && offsets.every(isOffset);
		if (topic === undefined || !Object.hasOwn(LETTERS, part[0] as string) || !isWhole || place.has(topic)) return null;
		place.set(
			topic,
			offsets.map((offset) => Number.parseInt(offset, 36)),
		);
	}
	return place;
}

/** One spelling for each offset, below 2^53. */
const isOffset = (text: string): boolean => OFFSET.test(text) && Number.isSafeInteger(Number.parseInt(text, 36));

const OFFSET = /^(?:0|[1-9a-z][0-9a-z]{0,10})$/;
