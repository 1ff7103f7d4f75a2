/** Cmdlets of modules for clouds and servers, by what they are named after: `Get-AzKeyVaultSecret`, `Remove-S3Bucket`. */
import type { Fact } from "../fact.ts";
import { singular, toolWords } from "../tool-words.ts";

/** Beginnings of nouns by which modules tell theirs apart. */
const NOUN =
	/^[A-Za-z]+-(?:Az|AzureAD|Azure|Mg|MgBeta|Msol|SPO|PnP|Cs|Team|S3|EC2|IAM|RDS|DDB|R53|CFN|SSM|SEC|CT|GD|KMS|LM|SQS|SNS|ECS|EKS|ECR|CW|Dba|Sql|GC|Gcs|Gke|VM|VMHost|Cluster|Dns|Dhcp|Gpo|GPO|Intune|SC|CM|Graph|Okta|Jira|Docker|Veeam|VBR|Citrix|Nutanix|Pure|Rubrik)[A-Z]\w*$/;

/** Undefined for any other cmdlet. The noun is read by its capitals. */
export function serviceCmdlet(
	spelled: string,
	flags: readonly string[],
	values: readonly string[],
): Fact["has"] | undefined {
	if (!NOUN.test(spelled)) return undefined;
	const words = toolWords(spelled);
	const [verb = ""] = words;
	const given = values.map((pair) => pair.slice(0, pair.indexOf("=")));
	const switches = flags.filter((flag) => !given.includes(flag));
	return {
		words,
		verb: [verb === "new" ? "create" : verb],
		action: words,
		object: [...words, ...words.map(singular)],
		arg: [...given, ...switches],
		value: values.map((pair) => pair.slice(pair.indexOf("=") + 1)),
		values: [...values, ...switches.map((flag) => `${flag}=true`)],
	};
}
