import { readFileSync } from "node:fs";
import { describeSystemError } from "@falco-efk/kit";
import type { MetadataTls } from "./metadata-http.ts";
import type { Settings } from "./settings.ts";

/** `ssl` of a processor: the files are read at once. Throws UserError for one that can't be. */
export function readTls(settings: Settings): MetadataTls {
  const read = (key: string): string | undefined => {
    if (!settings.has(key)) return undefined;
    const texts = settings.texts(key).map((file) => {
      try {
        return readFileSync(file, "utf8");
      } catch (error) {
        throw settings.error(`${file}: ${describeSystemError(error)}`, key);
      }
    });
    return texts.join("\n");
  };
  const ca = read("certificate_authorities");
  const cert = read("certificate");
  const key = read("key");
  const verify = settings.choice("verification_mode", ["full", "none"] as const, "full");
  settings.finish();
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: verify === "full",
  };
}
