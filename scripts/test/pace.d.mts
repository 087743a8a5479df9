/** The types of pace.mjs. */
export declare const PACE: string;
export declare function paceOf(options?: {
  readonly rounds?: number;
  readonly environment?: NodeJS.ProcessEnv;
}): number;
export declare function measurePace(rounds?: number): number;
