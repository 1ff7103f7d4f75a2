/** Stands for the engine's step in a processor that must not dedupe (see forget.ts). */
import { decide as knowing } from "../../src/core/engine/decide/decide.ts";
import { forgetful } from "../support/forgetful.ts";

export * from "../../src/core/engine/decide/decide.ts";

export const decide = forgetful(knowing);
