/** A path of this app, or the first page: anybody can write a link with another one. */
export function wayBack(asked: unknown): string {
  return /^\/(?!\/)[\w/?=&.%-]*$/.test(String(asked)) ? String(asked) : "/";
}
