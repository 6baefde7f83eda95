import { fileURLToPath } from "node:url";

/** The capture that comes with the package: a live run of falco-generate, recorded on a real kernel. */
export function sampleCapture(): string {
  return fileURLToPath(new URL("../captures/sample.capture", import.meta.url));
}
