/** The types of what tests take from report.mjs. */
export declare function followReport(file: string): {
  readonly items: ReadonlyMap<string, { readonly hasEnded: boolean }>;
  read(now: number): void;
};
