/** Operations of the doctor. */

import * as shape from "./doctor-schemas.ts";
import { type Operation, route } from "./operation.ts";

/** The examination, for whoever runs the node. */
export const DOCTOR_OPERATIONS = {
  RunDoctor: {
    kind: "read",
    need: "permissions:manage",
    verb: "execute",
    rest: route("POST", "/v1/doctor"),
    input: shape.runDoctor,
    output: shape.examination,
    since: "0.1.0",
    summary: "Examines the node from inside: folder, key, certificate, ports, discovery, clock, record, tokens, peers.",
  },
} as const satisfies Readonly<Record<string, Operation>>;
