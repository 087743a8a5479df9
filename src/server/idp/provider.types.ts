/** What the verifier knows of an identity provider, whichever protocol it speaks. */

/** A logout that the provider tells of, read and verified. */
export interface ProviderLogout {
  readonly iss: string;
  /** The provider's session that is over; absent: all of the person's. */
  readonly sid?: string;
  /** The person, as the provider names them. */
  readonly sub?: string;
  /** The token's own id: it is good once. */
  readonly jti: string;
  /** Until when the token could be shown again, in server milliseconds. */
  readonly goodUntil: number;
}

/** The app's own id of a person whom the provider names; null where the app knows nobody of that name. */
export type SubjectOf = (sub: string) => string | null | Promise<string | null>;

/** How the provider hears of an end, and which token of the sign-in that takes. */
export type ProviderEnds = {
  /** Resolves once the provider's document names where. @throws ConfigurationError, UnreachableError */
  ready(): Promise<void>;
} & (
  | {
      readonly keeps: "refreshToken";
      /**
       * Tells it. Resolves once it has taken it.
       * @param token null where what was kept cannot be read any more
       * @throws DeliveryError
       */
      tell(token: string | null): Promise<void>;
    }
  | {
      readonly keeps: "idToken";
      /** Where the person's browser tells it. @throws UnreachableError, ConfigurationError */
      addressFor(idToken: string): Promise<URL>;
    }
);

/** An identity provider, as `oidc()` makes it for the option `idp`. */
export interface IdentityProvider {
  readonly issuer: string;
  /** What its `sid` stands for. */
  readonly sidMeans: "session" | "subject";
  readonly subjectOf: SubjectOf;
  /** Absent: it hears nothing. */
  readonly ends?: ProviderEnds;
  /**
   * Reads a logout token.
   * @param now server milliseconds
   * @throws Refusal `bad-request` for one that is not good; UnreachableError where its keys cannot be had now
   */
  readLogout(token: string, now: number): Promise<ProviderLogout>;
  /** Resolves once the provider's document has been read. @throws ConfigurationError, UnreachableError */
  ready(): Promise<void>;
}
