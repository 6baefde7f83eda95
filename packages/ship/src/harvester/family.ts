import { basename, dirname } from "node:path";

const ROTATION = /(?:\.\d{1,6}|[-._]\d{4}-?\d{2}-?\d{2}(?:[-_T.]?\d{2,10})?|\.old|\.bak)+$/;
const COMPRESSION = /\.(?:gz|zst)$/;

/** A path without what log rotation adds: `/var/log/falco.json.2.gz` and `/var/log/falco.json-20260102` are of `/var/log/falco.json`. */
export function familyOf(path: string): string {
  const name = basename(path).replace(COMPRESSION, "").replace(ROTATION, "");
  return `${dirname(path)}/${name}`;
}

/** True for a name that log rotation gives. Only such a file is ever taken for a copy of another. */
export function isRotatedName(path: string): boolean {
  return familyOf(path) !== `${dirname(path)}/${basename(path)}`;
}
