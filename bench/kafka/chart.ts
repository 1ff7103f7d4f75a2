/** Line charts as SVG text, side by side. Values are on a linear scale from 0. */

/** A chart with its axes; the units are in the labels. */
export interface Panel {
	readonly title: string;
	readonly xLabel: string;
	readonly yLabel: string;
	/** Points are (x, y), x rising. */
	readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

const WIDTH = 400;
const HEIGHT = 280;
const PLOT = { left: 52, right: 380, top: 34, bottom: 232 } as const;
const COLOURS = ["#1f6feb", "#d1570a", "#1a7f37", "#8250df"] as const;
const INK = "#24292f";
const GRID = "#d8dee4";
const TICKS = 4;

/** One picture. It brings its own white ground, so that it can be read on a dark page. */
export function chartsOf(panels: readonly Panel[]): string {
	const width = WIDTH * panels.length;
	const label = panels.map(({ title, yLabel }) => `${yLabel} by ${title}`).join("; ");
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${escaped(label)}" font-family="sans-serif" font-size="12" fill="${INK}">`,
		`<rect width="${width}" height="${HEIGHT}" fill="#ffffff"/>`,
		...panels.map((panel, index) => `<g transform="translate(${index * WIDTH} 0)">\n${panelOf(panel)}\n</g>`),
		"</svg>\n",
	].join("\n");
}

function panelOf({ title, xLabel, yLabel, lines }: Panel): string {
	const points = lines.flatMap((line) => line.points);
	const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
	const yStep = stepFor(Math.max(...points.map(([, y]) => y), 0));
	const xOf = (x: number): number => PLOT.left + ((PLOT.right - PLOT.left) * x) / Math.max(1, xs.at(-1) ?? 1);
	const yOf = (y: number): number => PLOT.bottom - ((PLOT.bottom - PLOT.top) * y) / (yStep * TICKS);
	const middle = (PLOT.left + PLOT.right) / 2;
	const centre = (PLOT.top + PLOT.bottom) / 2;
	return [
		text(middle, 18, title, 'text-anchor="middle" font-weight="bold"'),
		...Array.from({ length: TICKS + 1 }, (_, tick) => tick * yStep).flatMap((y) => [
			`<path d="M${PLOT.left} ${round(yOf(y))}H${PLOT.right}" stroke="${GRID}"/>`,
			text(PLOT.left - 6, yOf(y) + 4, String(Number(y.toPrecision(3))), 'text-anchor="end"'),
		]),
		...xs.map((x) => text(xOf(x), PLOT.bottom + 16, x.toLocaleString("en"), 'text-anchor="middle"')),
		text(middle, HEIGHT - 14, xLabel, 'text-anchor="middle"'),
		text(14, centre, yLabel, `text-anchor="middle" transform="rotate(-90 14 ${centre})"`),
		...lines.flatMap(({ name, points: of }, index) => {
			const colour = COLOURS[index % COLOURS.length] ?? INK;
			const at = of.map(([x, y]) => `${round(xOf(x))} ${round(yOf(y))}`);
			const legend = PLOT.left + 10 + index * 70;
			return [
				`<path d="M${at.join("L")}" fill="none" stroke="${colour}" stroke-width="2"/>`,
				...of.map(([x, y]) => `<circle cx="${round(xOf(x))}" cy="${round(yOf(y))}" r="3" fill="${colour}"/>`),
				`<path d="M${legend} ${PLOT.top + 4}h18" stroke="${colour}" stroke-width="2"/>`,
				text(legend + 24, PLOT.top + 8, name, ""),
			];
		}),
	].join("\n");
}

const text = (x: number, y: number, content: string, attributes: string): string =>
	`<text x="${round(x)}" y="${round(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escaped(content)}</text>`;

/** The smallest 1, 2 or 5 × 10ⁿ of which this many steps reach the maximum. */
function stepFor(max: number): number {
	const least = Math.max(max, 0.001) / TICKS;
	const power = 10 ** Math.floor(Math.log10(least));
	return ([1, 2, 2.5, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

const round = (value: number): number => Number(value.toFixed(1));

const escaped = (content: string): string =>
	content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
