import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Browser, isBrowserWanted, type Page, type Viewport } from "../support/browser.ts";

const VIEWS: readonly (readonly [string, Viewport])[] = [
	["a screen, light", { width: 1_280, height: 900, scheme: "light" }],
	["a screen, dark", { width: 1_280, height: 900, scheme: "dark" }],
	["a telephone, light", { width: 390, height: 844, scheme: "light", isMobile: true }],
	["a telephone, dark", { width: 390, height: 844, scheme: "dark", isMobile: true }],
];

const isWanted = isBrowserWanted();
let folder = "";
let url = "";
let browser: Browser;
let report: Report;

/** What `--json` says of the same run. */
interface Report {
	readonly counts: Readonly<Record<string, number>>;
	readonly calls: number;
	readonly by: Readonly<Record<string, readonly Readonly<Record<string, number | string>>[]>>;
	readonly samples: Readonly<Record<string, Record<"first" | "costliest", readonly { readonly id: string }[]>>>;
}

beforeAll(async () => {
	if (!isWanted) return;
	folder = await mkdtemp(join(tmpdir(), "assent-page-"));
	const main = resolve("src/cli/main.ts");
	const run = (args: readonly string[]) =>
		promisify(execFile)(process.execPath, [main, ...args], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
	await run(["demo"]);
	const page = join(folder, "report.html");
	const args = ["--policy", resolve("policies/coding-agent.yaml"), "--html", page, "--show-arguments", "--json"];
	const { stdout } = await run(["replay", "--log", "file:.assent/demo.db", ...args]);
	report = JSON.parse(stdout) as Report;
	url = pathToFileURL(page).href;
	browser = await Browser.open();
}, 120_000);

afterAll(async () => {
	if (!isWanted) return;
	await browser?.close();
	await rm(folder, { recursive: true, force: true });
});

async function opened(view: Viewport): Promise<Page> {
	const page = await browser.page(view);
	await page.go(url);
	return page;
}

const SCREEN = VIEWS[0]?.[1] as Viewport;
const shown = (page: Page): Promise<string> => page.evaluate<string>("document.getElementById('shown').textContent");
const ids = (page: Page): Promise<readonly string[]> =>
	page.evaluate("[...document.querySelectorAll('#rows td.call')].map((cell) => cell.textContent)");
/** As a user does it: the value, then the event. */
const choose = (page: Page, id: string, value: string): Promise<void> =>
	page.evaluate(`{ const of = document.getElementById(${JSON.stringify(id)}); of.value = ${JSON.stringify(value)};
		of.dispatchEvent(new Event(of.tagName === "SELECT" ? "change" : "input", { bubbles: true })); }`);

describe.runIf(isWanted).each(VIEWS)("the page of a replay on %s", (_, view) => {
	it("asks no network, complains of nothing, and is no wider than the screen", async () => {
		const page = await opened(view);
		await page.evaluate("document.querySelectorAll('.unfold').forEach((button) => button.click())");
		expect(page.requests).toEqual([url]);
		expect(page.complaints).toEqual([]);
		expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(view.width);
		expect(await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")).toBe(view.scheme === "dark");
		// Nothing is pushed out of its place, and no text lies over another.
		const crossing = await page.evaluate<readonly string[]>(OUT_OF_PLACE);
		expect(crossing).toEqual([]);
	});

	it("can be read: each text stands out from what is behind it", async () => {
		const page = await opened(view);
		const faint = await page.evaluate<readonly string[]>(FAINT);
		expect(faint).toEqual([]);
	});
});

/** Cells of the list whose text is wider than they are. */
const OUT_OF_PLACE = `[...document.querySelectorAll(".calls td, .calls th, .bars button > *, .filter *")]
	.filter((of) => of.scrollWidth > of.clientWidth + 1 && of.clientWidth > 0 && getComputedStyle(of).display !== "inline")
	.map((of) => of.className + " " + of.textContent.slice(0, 40))`;

/** Texts whose contrast is below that of WCAG 2.2, 1.4.3, level AA: 4.5, of large ones 3. */
const FAINT = `(() => {
	const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
	const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
		.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
		.reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
	const behind = (of) => {
		for (let at = of; at !== null; at = at.parentElement) {
			const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
			if (alpha === 1) return [r, g, b];
		}
		return [255, 255, 255];
	};
	const found = new Set();
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const of = texts.currentNode.parentElement;
		// A dot stands for no number.
		if (texts.currentNode.textContent.trim() === "" || of.closest("script, .none") || of.offsetParent === null) continue;
		const style = getComputedStyle(of);
		const [one, other] = [light(parse(style.color)), light(behind(of))];
		const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
		const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
		if (contrast < (isLarge ? 3 : 4.5)) found.add(of.tagName + "." + of.className + " " + contrast.toFixed(2));
	}
	return [...found];
})()`;

describe.runIf(isWanted)("the page of a replay", () => {
	it("shows the calls behind each number", { timeout: 60_000 }, async () => {
		const page = await opened(SCREEN);
		const differing = report.calls - (report.counts["unchanged"] ?? 0);
		expect(await shown(page)).toBe(`${differing.toLocaleString("en")} calls`);
		// Every button of a bar and of a table: the number that it bears is the number of calls that it shows.
		const pressed = await page.evaluate<readonly (readonly [string, string, string])[]>(`
			[...document.querySelectorAll("button[data-class]:not(:disabled)")].map((button) => {
				button.click();
				const number = (button.querySelector(".count") ?? button).textContent;
				return [JSON.stringify({ ...button.dataset }), number, document.getElementById("shown").textContent];
			})`);
		const cells = Object.values(report.by).flatMap((rows) =>
			rows.flatMap(({ name: _name, unchanged: _unchanged, ...each }) => Object.values(each)),
		);
		const bars = Object.entries(report.counts).filter(([name, count]) => name !== "unchanged" && count > 0);
		expect(pressed).toHaveLength(cells.filter((count) => Number(count) > 0).length + bars.length);
		for (const [what, number, said] of pressed) {
			expect({ what, said: said.split(" ")[0] }).toEqual({ what, said: number });
		}
	});

	it("filters by text and verdict, pages, and shows all again", async () => {
		const page = await opened(SCREEN);
		const all = await shown(page);
		expect(await ids(page)).toHaveLength(100);
		await page.evaluate("document.getElementById('more').click()");
		expect(await ids(page)).toHaveLength(200);
		await choose(page, "class", "deny-to-allow");
		expect(await shown(page)).toBe(`${report.counts["deny-to-allow"]} calls`);
		const [first] = report.samples["deny-to-allow"]?.first ?? [];
		await choose(page, "text", first?.id ?? "");
		expect(await ids(page)).toEqual([first?.id]);
		await choose(page, "text", "no such call");
		expect(await shown(page)).toBe("0 calls");
		await page.evaluate("document.getElementById('all').click()");
		expect(await shown(page)).toBe(all);
	});

	it("has the first calls of each class, and the costliest, as the other reports have them", async () => {
		const page = await opened(SCREEN);
		for (const [name, { first, costliest }] of Object.entries(report.samples)) {
			await choose(page, "order", "");
			await choose(page, "class", name);
			const early = await ids(page);
			expect(early.slice(0, first.length).sort()).toEqual(first.map(({ id }) => id).sort());
			await choose(page, "order", "cost");
			const dear = await ids(page);
			expect(dear.slice(0, costliest.length)).toEqual(costliest.map(({ id }) => id));
		}
	});

	it("shows each call's arguments and the command that looks at it", async () => {
		const page = await opened(SCREEN);
		const details = await page.evaluate<readonly string[]>(
			"[...document.querySelectorAll('.detail')].slice(0, 2).map((line) => line.textContent)",
		);
		expect(details[0]).toMatch(/^\{".*\}$/);
		expect(details[1]).toMatch(
			/^assent policy explain --decision c-\d+ --tenant \w+ --agent \w+ --log file:\.assent\/demo\.db$/,
		);
	});
});
