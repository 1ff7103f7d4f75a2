export { AssentError } from "./core/base/errors.ts";
