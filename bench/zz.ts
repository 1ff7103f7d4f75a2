import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "../src/app/connect.ts";
import { rmSync } from "node:fs";
const path = "/tmp/lat/log.db"; rmSync("/tmp/lat", { recursive: true, force: true });
const args = ["--cpu-prof", "--cpu-prof-dir=/tmp/lat/prof", "dist/cli/main.js", "dev", "--quiet", "--json", "--log", "file:" + path, "--policy", "policies/baseline.yaml"];
const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
await once(child.stdout, "data");
const client = await connect({ log: "file:" + path, principal: { tenant: "bench" } });
const N = 5000, rate = 500; const took: number[] = []; const w: Promise<void>[] = [];
const s = performance.now();
for (let i = 0; i < N; i++) {
  const due = s + i * 1000 / rate;
  while (performance.now() < due) await new Promise((r) => setTimeout(r, Math.max(0, due - performance.now())));
  const a = performance.now();
  w.push(client.decide({ tool: "fs.read", args: { path: "/srv/" + i }, agent: "agent-" + i % 50, session: "r" + (i >> 5) }).then(() => { took.push(performance.now() - a); }));
}
await Promise.all(w); await client.close();
took.splice(0, 500); took.sort((a, b) => a - b);
console.log("p50", took[took.length >> 1]?.toFixed(2), "p90", took[Math.floor(took.length * .9)]?.toFixed(2), "p99", took[Math.floor(took.length * .99)]?.toFixed(2));
child.kill("SIGTERM"); await once(child, "exit");
