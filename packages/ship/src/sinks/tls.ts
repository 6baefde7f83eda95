import { readFileSync } from "node:fs";
import { describeSystemError, UserError } from "@falco-efk/kit";

/** Keys as Filebeat's `ssl`. Certificates and keys are files, or the PEM text itself. */
export interface TlsSettings {
  readonly certificate_authorities?: readonly string[];
  readonly certificate?: string;
  readonly key?: string;
  readonly key_passphrase?: string;
  /** SHA-256 of the CA's certificate, hexadecimal. */
  readonly ca_trusted_fingerprint?: string;
  /** `none` trusts anybody; for trials alone. */
  readonly verification_mode?: "full" | "none";
}

/** TLS settings as Node takes them. Throws UserError (`TLS_FILE`) for a file that can't be read. */
export function tlsOptions(ssl: TlsSettings): {
  ca?: string[];
  cert?: string;
  key?: string;
  passphrase?: string;
  rejectUnauthorized: boolean;
} {
  return {
    // With a pinned CA fingerprint the chain is judged by that alone, as Filebeat does.
    rejectUnauthorized: ssl.verification_mode !== "none" && ssl.ca_trusted_fingerprint === undefined,
    ...(ssl.certificate_authorities === undefined ? {} : { ca: ssl.certificate_authorities.map(pem) }),
    ...(ssl.certificate === undefined ? {} : { cert: pem(ssl.certificate) }),
    ...(ssl.key === undefined ? {} : { key: pem(ssl.key) }),
    ...(ssl.key_passphrase === undefined ? {} : { passphrase: ssl.key_passphrase }),
  };
}

function pem(fileOrText: string): string {
  if (fileOrText.includes("-----BEGIN")) return fileOrText;
  try {
    return readFileSync(fileOrText, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "TLS_FILE", file: fileOrText });
  }
}
