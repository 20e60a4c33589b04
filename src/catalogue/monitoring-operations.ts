/** Operations for monitors. */

import * as z from "zod";
import { type Operation, route } from "./operation.ts";
import { nothing } from "./schemas.ts";

/** Readiness and metrics. */
export const MONITORING_OPERATIONS = {
  GetReady: {
    kind: "read",
    need: "public",
    verb: "read",
    rest: route("GET", "/api/ready"),
    input: nothing,
    output: z.object({ ready: z.literal(true) }),
    since: "0.1.0",
    summary: "Tells whether the node can carry out changes; NOT_READY when it cannot.",
  },
  GetMetrics: {
    kind: "read",
    need: "metrics:read",
    verb: "read",
    rest: route("GET", "/metrics"),
    input: nothing,
    output: z.object({ text: z.string() }),
    since: "0.1.0",
    summary: "Measures the node itself, in the text format of Prometheus.",
    bare: "text",
    mediaType: "text/plain; version=0.0.4; charset=utf-8",
  },
} as const satisfies Readonly<Record<string, Operation>>;
