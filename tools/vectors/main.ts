/** `npm run vectors`: writes the vectors for other languages where they differ. */
import { writeWhereDifferent } from "../written.ts";
import { vectorFiles } from "./vector-files.ts";

await writeWhereDifferent(vectorFiles());
