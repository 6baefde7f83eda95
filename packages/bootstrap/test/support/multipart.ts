/** One part of a `multipart/form-data` body. */
export interface Part {
  readonly name: string;
  readonly filename: string | null;
  readonly data: string;
}

/** Parses a body strictly: CRLF line ends, a closing boundary. Throws on anything else. */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const boundary = /boundary=("?)([^";]+)\1/.exec(contentType)?.[2];
  if (boundary === undefined) throw new Error("Invalid multipart payload format: no boundary");
  const text = body.toString("utf8");
  const sections = text.split(`--${boundary}`);
  if (sections[0] !== "" || sections.at(-1)?.startsWith("--\r\n") !== true) {
    throw new Error("Invalid multipart payload format: no opening or closing boundary");
  }
  return sections.slice(1, -1).map((section) => {
    const end = section.indexOf("\r\n\r\n");
    if (!section.startsWith("\r\n") || !section.endsWith("\r\n") || end < 0) {
      throw new Error("Invalid multipart payload format: a part without header or end");
    }
    const header = section.slice(2, end);
    const name = /content-disposition: form-data;.*\bname="([^"]*)"/i.exec(header)?.[1];
    if (name === undefined) throw new Error("Invalid multipart payload format: a part without a name");
    return { name, filename: /filename="([^"]*)"/i.exec(header)?.[1] ?? null, data: section.slice(end + 4, -2) };
  });
}
