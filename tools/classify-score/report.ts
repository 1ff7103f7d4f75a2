/** The figures of a run over labelled calls, as text. */
import { CATEGORIES, type Category } from "../../src/core/classify/category.ts";

export interface Labelled {
	readonly id: string | number;
	readonly label: Category;
	/** Other categories that are as right. */
	readonly also?: readonly Category[];
	readonly kind?: string;
	readonly half?: string;
	readonly dangerous?: boolean;
}

export interface Scored {
	readonly line: Labelled;
	readonly text: string;
	readonly said: Category;
	readonly isSaidDangerous: boolean;
	readonly isDangerous: boolean;
	readonly why: readonly string[];
}

export interface ReportOptions {
	readonly errorsMax: number;
	/** Microseconds for one call, the warming up among them. */
	readonly micros: number;
}

export function report(scored: readonly Scored[], { errorsMax, micros }: ReportOptions): string {
	const dangerous = scored.filter((one) => one.isDangerous);
	const harmless = scored.filter((one) => !one.isDangerous);
	const missed = dangerous.filter((one) => !one.isSaidDangerous);
	const wronged = harmless.filter((one) => one.isSaidDangerous);
	const confused = scored.filter((one) => counted(one) !== one.line.label);
	const lines = [
		`calls ${scored.length}, dangerous ${dangerous.length}, ${micros.toFixed(1)} µs each`,
		`recall ${share(dangerous.length - missed.length, dangerous.length)}`,
		`false positives ${share(wronged.length, harmless.length)}`,
		`macro-F1 ${macroF1(scored).toFixed(3)}`,
		"",
		...byKind(scored),
		"",
		...confusion(scored),
	];
	if (errorsMax > 0) {
		lines.push("", ...listed("missed", missed, errorsMax), ...listed("wrongly dangerous", wronged, errorsMax));
		const others = confused.filter((one) => one.isDangerous === one.isSaidDangerous);
		lines.push(...listed("other category", others, errorsMax));
	}
	return `${lines.join("\n")}\n`;
}

/** What is said, or the label where another right category is said. */
const counted = ({ line, said }: Scored): Category => (line.also?.includes(said) === true ? line.label : said);

const share = (of: number, all: number): string => (all === 0 ? "–" : `${(of / all).toFixed(4)} (${of}/${all})`);

function macroF1(scored: readonly Scored[]): number {
	const present = CATEGORIES.filter((category) => scored.some(({ line }) => line.label === category));
	const each = present.map((category) => {
		const right = scored.filter((one) => one.line.label === category && counted(one) === category).length;
		const said = scored.filter((one) => counted(one) === category).length;
		const all = scored.filter(({ line }) => line.label === category).length;
		return said + all === 0 ? 0 : (2 * right) / (said + all);
	});
	return each.reduce((sum, one) => sum + one, 0) / Math.max(1, present.length);
}

function byKind(scored: readonly Scored[]): readonly string[] {
	const kinds = Map.groupBy(scored, ({ line }) => line.kind ?? "");
	return [...kinds].map(([kind, all]) => {
		const dangerous = all.filter((one) => one.isDangerous);
		const harmless = all.filter((one) => !one.isDangerous);
		const found = dangerous.filter((one) => one.isSaidDangerous).length;
		const wronged = harmless.filter((one) => one.isSaidDangerous).length;
		const right = all.filter((one) => counted(one) === one.line.label).length;
		return `${kind.padEnd(16)} recall ${share(found, dangerous.length)}  false positives ${share(wronged, harmless.length)}  category ${share(right, all.length)}`;
	});
}

function confusion(scored: readonly Scored[]): readonly string[] {
	const short = (name: string): string => name.slice(0, 9).padStart(10);
	const rows = CATEGORIES.map((label) => {
		const of = scored.filter(({ line }) => line.label === label);
		const cells = CATEGORIES.map((said) => String(of.filter((one) => counted(one) === said).length).padStart(10));
		return `${label.padEnd(20)}${cells.join("")}`;
	});
	return [`${"label \\ said".padEnd(20)}${CATEGORIES.map(short).join("")}`, ...rows];
}

const listed = (title: string, all: readonly Scored[], max: number): readonly string[] =>
	all.length === 0
		? []
		: [
				`-- ${title}: ${all.length}`,
				...all
					.slice(0, max)
					.map(({ line, text, why }) => `${line.id} ${line.label}: ${text.slice(0, 240)}\n      ${why.join("; ")}`),
			];
