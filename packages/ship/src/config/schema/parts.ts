import { DURATION_PATTERN } from "../duration.ts";
import { array, choice, integer, object, optional, type Schema, string, union } from "../json-schema.ts";
import { SIZE_PATTERN } from "../size.ts";

/** Unknown keys are refused. */
export const strict = { additionalProperties: false } as const;

export const text: Schema = string({ minLength: 1 });

export function texts(description: string, options: Schema = {}): Schema {
  return array(text, { ...options, description });
}

/** A text that isn't empty and may be missing. */
export function optionalText(description: string): Schema {
  return optional(string({ minLength: 1, description }));
}

/** A text that may be empty or missing. */
export function secret(description: string): Schema {
  return optional(string({ description }));
}

export function duration(byDefault: string, description: string): Schema {
  return string({ pattern: DURATION_PATTERN, default: byDefault, description });
}

export function size(byDefault: string, description: string): Schema {
  return union([string({ pattern: SIZE_PATTERN }), integer({ minimum: 1 })], { default: byDefault, description });
}

/** Names and texts. */
export function stringMap(description: string): Schema {
  return optional({ type: "object", additionalProperties: { type: "string" }, description });
}

const ownCertificate = {
  certificate: optionalText("Ours, for servers that ask for one: a PEM file."),
  key: optionalText("The key of ours: a PEM file."),
  key_passphrase: secret("Opens the key."),
};

/** What a connection that we open trusts and shows. */
export const clientTlsProperties: Readonly<Record<string, Schema>> = {
  certificate_authorities: optional(texts("PEM files to trust in place of the system's.")),
  ...ownCertificate,
  verification_mode: optional(
    choice(["full", "none"], { description: "full: the certificate and its host must be right; none: anything goes." }),
  ),
};

export const clientTls: Schema = object(clientTlsProperties, strict);

/** What a connection that others open is shown. */
export const serverTls: Schema = object(
  {
    certificate: string({ minLength: 1, description: "Ours: a PEM file." }),
    key: string({ minLength: 1, description: "The key of ours: a PEM file." }),
    key_passphrase: ownCertificate.key_passphrase,
    certificate_authorities: optional(texts("PEM files; clients must show a certificate of theirs.")),
  },
  strict,
);

export const backoff: Schema = object(
  { init: duration("1s", "First wait."), max: duration("60s", "Longest wait.") },
  { ...strict, default: {} },
);
