/**
 * The header fields a request is judged by, read once from the raw ones: Node joins or drops duplicates, and a second
 * `Authorization` that one program reads and another does not is how requests are smuggled.
 */

import { FleetError } from "../foundation/errors.ts";

/** Fields that may occur once; a second one is INVALID_REQUEST. */
const SINGLE = [
  "authorization",
  "content-digest",
  "content-encoding",
  "content-length",
  "content-type",
  "cider-node",
  "host",
  "idempotency-key",
  "origin",
  "sec-websocket-protocol",
] as const;

type SingleField = (typeof SINGLE)[number];

const SINGLE_BY_NAME: ReadonlyMap<string, SingleField> = new Map(SINGLE.map((field) => [field, field]));

export interface Fields extends Partial<Record<SingleField, string>> {
  /** Whether a body follows: a length above zero, or a transfer coding. */
  hasBody: boolean;
  /** Whether any signature came with the request, of whatever profile. */
  isSigned: boolean;
}

/** Returns the fields by lower-case name. `raw` is Node's flat list of names and values. */
export function readFields(raw: readonly string[]): Fields {
  const fields: Fields = { hasBody: false, isSigned: false };
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    const field = SINGLE_BY_NAME.get(name);
    if (name === "signature-input") fields.isSigned = true;
    else if (name === "transfer-encoding") fields.hasBody = true;
    else if (field !== undefined) {
      if (fields[field] !== undefined) throw new FleetError("INVALID_REQUEST", `more than one ${name} field`, { field: name });
      fields[field] = raw[i + 1] ?? "";
    }
  }
  const length = fields["content-length"];
  if (length !== undefined && length !== "0") fields.hasBody = true;
  return fields;
}
