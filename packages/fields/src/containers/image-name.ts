/** An image's repository and tag; empty where the name has none. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}

/** Splits `registry:5000/name:tag@sha256:…`: a colon before the last slash belongs to the registry's port. */
export function parseImageName(name: string): ImageName {
  const plain = name.split("@")[0] as string;
  const colon = plain.lastIndexOf(":");
  if (colon <= plain.lastIndexOf("/")) return { repository: plain, tag: "" };
  return { repository: plain.slice(0, colon), tag: plain.slice(colon + 1) };
}
