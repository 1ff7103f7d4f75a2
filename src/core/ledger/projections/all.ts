/** All that follows from a released entry, one file each. */
import { checkpoints } from "./checkpoints.ts";
import { deadLetters } from "./dead-letters.ts";
import type { Projection } from "./projection.ts";
import { replies } from "./replies.ts";
import { violations } from "./violations.ts";

export const PROJECTIONS: readonly Projection[] = [replies, violations, checkpoints, deadLetters];
