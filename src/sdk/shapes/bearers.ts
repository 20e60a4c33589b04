/** The token exchange: members as RFC 6749 and RFC 7662 name them. */

/** RFC 6749 §4.4.2. */
export interface ExchangeToken {
  /** `client_credentials` */
  readonly grant_type: string;
  /** Scopes separated by a space; all that the caller holds when left out. */
  readonly scope?: string | undefined;
}

/** A bearer: a secret that acts as whoever asked for it, for minutes (RFC 6749 §5.1). */
export interface ExchangedToken {
  readonly access_token: string;
  readonly token_type: "bearer";
  /** Seconds. */
  readonly expires_in: number;
  readonly expires: string;
  readonly scope: string;
}

/** What a node says of a presented token (RFC 7662 §2.2); all but `active` is there only when it is good. */
export interface Introspection {
  readonly active: boolean;
  readonly scope?: string | undefined;
  /** Id of the token or peer that it is, or was exchanged for. */
  readonly client_id?: string | undefined;
  /** `token:<id>` or `peer:<id>`. */
  readonly sub?: string | undefined;
  readonly token_type?: "bearer" | undefined;
  /** Unix seconds. */
  readonly exp?: number | undefined;
  readonly iat?: number | undefined;
}
