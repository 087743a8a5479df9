/** A person with a browser: a cookie jar for each origin, redirects, and a name to type into the provider's form. */
import { type HttpAnswer, send } from "../adapters/support/http-browser.js";

export interface Arrival {
  readonly status: number;
  readonly text: string;
  /** Every address that the browser was sent to, in their order. */
  readonly way: readonly URL[];
}

/** More redirects than any sign-in needs: a browser gives up at about as many. */
const MOST = 20;

const NAVIGATION = {
  accept: "text/html",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "sec-fetch-user": "?1",
};

export class Person {
  readonly #jar = new Map<string, Map<string, string>>();
  /** How often the provider asked for a password. */
  passwords = 0;

  /** Goes to an address and wherever it leads; types a password where one is asked for, if this person (null) has one. What is `sent` is the form of the first address. */
  async visit(
    address: string,
    name: string | null = "ann",
    sent: URLSearchParams | null = null,
  ): Promise<Arrival> {
    const way: URL[] = [];
    let url = new URL(address);
    let form = sent;
    while (way.length < MOST) {
      way.push(url);
      const response = await this.#send(url, form);
      form = null;
      const { status = 0, text } = response;
      const { location } = response.headers;
      if (location !== undefined) url = new URL(location, url);
      else if (name !== null && text.includes("password, please")) {
        this.passwords++;
        form = new URLSearchParams({ name });
      } else return { status, text, way };
    }
    throw new Error(`too many redirects: ${way.map(({ pathname }) => pathname).join(" → ")}`);
  }

  /** The browser forgets an app, as by its settings. */
  forget(origin: string): void {
    this.#jar.delete(origin);
  }

  cookies(origin: string): string {
    return [...(this.#jar.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  keep(origin: string, lines: readonly string[]): void {
    const cookies = this.#jar.get(origin) ?? new Map<string, string>();
    this.#jar.set(origin, cookies);
    for (const line of lines) {
      const [pair = ""] = line.split(";");
      const [name = "", ...value] = pair.split("=");
      if (/expires=thu, 01 jan 1970|max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value.join("="));
    }
  }

  async #send({ origin, pathname, search }: URL, form: URLSearchParams | null): Promise<HttpAnswer> {
    const headers = { ...NAVIGATION, cookie: this.cookies(origin) };
    const asked =
      form === null
        ? send(origin, "GET", pathname + search, { headers })
        : send(origin, "POST", pathname + search, {
            headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
            body: form.toString(),
          });
    const answer = await asked;
    this.keep(origin, answer.headers["set-cookie"] ?? []);
    return answer;
  }
}
