/** What the process's environment says; the only file of the server that reads it. */
export function environmentName(): string | undefined {
  return process.env.NODE_ENV;
}
