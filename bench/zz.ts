import { readFileSync } from "node:fs";
import { DecideLoop } from "../src/app/decide-loop.ts";
import { loadPolicies } from "../src/app/policies.ts";
import { readCallLine } from "../src/cli/call-line.ts";
const p = await loadPolicies([process.argv[2] ?? "policies/baseline.yaml"], "tenant");
if (!p.ok) { console.log(p.error); process.exit(1); }
const loop = new DecideLoop(p.value.compiled);
const lines = readFileSync(process.argv[3] ?? "/work/shared/data/tool-calls-dev.jsonl", "utf8").trim().split("\n");
const t0 = performance.now();
const rules: Record<string, number> = {};
let n = 0;
const verdicts: Record<string, number> = {};
for (let r = 0; r < 20; r++) for (const [i, l] of lines.entries()) {
  const c = readCallLine({ ...JSON.parse(l), id: `${r}-${i}` }, i + 1);
  if (!c.ok) { console.log(c.error); continue; }
  const d = loop.decide(c.value); n++;
  if (r === 0) { for (const x of d.rules) { const k = d.verdict + " " + x.policy + "/" + x.rule + " " + x.mode; rules[k] = (rules[k] ?? 0) + 1; } verdicts[d.verdict] = (verdicts[d.verdict] ?? 0) + 1; }
}
console.log(n, "calls", (n / (performance.now() - t0) * 1000).toFixed(0), "/s", verdicts);
console.log(Object.entries(rules).sort((a, b) => b[1] - a[1]).map(([k, v]) => v + " " + k).join("\n"));
