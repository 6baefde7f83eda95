import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity } from "./contract-server.ts";

/** A certificate authority made for a test: its certificate (PEM), and what it issues for 127.0.0.1. */
export interface TestAuthority {
  readonly ca: string;
  issue(options?: { readonly expired?: boolean }): Identity;
}

/** Makes a certificate authority with the machine's openssl. */
export function createAuthority(name: string): TestAuthority {
  const run = (script: string): Identity => {
    const folder = mkdtempSync(join(tmpdir(), "falco-authority-"));
    try {
      if (authority !== null) {
        writeFileSync(join(folder, "ca.pem"), authority.cert);
        writeFileSync(join(folder, "ca.key"), authority.key);
      }
      execFileSync("sh", ["-ec", script], { cwd: folder, stdio: "pipe" });
      return {
        cert: readFileSync(join(folder, "cert.pem"), "utf8"),
        key: readFileSync(join(folder, "key.pem"), "utf8"),
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  let authority: Identity | null = null;
  authority = run(`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout key.pem -out cert.pem`);
  return {
    ca: authority.cert,
    issue: ({ expired = false } = {}) =>
      run(`
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out request.pem
        echo subjectAltName=IP:127.0.0.1 > extensions
        openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile extensions \\
          -days ${expired ? -1 : 2} -out cert.pem`),
  };
}
