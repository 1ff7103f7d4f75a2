/** Findings of `policy lint` for people, in the form of problems: the id stands where they have a code. */
import type { AcceptedFinding } from "../../core/analysis/lint/acceptances.ts";
import type { Finding } from "../../core/analysis/lint/finding.ts";
import { placeText } from "../../core/base/errors.ts";
import { visibleLines } from "../../core/base/safe-text.ts";

export const findingText = ({ place, id, certainty, message, help }: Finding): string =>
	visibleLines(`${placeText(place)}  ${id}  ${certainty === "likely" ? "likely: " : ""}${message}\nhelp: ${help}`);

export const acceptedText = ({ place, id, reason }: AcceptedFinding): string =>
	visibleLines(`${placeText(place)}  ${id}  accepted: ${reason}`);
