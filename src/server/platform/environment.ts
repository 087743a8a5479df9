/** What the process's environment says; the only file of the server that reads it. */
export function environmentName(): string | undefined {
  return process.env.NODE_ENV;
}

/** Whether a file's mode says who may read it; Windows has access lists instead. */
export function hasFileModes(): boolean {
  return process.platform !== "win32";
}
