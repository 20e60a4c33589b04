/** Words that the list of tokens takes as options: the table of commands and the command both read them. */

export const TOKEN_STATUSES = ["active", "expired", "revoked"] as const;

/** Orders of the list; `-` is the other direction. */
export const TOKEN_SORTS = [
  "name",
  "-name",
  "createdAt",
  "-createdAt",
  "lastUsedAt",
  "-lastUsedAt",
  "expiresAt",
  "-expiresAt",
] as const;
