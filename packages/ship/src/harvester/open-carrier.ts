import { type Carrier, openPlainCarrier } from "./carrier.ts";
import { isCompressedName, openCompressedCarrier } from "./compressed-carrier.ts";

/** Opens a file, compressed or not, by what its name says. */
export function openCarrier(path: string): Promise<Carrier> {
  return isCompressedName(path) ? openCompressedCarrier(path) : openPlainCarrier(path);
}
