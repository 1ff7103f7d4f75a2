/** `npm run docs`: writes the generated pages of docs/reference where they differ. */
import { writeWhereDifferent } from "../written.ts";
import { referencePages } from "./pages.ts";

await writeWhereDifferent(await referencePages());
