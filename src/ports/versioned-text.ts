/** A text of which each version is made once: of two that make the next one at once, one has made it and the other knows. */

export interface VersionedText {
	/** The highest version there is; null before the first. */
	latest(): Promise<{ readonly version: number; readonly text: string } | null>;
	/** Resolves once the version survives the machine. False: it, or a later one, is there already, and nothing was changed. */
	add(version: number, text: string): Promise<boolean>;
}
