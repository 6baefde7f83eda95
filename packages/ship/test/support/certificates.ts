import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files of a certificate and its key. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority made for a test, in a folder of its own. */
export interface TestAuthority {
  readonly ca: string;
  /** Issues a certificate for a host name or address. */
  issue(name: string, options?: { readonly expired?: boolean }): CertificateFiles;
}

/** Makes a certificate authority with the machine's openssl. */
export function createAuthority(folder: string, name: string): TestAuthority {
  const file = (suffix: string): string => join(folder, `${name}${suffix}`);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
  openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    file(".key"),
    "-out",
    file(".crt"),
  );
  let issued = 0;
  return {
    ca: file(".crt"),
    issue(host, options = {}) {
      issued += 1;
      const stem = file(`-${issued}`);
      const kind = /^[\d.]+$/.test(host) ? "IP" : "DNS";
      writeFileSync(`${stem}.ext`, `subjectAltName=${kind}:${host}\n`);
      openssl(
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        `/CN=${host}`,
        "-keyout",
        `${stem}.key`,
        "-out",
        `${stem}.csr`,
      );
      const validity = options.expired === true ? ["-days", "-1"] : ["-days", "2"];
      openssl(
        "x509",
        "-req",
        "-in",
        `${stem}.csr`,
        "-CA",
        file(".crt"),
        "-CAkey",
        file(".key"),
        "-CAcreateserial",
        "-extfile",
        `${stem}.ext`,
        "-out",
        `${stem}.crt`,
        ...validity,
      );
      return { cert: `${stem}.crt`, key: `${stem}.key` };
    },
  };
}

/** A receiver's certificates on 127.0.0.1 for a client that trusts `ca`. */
export interface CertificateCases {
  readonly ca: string;
  /** Another authority's, an expired one and one for another host, each with the reason that the client gives. */
  readonly refused: readonly (readonly [files: CertificateFiles, reason: RegExp])[];
  readonly accepted: CertificateFiles;
}

/** Certificates of every kind that a client has to tell apart. */
export function certificateCases(folder: string): CertificateCases {
  const authority = createAuthority(folder, "authority");
  const other = createAuthority(folder, "other");
  return {
    ca: authority.ca,
    refused: [
      [other.issue("127.0.0.1"), /self-signed|unable to verify|issuer/],
      [authority.issue("127.0.0.1", { expired: true }), /expired/],
      [authority.issue("example.org"), /does not match/],
    ],
    accepted: authority.issue("127.0.0.1"),
  };
}
