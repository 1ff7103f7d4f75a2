/** Preloaded (`node --import`) into a processor that must not dedupe: whoever imports the engine's step gets the forgetful one. */
import { registerHooks } from "node:module";

const STEP = new URL("../../src/core/engine/decide/decide.ts", import.meta.url).href;
const FORGETFUL = new URL("./forgetful.ts", import.meta.url).href;

registerHooks({
	resolve: (specifier, context, next) => {
		const resolved = next(specifier, context);
		return resolved.url === STEP && context.parentURL !== FORGETFUL ? { ...resolved, url: FORGETFUL } : resolved;
	},
});
