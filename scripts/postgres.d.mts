/** The folder of `initdb` and `postgres` with a slash at its end; "" is the PATH; undefined: there is none. */
export function postgresFolder(): string | undefined;
/** The program, or undefined. */
export function pgbouncer(): string | undefined;
