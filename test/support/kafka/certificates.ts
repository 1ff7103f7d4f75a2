/** A certificate authority of a test's own, made by `openssl` and thrown away with its folder. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientIdentity } from "./access.ts";

/** Days that the certificates hold. */
const DAYS = "2";
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** What the brokers and a client of one cluster need. */
export interface Certificates {
	/** The authority's certificate, a file for the brokers. */
	readonly caPath: string;
	/** Key and certificate of the brokers in one file, as Kafka reads PEM keystores. */
	readonly brokerPath: string;
	readonly client: ClientIdentity;
}

/** Makes an authority, a certificate for brokers at 127.0.0.1, and one for the client `admin`, all in `folder`. */
export function makeCertificates(folder: string): Certificates {
	const at = (name: string): string => join(folder, name);
	const subject = ["-subj", "/CN=assent-test-ca"];
	openssl("req", "-x509", ...NEW_KEY, ...subject, "-days", DAYS, "-keyout", at("ca.key"), "-out", at("ca.pem"));
	const broker = issue(folder, "broker");
	const { cert, key } = issue(folder, "admin");
	writeFileSync(at("broker-store.pem"), `${broker.key}\n${broker.cert}`);
	return {
		caPath: at("ca.pem"),
		brokerPath: at("broker-store.pem"),
		client: { ca: readFileSync(at("ca.pem"), "utf8"), cert, key },
	};
}

function issue(folder: string, name: string): { readonly cert: string; readonly key: string } {
	const at = (end: string): string => join(folder, `${name}.${end}`);
	const authority = ["-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key"), "-CAcreateserial"];
	writeFileSync(at("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n");
	openssl("req", "-new", ...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", at("key"), "-out", at("csr"));
	openssl("x509", "-req", "-in", at("csr"), ...authority, "-days", DAYS, "-extfile", at("ext"), "-out", at("pem"));
	return { cert: readFileSync(at("pem"), "utf8"), key: readFileSync(at("key"), "utf8") };
}

function openssl(...args: readonly string[]): void {
	try {
		execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
	} catch (thrown) {
		const { stderr } = thrown as { stderr?: Buffer };
		throw new Error(`a broker with TLS needs \`openssl\` on the path; ${stderr?.toString().trim() || thrown}`);
	}
}
