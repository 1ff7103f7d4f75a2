/**
 * Whether the keys that one set believes are all believed by another, for the same. No call shows a difference: who signs a record
 * is no part of a call, so that what is broken is told with the key, and for whom it may speak.
 */
import type { NameList } from "../../match/name-globs.ts";
import { type CompiledTrust, hexOf, type TrustedKey, type TrustedPublisher } from "../../policy/trust.ts";
import type { Asker } from "./asker.ts";
import type { Claim } from "./claims.ts";
import { languageOfList } from "./names.ts";

type Trust = CompiledTrust | null;
type Finding = Pick<Claim, "is" | "why">;

const KEPT: Finding = { is: "kept", why: null };

/** One claim for each section of `wide`: that `narrow` believes nobody there whom `wide` does not. */
export function trustClaims(narrow: Trust, wide: Trust, asker: Asker): readonly Claim[] {
	if (wide === null) return [];
	const { name, place } = wide;
	const claim = (scope: string, { is, why }: Finding): Claim => ({
		dimension: "trust",
		scope,
		policy: "",
		rule: name,
		place,
		is,
		witness: null,
		why,
	});
	const publishers = { narrow: narrow?.publishers ?? null, wide: wide.publishers };
	return [
		...(publishers.wide === null
			? []
			: [claim("publishers", publishersFinding(publishers.narrow, publishers.wide, asker))]),
		...(["operators", "approvers"] as const).flatMap((section) => {
			const asked = wide[section];
			return asked === null ? [] : [claim(section, peopleFinding(narrow?.[section] ?? null, asked, section))];
		}),
	];
}

/** The name is part of what is believed: records give it as their issuer. */
function peopleFinding(
	own: readonly TrustedKey[] | null,
	others: readonly TrustedKey[],
	section: "operators" | "approvers",
): Finding {
	if (own === null) return { is: "broken", why: `the other names no ${section}: nobody has to sign` };
	const known = new Set(others.map(({ name, key }) => `${hexOf(key)} ${name}`));
	const more = own.find(({ name, key }) => !known.has(`${hexOf(key)} ${name}`));
	return more === undefined ? KEPT : { is: "broken", why: `the other believes another key of \`${more.name}\`` };
}

/** What a publisher is called counts for nothing: what it may speak for does. */
function publishersFinding(
	own: readonly TrustedPublisher[] | null,
	others: readonly TrustedPublisher[],
	asker: Asker,
): Finding {
	if (own === null) return { is: "broken", why: "the other names no publishers: every one is trusted" };
	const findings = own.map((each) => publisherFinding(each, others, asker));
	return findings.find(({ is }) => is === "broken") ?? findings.find(({ is }) => is === "unknown") ?? KEPT;
}

function publisherFinding(own: TrustedPublisher, others: readonly TrustedPublisher[], asker: Asker): Finding {
	const same = others.filter(({ key }) => hexOf(key) === hexOf(own.key));
	if (same.length === 0) return { is: "broken", why: `the other believes another key of \`${own.name}\`` };
	const parts = same.map((other) =>
		(["tenants", "agents"] as const).map((list) => ({ list, ...inclusion(own[list], other[list], asker) })),
	);
	if (parts.some((lists) => lists.every(({ is }) => is === "included"))) return KEPT;
	const gap = parts.flat().find(({ is }) => is === "not-included");
	const why =
		gap === undefined
			? `it is not known whether \`${own.name}\` speaks for no more there`
			: `there \`${own.name}\` may speak for ${gap.list} that it may not speak for here, such as \`${gap.sample}\``;
	// Of several entries for one key each may allow a part.
	const isShown = same.length === 1 && gap !== undefined;
	return { is: isShown ? "broken" : "unknown", why };
}

function inclusion(own: NameList, other: NameList, asker: Asker): { readonly is: string; readonly sample: string } {
	const found = asker.inclusion(languageOfList(own), languageOfList(other));
	return { is: found.is, sample: found.is === "not-included" ? found.witness : "" };
}
