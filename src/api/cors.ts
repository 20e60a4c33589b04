/**
 * CORS (Fetch standard, "CORS protocol") for the origins that the owner configured, and for nobody else: pages of theirs
 * may read answers, and send what a page alone could not. Cookies and client certificates are no credentials here, so
 * `Access-Control-Allow-Credentials` is never said.
 */

import type { ServerResponse } from "node:http";

/** Fields that clients send and the Fetch standard does not let a page send unasked. */
const SENT = [
  "Authorization",
  "Cider-Node",
  "Content-Digest",
  "Content-Type",
  "Idempotency-Key",
  "Signature",
  "Signature-Input",
] as const;

/** Fields of answers that a page may read beside those the Fetch standard always shows it. */
const SHOWN = [
  "Allow",
  "Cider-Token-Expires",
  "Cider-Token-Rotated",
  "Link",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "WWW-Authenticate",
  "X-Request-Id",
] as const;

/** Seconds for which a browser need not ask again. What it then sends is judged by its own Origin all the same. */
const MAX_AGE = 600;

/** Lets pages of `origin` read the answer, whatever it becomes. Nothing of it was written yet. */
export function shareWith(origin: string, response: ServerResponse): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Expose-Headers", SHOWN.join(", "));
  response.setHeader("Vary", "Origin");
}

/** Returns the fields that answer a preflight for a path that takes these methods, as a flat list. */
export function preflightFields(methods: readonly string[]): readonly string[] {
  return [
    "Access-Control-Allow-Methods",
    methods.join(", "),
    "Access-Control-Allow-Headers",
    SENT.join(", "),
    "Access-Control-Max-Age",
    String(MAX_AGE),
  ];
}
