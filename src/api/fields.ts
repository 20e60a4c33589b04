/**
 * The header fields a request is judged by, read once from the raw ones: Node joins or drops duplicates, and a second
 * `Authorization` that one program reads and another does not is how requests are smuggled.
 */

import { FleetError } from "../foundation/errors.ts";

/** Fields by lower-case name. Those named here may occur once; a second one is INVALID_REQUEST. */
export interface Fields {
  authorization?: string | undefined;
  host?: string | undefined;
  "content-length"?: string | undefined;
  "content-type"?: string | undefined;
  "content-digest"?: string | undefined;
  "content-encoding"?: string | undefined;
  "cider-node"?: string | undefined;
  "idempotency-key"?: string | undefined;
  origin?: string | undefined;
  "sec-websocket-protocol"?: string | undefined;
  /** Whether a body follows: a length above zero, or a transfer coding. */
  hasBody: boolean;
  /** Whether any signature came with the request, of whatever profile. */
  isSigned: boolean;
}

/** Returns the fields. `raw` is Node's flat list of names and values. */
export function readFields(raw: readonly string[]): Fields {
  const fields = noFields();
  for (let i = 0; i + 1 < raw.length; i += 2) readField(fields, (raw[i] ?? "").toLowerCase(), raw[i + 1] ?? "");
  const length = fields["content-length"];
  if (length !== undefined && length !== "0") fields.hasBody = true;
  return fields;
}

/** Each name is written out, because reading and setting members by a computed name took three times as long. */
function readField(fields: Fields, name: string, value: string): void {
  switch (name) {
    case "authorization":
      fields.authorization = single(name, fields.authorization, value);
      return;
    case "host":
      fields.host = single(name, fields.host, value);
      return;
    case "content-length":
      fields["content-length"] = single(name, fields["content-length"], value);
      return;
    case "content-type":
      fields["content-type"] = single(name, fields["content-type"], value);
      return;
    case "content-digest":
      fields["content-digest"] = single(name, fields["content-digest"], value);
      return;
    case "content-encoding":
      fields["content-encoding"] = single(name, fields["content-encoding"], value);
      return;
    case "cider-node":
      fields["cider-node"] = single(name, fields["cider-node"], value);
      return;
    case "idempotency-key":
      fields["idempotency-key"] = single(name, fields["idempotency-key"], value);
      return;
    case "origin":
      fields.origin = single(name, fields.origin, value);
      return;
    case "sec-websocket-protocol":
      fields["sec-websocket-protocol"] = single(name, fields["sec-websocket-protocol"], value);
      return;
    case "signature-input":
      fields.isSigned = true;
      return;
    case "transfer-encoding":
      fields.hasBody = true;
  }
}

function single(name: string, known: string | undefined, value: string): string {
  if (known !== undefined) throw new FleetError("INVALID_REQUEST", `more than one ${name} field`, { field: name });
  return value;
}

/** Names every member, so that V8 sees all requests as objects of one shape. */
function noFields(): Fields {
  return {
    authorization: undefined,
    host: undefined,
    "content-length": undefined,
    "content-type": undefined,
    "content-digest": undefined,
    "content-encoding": undefined,
    "cider-node": undefined,
    "idempotency-key": undefined,
    origin: undefined,
    "sec-websocket-protocol": undefined,
    hasBody: false,
    isSigned: false,
  };
}
