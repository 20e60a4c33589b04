/** Tokens in the form of services that keep them by project; a fleet is the project. */

import * as z from "zod";
import { type Operation, route } from "./operation.ts";
import * as shape from "./projects-schemas.ts";

/** The two of services that keep tokens by project. */
export const PROJECT_OPERATIONS = {
  ListProjectTokens: {
    kind: "read",
    need: "tokens:manage",
    verb: "read",
    rest: route("GET", "/v1/projects/:fleetId/tokens"),
    bare: "tokens",
    input: shape.projectPage,
    output: z.object({ tokens: z.array(shape.projectToken), cursor: z.string().nullable() }),
    since: "0.1.0",
    summary: "Lists the fleet's active tokens as project tokens; REST answers the bare array, with the next page in Link.",
  },
  CreateProjectToken: {
    kind: "change",
    need: "tokens:manage",
    verb: "create",
    rest: route("POST", "/v1/projects/:fleetId/tokens", 201),
    input: shape.createProjectToken,
    output: shape.projectToken,
    since: "0.1.0",
    summary: "Issues a token as a project token; its text is in this answer and nowhere else.",
    secret: true,
  },
} as const satisfies Readonly<Record<string, Operation>>;
