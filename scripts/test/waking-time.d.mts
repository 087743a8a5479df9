/** See the module. */
export function wakingTime(most: number): (time: number) => number;
