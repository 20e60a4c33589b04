/** The shapes of project tokens. */

import * as z from "zod";
import { name, pageSize, time, tokenId } from "./schemas.ts";

/** A token as such services show it. */
export const projectToken = z.object({
  id: tokenId,
  /** The secret when it was just made, `redacted` ever after. */
  token: z.string(),
  name: z.string(),
  /** Scopes; `read:*` stands for all of readOnly. */
  permissions: z.array(z.string()),
  createdAt: time,
});

const fleetId = z.string();

/** Which project tokens to list. */
export const projectPage = z.strictObject({ fleetId, limit: pageSize.default(100), cursor: z.string().optional() });

/** What a new project token is to be. */
export const createProjectToken = z.strictObject({
  fleetId,
  name,
  /** Scopes; `["read:*"]` is readOnly. */
  permissions: z.array(z.string()).min(1).default(["read:*"]),
  expiresAt: z.string().nullable().optional(),
  expires: z.string().optional(),
});
