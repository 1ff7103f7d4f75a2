/** `assent/analysis`: policies compared without a log. */
export {
	type Claim,
	type Comparison,
	compare,
	type Dimension,
	isStricterThan,
	type Relation,
	type Strictness,
	type Witness,
} from "./core/analysis/comparison/compare.ts";
export { compilePolicies } from "./core/policy/compile.ts";
