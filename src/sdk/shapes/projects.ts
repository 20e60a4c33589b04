/** Project tokens. */

/** A token as services show it that keep tokens by project. */
export interface ProjectToken {
  readonly id: string;
  /** The secret when it was just made, `redacted` ever after. */
  readonly token: string;
  readonly name: string;
  /** Scopes; `read:*` stands for all of readOnly. */
  readonly permissions: readonly string[];
  readonly createdAt: string;
}

/** Which project tokens to list. */
export interface ListProjectTokens {
  readonly fleetId: string;
  /** 100 by default. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What a new project token is to be. */
export interface CreateProjectToken {
  readonly fleetId: string;
  readonly name: string;
  /** Scopes; `["read:*"]`, which is the default, is readOnly. */
  readonly permissions?: readonly string[] | undefined;
  readonly expiresAt?: string | null | undefined;
  readonly expires?: string | undefined;
}
