/** Every record of docs/design/topics.md#topics. */
import type { Definition } from "./definition.ts";
import { DERIVED_DEFINITIONS } from "./derived.ts";
import { ENTRY_DEFINITIONS } from "./entries.ts";
import { INPUT_DEFINITIONS } from "./inputs.ts";

export const DEFINITIONS: readonly Definition[] = [...INPUT_DEFINITIONS, ...ENTRY_DEFINITIONS, ...DERIVED_DEFINITIONS];
