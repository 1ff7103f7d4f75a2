/** Whether a set can be put into force in somebody's name: whoever does so must be able to put the next one into force, too. */
import { type Problem, problem } from "../core/base/errors.ts";
import { type CompiledTrust, hexOf } from "../core/policy/trust.ts";
import { trustIndexOf } from "../core/policy/trust-index.ts";
import type { Operator } from "./operators.ts";

/** Null where nothing stands against it; what processors would refuse is not written. */
export function lockoutProblem(
	trust: CompiledTrust | null,
	{ by, signer = null }: Omit<Operator, "now">,
): Problem | null {
	if (trust === null || trust.operators === null) return null;
	const key = signer === null ? null : { name: by, key: hexOf(signer.key) };
	if (key !== null && trustIndexOf(trust).isOf("operators", key)) return null;
	const { name } = trust;
	const message =
		key === null
			? `the set names operators (\`${name}\`), and nobody signs its activation`
			: `\`${by}\` with this key is none of the operators that the set names (\`${name}\`)`;
	const help =
		"one of them must sign it, so that it can be replaced again: `--key FILE`, and `--by NAME` as the set names the key. To change a key, activate a set with both first";
	return problem("POLICY_UNSIGNED", message, help, trust.place);
}
