/** The figures of one group of sessions, as text. */
import type { PlayedSession } from "./played.ts";
import type { SessionGroup } from "./sessions.ts";

export function report(
	{ sessions }: SessionGroup,
	{
		played,
		rules,
		shownMax,
	}: { readonly played: readonly PlayedSession[]; readonly rules: readonly string[]; readonly shownMax: number },
): string {
	const all = played.length;
	const lines = rules.map((rule) => {
		const begun = played.filter((session) => session.begun.has(rule)).length;
		return line(rule, played.filter(({ stopped }) => stopped.has(rule)).length, all, `  begun in ${begun}`);
	});
	const any = line("any of them", played.filter(({ stopped }) => stopped.size > 0).length, all, "");
	return `${[...lines, any, ...shown(sessions, played).slice(0, shownMax)].join("\n")}\n\n`;
}

function line(name: string, stopped: number, all: number, rest: string): string {
	const [low, high] = interval(stopped, all);
	const share = `${percent(stopped / all)} (${stopped}/${all})  95 %: ${percent(low)}–${percent(high)}`;
	return `  ${name.padEnd(30)}${share}${rest}`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Wilson's interval of a share, with a confidence of 95 %. */
function interval(of: number, all: number): readonly [low: number, high: number] {
	const z = 1.96;
	const share = of / all;
	const middle = share + (z * z) / (2 * all);
	const half = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
	const scale = 1 + (z * z) / all;
	return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

function shown(sessions: SessionGroup["sessions"], played: readonly PlayedSession[]): readonly string[] {
	return played.flatMap(({ stopped }, at) =>
		[...stopped].map(([rule, { index, tool, args }]) => {
			const call = `${tool} ${JSON.stringify(args)}`.slice(0, 200);
			return `    session ${at}, call ${index + 1} of ${sessions[at]?.length}: ${rule}  ${call}`;
		}),
	);
}
