import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ACCOUNTS, writeSecret } from "./secret-file.ts";

/** Texts in PEM form. */
export interface Certificates {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const DAYS = "1825";
const NAMES = "DNS:elasticsearch,DNS:localhost,IP:127.0.0.1,IP:::1";
const run = promisify(execFile);

/** An authority of our own and Elasticsearch's certificate by it, valid for five years; made once, kept in `folder`. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const path = (name: string): string => join(folder, name);
  if (!existsSync(path("server.crt"))) {
    const work = (name: string): string => join("/tmp", name);
    await newKey(work("ca.key"));
    await run("openssl", [
      ...["req", "-x509", "-new", "-sha256", "-days", DAYS, "-key", work("ca.key"), "-out", work("ca.crt")],
      ...["-subj", "/CN=falco-efk authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    ]);
    await newKey(work("server.key"));
    await run("openssl", [
      "req",
      "-new",
      "-key",
      work("server.key"),
      "-out",
      work("csr"),
      "-subj",
      "/CN=elasticsearch",
    ]);
    writeFileSync(
      work("extensions"),
      `subjectAltName=${NAMES}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n`,
    );
    await run("openssl", [
      ...["x509", "-req", "-sha256", "-days", DAYS, "-in", work("csr"), "-out", work("server.crt")],
      ...["-CA", work("ca.crt"), "-CAkey", work("ca.key"), "-CAcreateserial", "-extfile", work("extensions")],
    ]);
    // The certificate comes last: it's there when all are.
    for (const name of ["ca.key", "ca.crt", "server.key", "server.crt"]) {
      writeSecret(path(name), readFileSync(work(name), "utf8"), ACCOUNTS.root);
    }
  }
  const read = (name: string): string => readFileSync(path(name), "utf8");
  return { ca: read("ca.crt"), certificate: read("server.crt"), key: read("server.key") };
}

async function newKey(file: string): Promise<void> {
  await run("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file]);
}
