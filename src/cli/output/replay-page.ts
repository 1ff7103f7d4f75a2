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
	estimateText,
	groupsOf,
	lookAt,
	outcomeText,
	REPLAY_RULES,
	type ReplayReport,
	rulingText,
	verdictRows,
} from "./replay-report.ts";

/** Of every page. */
export const PAGE_BEGINNING = "<!doctype html>\n";

/** Calls that a page holds: a browser shows and filters so many at once. */
export const PAGE_CALLS_MAX = 20_000;
const NAMES_SHOWN = 100;
/** Names of a table that are there at first. */
const ROWS_FOLDED = 8;

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
		visible(outcomeText(found)),
		visible(lookAt(found, report)),
		estimateText(found),
		found.estimate.costMicros + found.estimate.tokens / 1e9,
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
	return `${PAGE_BEGINNING}<html lang="en">
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
${
	differ === 0
		? ""
		: `<div class="groups">${groupsOf(tally)
				.map(([title, names]) => groupHtml(title, names))
				.join("")}</div>${CALLS}`
}
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
	const head = [
		`<th scope="col">${title}</th>`,
		...classes.map((name) => `<th scope="col" class="count">${CLASS_TITLES[name]}</th>`),
	].join("");
	const rows = shown.map(([name, counts], at) => {
		const label = name === null ? "others" : html(visible(name));
		const cells = classes.map((each) => {
			const count = grouped(counts[each]);
			if (counts[each] === 0) return '<td class="count none">·</td>';
			if (name === null) return `<td class="count">${count}</td>`;
			const said = `${count}, ${CLASS_TITLES[each]}, ${label}`;
			return `<td class="count"><button type="button" data-class="${each}" data-${title}="${label}" aria-label="${said}">${count}</button></td>`;
		});
		return `<tr${at < ROWS_FOLDED ? "" : ' class="folded"'}><th scope="row">${label}</th>${cells.join("")}</tr>`;
	});
	const folded = shown.length - ROWS_FOLDED;
	const unfold = folded > 0 ? `<p><button type="button" class="unfold">show ${grouped(folded)} more</button></p>` : "";
	const more =
		left > 0 ? `<p class="note${folded > 0 ? " folded" : ""}">and ${grouped(left)} that are not listed</p>` : "";
	return `<section class="group"><h2>By ${title}</h2><div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>${unfold}${more}</section>`;
}

const CALLS = `<h2 id="list">Calls</h2>
<form class="filter" onsubmit="return false">
<label>contains <input id="text" type="search" autocomplete="off" placeholder="agent, tool, id, rule, day"></label>
<label>verdict <select id="class"><option value="">all</option></select></label>
<label>order <select id="order"><option value="">first</option><option value="cost">costliest</option></select></label>
<button type="button" id="all">show all</button>
<output id="shown"></output>
</form>
<table class="calls"><thead><tr><th scope="col">verdict</th><th scope="col">decided</th><th scope="col">agent</th><th scope="col">tool</th><th scope="col">call</th><th scope="col">was</th><th scope="col">now</th><th scope="col">estimate</th></tr></thead><tbody id="rows"></tbody></table>
<p><button type="button" id="more" hidden>show more</button></p>`;

const html = (text: string): string =>
	text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Nothing in it ends the element that holds it. */
const json = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

const LOOKS = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--faint:#8c959f;--line:#d1d9e0;--paper:#fff;--raised:#f6f8fa;--link:#0757ba;--deny:#c11d28;--allow:#1a7f37;--hold:#8a5c00;--other:#0969da;--same:#8c959f}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--faint:#656c76;--line:#30363d;--paper:#0d1117;--raised:#151b23;--link:#6cb0ff;--deny:#ff6a62;--allow:#46c35b;--hold:#d9a127;--other:#4493f8;--same:#656c76}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1200px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 12px;letter-spacing:-.01em}h2{font-size:16px;margin:40px 0 8px}
code,.calls .call,.detail{font:12.5px/1.6 ui-monospace,monospace;overflow-wrap:anywhere}
.facts,.bars{list-style:none;margin:0;padding:0}.facts,.note{color:var(--soft)}
button,input,select{font:inherit;color:inherit}
.bars button{display:grid;grid-template-columns:220px 1fr 72px 64px;gap:16px;align-items:center;width:100%;padding:5px 0;border:0;background:none;text-align:left;cursor:pointer}
.bars button:disabled{cursor:default;color:inherit}
.bars button:not(:disabled):hover .name,td button:hover{text-decoration:underline}
.track{background:var(--raised);border-radius:4px;overflow:hidden}.bar{display:block;height:14px;min-width:3px;border-radius:4px;background:var(--other)}
.bar.unchanged,.bar.unreplayable{background:var(--same)}.bar.allow-to-deny,.bar.hold-to-deny{background:var(--deny)}.bar.deny-to-allow,.bar.hold-to-allow{background:var(--allow)}.bar.allow-to-hold,.bar.deny-to-hold{background:var(--hold)}
.count,.part{text-align:right;font-variant-numeric:tabular-nums}.part{color:var(--soft)}
.groups{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:0 48px;align-items:start}
.group{min-width:0}
.scroll{overflow-x:auto;background:linear-gradient(90deg,var(--paper) 40%,transparent) left/40px 100% no-repeat local,linear-gradient(-90deg,var(--paper) 40%,transparent) right/40px 100% no-repeat local,linear-gradient(90deg,var(--line),transparent) left/10px 100% no-repeat,linear-gradient(-90deg,var(--line),transparent) right/10px 100% no-repeat}
table{border-collapse:collapse;width:100%}
th,td{padding:6px 8px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
thead th{color:var(--soft);font-size:13px}th.count,td.count{text-align:right}
.groups th[scope=row]{min-width:120px;overflow-wrap:anywhere}.groups thead th{vertical-align:bottom;line-height:1.3}.groups .count{width:1%;min-width:72px}
.none{color:var(--faint)}
td button{border:0;background:none;padding:0;cursor:pointer;color:var(--link);font-variant-numeric:tabular-nums}
.folded{display:none}.all tr.folded{display:table-row}.all p.folded{display:block}
.filter{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center;margin-bottom:12px}
.filter label{color:var(--soft)}.filter input,.filter select{color:var(--ink)}
.filter input,.filter select,.filter button,#more,.unfold{padding:4px 10px;border:1px solid var(--line);border-radius:6px;background:var(--raised);cursor:pointer}
.filter input{cursor:text;width:230px;max-width:100%}
.filter output{color:var(--soft);margin-left:auto}
.calls{table-layout:fixed}.calls th:nth-child(1){width:136px}.calls th:nth-child(2){width:176px}.calls th:nth-child(5),.calls th:nth-child(8){width:96px}.calls th:nth-child(6){width:16%}.calls th:nth-child(7){width:18%}.calls th:last-child{text-align:right}.calls .estimate{text-align:right}
.calls td{overflow-wrap:anywhere}.calls td.when,.calls td.verdict{white-space:nowrap}.calls tr:not(.more) td{border-bottom:0;padding-bottom:0}
.calls .verdict{font-weight:600}.verdict.allow-to-deny,.verdict.hold-to-deny{color:var(--deny)}.verdict.deny-to-allow,.verdict.hold-to-allow{color:var(--allow)}.verdict.allow-to-hold,.verdict.deny-to-hold{color:var(--hold)}
.calls .verdict.reason,.calls .verdict.budget,.calls .verdict.unreplayable{font-weight:400;white-space:normal}
.more td{padding-top:2px;padding-bottom:10px}.detail{margin:0}.detail.look{color:var(--soft)}.detail.arguments{background:var(--raised);border-radius:4px;padding:4px 8px;margin:4px 0}
:focus-visible{outline:2px solid var(--other);outline-offset:1px}
@media (max-width:760px){
main{padding:20px 16px 48px}h1{font-size:22px}
.bars button{grid-template-columns:1fr 64px 60px;gap:4px 12px}.bars .track{grid-column:1/-1;order:4}
.groups .count{min-width:52px}.groups th[scope=row]{min-width:104px}.groups thead th{font-size:12px}.groups th,.groups td{padding:6px 4px}
.filter label{display:flex;gap:8px;align-items:center;width:100%}.filter input,.filter select{flex:1;width:auto;min-width:0}
.calls thead{display:none}.calls,.calls tbody,.calls tr,.calls td{display:block}.calls .estimate{text-align:left}
.calls td,.calls td:first-child{padding:1px 0;border:0}.calls tr.more{border-bottom:1px solid var(--line);padding-bottom:10px;margin-bottom:10px}
.calls td:empty{display:none}.calls td[data-title]::before{content:attr(data-title) " ";color:var(--soft);font:13px system-ui,sans-serif}
}
@media print{.filter,#more,.unfold{display:none}.folded{display:table-row}}`;

const SCRIPT = `
"use strict";
const calls = JSON.parse(document.getElementById("calls").textContent);
const titles = JSON.parse(document.getElementById("titles").textContent);
const at = (id) => document.getElementById(id);
for (const button of document.querySelectorAll(".unfold")) {
  button.addEventListener("click", () => { button.closest(".group").classList.add("all"); button.parentElement.remove(); });
}
if (at("rows")) {
  const PAGE = 100, NAMES = { rule: 5, tool: 3, agent: 2, day: 1 }, LOOK = 8, ESTIMATE = 9, WEIGHT = 10, ARGUMENTS = 11;
  const COLUMNS = [["verdict", 0], ["when", 1], ["agent", 2], ["tool", 3], ["call", 4], ["was", 6], ["now", 7], ["estimate", ESTIMATE]];
  let found = calls, shown = 0, exact = null;
  for (const name of Object.keys(titles)) {
    if (!calls.some((call) => call[0] === name)) continue;
    at("class").append(new Option(titles[name], name));
  }
  const detail = (cell, kind, text) => {
    const line = document.createElement("p");
    line.className = "detail " + kind;
    line.textContent = text;
    cell.append(line);
  };
  const show = () => {
    for (const call of found.slice(shown, shown + PAGE)) {
      const row = at("rows").insertRow();
      for (const [title, column] of COLUMNS) {
        const cell = row.insertCell();
        cell.className = title;
        if (column === 0) { cell.classList.add(call[0]); cell.textContent = titles[call[0]]; continue; }
        cell.dataset.title = title === "when" ? "decided" : title;
        cell.textContent = column === 1 ? call[1].replace("T", " ").replace(/(\\.\\d+)?Z$/, "") : call[column];
        if (column === 1) cell.title = call[1];
      }
      const more = at("rows").insertRow();
      more.className = "more";
      const cell = more.insertCell();
      cell.colSpan = COLUMNS.length;
      if (call.length > ARGUMENTS) detail(cell, "arguments", call[ARGUMENTS]);
      detail(cell, "look", call[LOOK]);
    }
    shown = Math.min(found.length, shown + PAGE);
    at("more").hidden = shown >= found.length;
    at("shown").textContent = found.length.toLocaleString("en") + (found.length === 1 ? " call" : " calls") + (exact ? " of " + exact[1] : "");
  };
  const filter = () => {
    const text = at("text").value.toLowerCase(), name = at("class").value;
    found = calls.filter((call) => (name === "" || call[0] === name)
      && (exact === null || (exact[0] === "day" ? call[1].startsWith(exact[1]) : call[NAMES[exact[0]]] === exact[1]))
      && (text === "" || call.some((part, column) => column > 0 && column !== WEIGHT && part.toLowerCase().includes(text))));
    if (at("order").value === "cost") found = found.filter((call) => call[WEIGHT] > 0).sort((one, next) => next[WEIGHT] - one[WEIGHT]);
    at("rows").textContent = "";
    shown = 0;
    show();
  };
  at("text").addEventListener("input", filter);
  at("class").addEventListener("change", filter);
  at("order").addEventListener("change", filter);
  at("more").addEventListener("click", show);
  at("all").addEventListener("click", () => {
    exact = null;
    for (const id of ["text", "class", "order"]) at(id).value = "";
    filter();
  });
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
