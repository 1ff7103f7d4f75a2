/** The report of a re-audit as one page that asks no network: bars for the classes, and the calls behind each number. */
import { counted, grouped } from "../../core/base/count-text.ts";
import { visible } from "../../core/base/safe-text.ts";
import { instantText } from "../../core/model/instant.ts";
import { type NamedCounts, type ReplayedCall, ruleOf } from "../../replay/tally.ts";
import { REPLAY_CLASSES } from "../../replay/transition.ts";
import {
	argumentsText,
	CLASS_TITLES,
	callsIn,
	differing,
	differingNames,
	lookAt,
	REPLAY_RULES,
	type ReplayReport,
	rulingText,
	verdictRows,
} from "./replay-report.ts";

/** Calls that a page holds: a browser shows and filters so many at once. */
export const PAGE_CALLS_MAX = 20_000;
const NAMES_SHOWN = 25;

/** `calls`: those that come out otherwise, at most PAGE_CALLS_MAX of them. */
export function replayPage(report: ReplayReport, calls: readonly ReplayedCall[]): string {
	const { candidate, audit, log } = report;
	const { tally, holds, droppedOutcomes, first, last } = audit;
	const { counts } = tally;
	const all = callsIn(counts);
	const differ = differing(counts);
	const largest = Math.max(1, ...REPLAY_CLASSES.map((name) => counts[name]));
	const bars = verdictRows(counts).map(
		([name, count, part]) =>
			`<li><button type="button" data-class="${name}"${name === "unchanged" ? " disabled" : ""}><span class="name">${CLASS_TITLES[name]}</span><span class="track"><span class="bar ${name}" style="width:${((counts[name] / largest) * 100).toFixed(2)}%"></span></span><span class="count">${count}</span><span class="part">${part}</span></button></li>`,
	);
	const rows = calls.map((found) => [
		found.class,
		instantText(found.at),
		`${visible(found.call.tenant)}/${visible(found.call.agent)}`,
		visible(found.call.tool),
		visible(found.call.id),
		visible(ruleOf(found)),
		visible(rulingText(found.recorded)),
		found.candidate === null ? "cannot be decided again" : visible(rulingText(found.candidate)),
		visible(lookAt(found, report)),
		...(report.areArgumentsShown ? [visible(argumentsText(found))] : []),
	]);
	const { answered, unanswered, waiting } = holds;
	const facts = [
		`${counted(all, "call")} of <code>${html(log)}</code>, ${first === null ? "" : instantText(first)} to ${last === null ? "" : instantText(last)}`,
		`decided again under <code>${html(candidate.digest.slice(0, 12))}</code>: ${candidate.files.map((file) => `<code>${html(file)}</code>`).join(", ")}`,
		...(answered + unanswered + waiting === 0
			? []
			: [
					`holds under these policies: ${grouped(answered)} answered by a recorded vote, ${grouped(unanswered)} expired without one, ${grouped(waiting)} still open`,
				]),
		...(droppedOutcomes === 0 ? [] : [`${counted(droppedOutcomes, "outcome")} dropped: the calls would not have run`]),
	];
	const groups = [
		["rule", tally.rules],
		["tool", tally.tools],
		["agent", tally.agents],
		["day", tally.days],
	] as const;
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Replay: ${grouped(differ)} of ${grouped(all)} calls come out otherwise</title>
<style>${LOOKS}</style>
</head>
<body>
<main>
<h1>${differ === 0 ? "Nothing comes out otherwise" : `${counted(differ, "call")} of ${grouped(all)} come out otherwise`}</h1>
<ul class="facts">${facts.map((fact) => `<li>${fact}</li>`).join("")}</ul>
<h2>Verdicts</h2>
<ul class="bars">${bars.join("")}</ul>
${differ === 0 ? "" : `<div class="groups">${groups.map(([title, names]) => groupHtml(title, names)).join("")}</div>${CALLS}`}
${differ > calls.length ? `<p class="note">The page holds ${grouped(calls.length)} of the ${grouped(differ)} calls; narrow the range, or read <code>--json</code>.</p>` : ""}
<h2>How it was told otherwise</h2>
<ul>${REPLAY_RULES.map((rule) => `<li>${html(rule)}</li>`).join("")}</ul>
</main>
<script type="application/json" id="calls">${json(rows)}</script>
<script type="application/json" id="titles">${json(CLASS_TITLES)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function groupHtml(title: string, names: NamedCounts): string {
	const { classes, shown, more: left } = differingNames(names, NAMES_SHOWN);
	const head = [`<th>${title}</th>`, ...classes.map((name) => `<th class="count">${CLASS_TITLES[name]}</th>`)].join("");
	const rows = shown.map(([name, counts]) => {
		const cells = classes.map((each) =>
			counts[each] === 0 || name === null
				? `<td class="count">${grouped(counts[each])}</td>`
				: `<td class="count"><button type="button" data-class="${each}" data-${title}="${html(visible(name))}">${grouped(counts[each])}</button></td>`,
		);
		return `<tr><th scope="row">${name === null ? "others" : html(visible(name))}</th>${cells.join("")}</tr>`;
	});
	const more = left > 0 ? `<p class="note">${grouped(left)} more</p>` : "";
	return `<section><h2>By ${title}</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>${more}</section>`;
}

const CALLS = `<h2 id="list">Calls</h2>
<form class="filter" onsubmit="return false">
<label>contains <input id="text" type="search" autocomplete="off" placeholder="agent, tool, id, rule, day"></label>
<label>verdict <select id="class"><option value="">all</option></select></label>
<button type="reset" id="all">show all</button>
<output id="shown"></output>
</form>
<div class="scroll"><table class="calls"><thead><tr><th>verdict</th><th>decided</th><th>agent</th><th>tool</th><th>call</th><th>was</th><th>now</th><th>look</th></tr></thead><tbody id="rows"></tbody></table></div>
<p><button type="button" id="more" hidden>show more</button></p>`;

const html = (text: string): string =>
	text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Nothing in it ends the element that holds it. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const LOOKS = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--paper:#fff;--raised:#f6f8fa;--deny:#cf222e;--allow:#1a7f37;--hold:#9a6700;--other:#0969da;--same:#8c959f}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--paper:#0d1117;--raised:#151b23;--deny:#f85149;--allow:#3fb950;--hold:#d29922;--other:#4493f8;--same:#656c76}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1180px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:24px;line-height:1.25;margin:0 0 8px}h2{font-size:16px;margin:32px 0 8px}
code,.calls td:last-child,.calls td:nth-child(5),.calls td.arguments{font:12.5px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
.facts,.bars{list-style:none;margin:0;padding:0}.facts,.note{color:var(--soft)}
button,input,select{font:inherit;color:inherit}
.bars button{display:grid;grid-template-columns:190px 1fr 80px 64px;gap:12px;align-items:center;width:100%;padding:4px 0;border:0;background:none;text-align:left;cursor:pointer}
.bars button:disabled{cursor:default}
.bars button:not(:disabled):hover .name,td button:hover{text-decoration:underline}
.track{background:var(--raised);border-radius:4px;overflow:hidden}.bar{display:block;height:14px;min-width:2px;border-radius:4px;background:var(--other)}
.bar.unchanged,.bar.unreplayable{background:var(--same)}.bar.allow-to-deny,.bar.hold-to-deny{background:var(--deny)}.bar.deny-to-allow,.bar.hold-to-allow{background:var(--allow)}.bar.allow-to-hold,.bar.deny-to-hold{background:var(--hold)}
.count,.part{text-align:right;font-variant-numeric:tabular-nums}.part{color:var(--soft)}
.groups{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:0 32px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
thead th{color:var(--soft);font-size:13px;white-space:nowrap}th.count,td.count{text-align:right}
th[scope=row]{min-width:170px;overflow-wrap:anywhere}.groups thead th{white-space:normal;vertical-align:bottom}.groups thead th.count{min-width:64px}
td button{border:0;background:none;padding:0;cursor:pointer;color:var(--other);font-variant-numeric:tabular-nums}
.filter{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin-bottom:8px}
.filter input,.filter select,.filter button,#more{padding:4px 8px;border:1px solid var(--line);border-radius:6px;background:var(--raised)}
.filter output{color:var(--soft)}
:focus-visible{outline:2px solid var(--other);outline-offset:1px}
@media (max-width:640px){
.bars button{grid-template-columns:1fr 64px 56px}.bars .track{grid-column:1/-1;order:4}
.calls thead{display:none}.calls tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}.calls td{display:block;border:0;padding:1px 0}
.calls td::before{content:attr(data-title) " ";color:var(--soft);font:13px system-ui,sans-serif}
}`;

const SCRIPT = `
"use strict";
const calls = JSON.parse(document.getElementById("calls").textContent);
const titles = JSON.parse(document.getElementById("titles").textContent);
const at = (id) => document.getElementById(id);
if (at("rows")) {
  const PAGE = 100, NAMES = { rule: 5, tool: 3, agent: 2, day: 1 };
  const COLUMNS = [["verdict", 0], ["decided", 1], ["agent", 2], ["tool", 3], ["call", 4], ["was", 6], ["now", 7], ["look", 8]];
  let found = calls, shown = 0, exact = null;
  for (const name of Object.keys(titles)) {
    if (!calls.some((call) => call[0] === name)) continue;
    at("class").append(new Option(titles[name], name));
  }
  const show = () => {
    for (const call of found.slice(shown, shown + PAGE)) {
      const row = at("rows").insertRow();
      for (const [title, column] of COLUMNS) {
        const cell = row.insertCell();
        cell.dataset.title = title;
        cell.textContent = column === 0 ? titles[call[0]] : call[column];
      }
      if (call.length > 9) {
        const cell = at("rows").insertRow().insertCell();
        cell.colSpan = COLUMNS.length;
        cell.className = "arguments";
        cell.textContent = call[9];
      }
    }
    shown = Math.min(found.length, shown + PAGE);
    at("more").hidden = shown >= found.length;
    at("shown").textContent = found.length.toLocaleString("en") + (found.length === 1 ? " call" : " calls") + (exact ? " of " + exact[1] : "");
  };
  const filter = () => {
    const text = at("text").value.toLowerCase(), name = at("class").value;
    found = calls.filter((call) => (name === "" || call[0] === name)
      && (exact === null || (exact[0] === "day" ? call[1].startsWith(exact[1]) : call[NAMES[exact[0]]] === exact[1]))
      && (text === "" || call.some((part, column) => column > 0 && part.toLowerCase().includes(text))));
    at("rows").textContent = "";
    shown = 0;
    show();
  };
  at("text").addEventListener("input", filter);
  at("class").addEventListener("change", filter);
  at("more").addEventListener("click", show);
  at("all").addEventListener("click", () => { exact = null; at("text").value = ""; at("class").value = ""; filter(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-class]");
    if (button === null || button.disabled) return;
    const { class: name, ...rest } = button.dataset;
    exact = Object.entries(rest)[0] ?? null;
    at("class").value = name;
    at("text").value = "";
    filter();
    at("list").scrollIntoView();
  });
  filter();
}
`;
