import { ElasticError } from "../errors.ts";

/** Throws `invalid_index_name_exception` for a name that no index may have. */
export function checkIndexName(name: string): void {
  const fault = faultOf(name);
  if (fault) {
    throw new ElasticError(400, "invalid_index_name_exception", `Invalid index name [${name}], ${fault}`, {
      index_uuid: "_na_",
      index: name,
    });
  }
}

function faultOf(name: string): string | null {
  if (name === "" || name === "." || name === "..") {
    return "must not be empty, '.' or '..'";
  }
  if (name !== name.toLowerCase()) {
    return "must be lowercase";
  }
  if (/^[_+-]/.test(name)) {
    return "must not start with '_', '-', or '+'";
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\\/*?"<>| ,#:\u0000-\u001f]/.test(name)) {
    return 'must not contain the following characters [ , ", *, \\, <, |, ,, >, /, ?, #, :]';
  }
  return Buffer.byteLength(name) > 255 ? "index name is too long" : null;
}
