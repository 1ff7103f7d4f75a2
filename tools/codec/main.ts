/** Writes the codec's generated files where they differ: part of `npm run schemas`. */
import { writeWhereDifferent } from "../written.ts";
import { codecFiles } from "./straight-line.ts";

await writeWhereDifferent(codecFiles());
