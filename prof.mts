import fc from "fast-check";
import { pair } from "./test/fuzz-compare/pairs.ts";
import { tryPair } from "./test/fuzz-compare/trial.ts";
let n=0,t0=performance.now(),withR=0,tR=0,rel:Record<string,number>={};
fc.configureGlobal({seed:7});
for (const p of fc.sample(pair, 120)) { const t=performance.now(); const r=tryPair(p,{seed:1,isReversed:true,isByRule:true}); const d=performance.now()-t; if(r===null) continue; n++; if(/intents|facts|commands/.test(JSON.stringify(p.sources))){withR++;tR+=d; rel[r.comparison.relation]=(rel[r.comparison.relation]??0)+1;} }
console.log(n,performance.now()-t0,"with readings",withR,tR,rel);
