/** What the shapes of all nouns are made of. */

import * as z from "zod";
import { isNodeId, isUuid, type NodeId } from "../foundation/ids.ts";
import { isName, nameFault } from "../wire/names.ts";

/** An input without members. */
export const nothing = z.strictObject({});

// `meta` says in JSON Schema what a check written in code requires, for OpenAPI.
/** The id of a node or peer. */
export const nodeId = z
  .custom<NodeId>(isNodeId, "must be a node id (a UUIDv8 in lower case)")
  .meta({ type: "string", format: "uuid", description: "UUIDv8 in lower case, made of the key it names." });
/** The id of a token. */
export const tokenId = z
  .string()
  .refine(isUuid, "must be a token id (a UUID in lower case)")
  .meta({ format: "uuid", description: "UUID in lower case." });
/** What people call a node, peer or token (`wire/names.ts`). */
export const name = z
  .string()
  .refine(isName, { error: ({ input }) => `must be ${nameFault(input) ?? "a name"}` })
  .meta({
    minLength: 1,
    maxLength: 64,
    description: "1 to 64 bytes of UTF-8 without control or direction characters, and without the text of a token.",
  });
/** RFC 3339 UTC with milliseconds. */
export const time = z.string().meta({ format: "date-time", description: "RFC 3339, UTC, with milliseconds." });
/** Bytes; their number is checked where they are used. */
export const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/, "must be base64url without padding");
/** An uncompressed point of P-256. */
export const publicKeyHex = z.string().regex(/^04[0-9a-f]{128}$/, "must be 130 lower-case hex characters beginning with 04");

/** Most rows of one page. */
const MAX_PAGE = 1000;

/** Rows of one page. */
export const pageSize = z.int().min(1).max(MAX_PAGE);
