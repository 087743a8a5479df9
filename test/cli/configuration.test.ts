/** Every mistake in the configuration file ends the sidecar at once, with a sentence that says what to write instead. */
import { afterAll, describe, expect, test } from "vitest";
import type { CommandProcess } from "../../src/cli/process/process.js";
import { runCommand } from "../../src/cli/program.js";
import { readConfigFile } from "../../src/cli/settings/file.js";
import { temporaryFolder } from "./support/program.js";
import { BASIC, TOKEN, writeConfig } from "./support/sidecar.js";

const folder = temporaryFolder();
afterAll(() => folder.remove());

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

class Exit extends Error {}

/** How the file names an environment variable. */
const named = (name: string) => `$\{${name}}`;

/** Runs a command in this process. */
async function run(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  let [code, out, err]: [number | null, string, string] = [null, "", ""];
  const shell: CommandProcess = {
    args,
    folder: ".",
    isTerminal: false,
    variable: (name) => variables[name],
    print: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
    onStop: () => {},
    exit: (asked) => {
      code = asked;
      throw new Exit("exit");
    },
  };
  await runCommand(shell).catch((error: unknown) => {
    if (!(error instanceof Exit)) throw error;
  });
  return { code, out, err };
}

async function sentencesOf(
  config: unknown,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, out, err } = await run(["serve", "--config", writeConfig(folder, config)], variables);
  expect([code, out]).toEqual([1, ""]);
  const lines = err.trim().split("\n");
  return lines.map((line) => String((JSON.parse(line) as { message: unknown }).message)).join("\n");
}

describe("curfew serve refuses", () => {
  test.each([
    [
      "an unknown key",
      { stroe: "memory:" },
      'options has an unknown key "stroe"; known keys: $schema, policy, store,',
    ],
    ["what only a program can say", { logger: {} }, 'unknown key "logger"'],
    [
      "no policy",
      { policy: undefined },
      'options.policy is missing; write for example policy: { idle: "15m"',
    ],
    ["no sign-in URL", { signInUrl: undefined }, "options.signInUrl is missing"],
    ["a policy without an absolute timeout", { policy: { idle: "15m" } }, "policy.absolute is missing"],
    [
      "a number without a unit",
      { policy: { idle: "15", absolute: "12h" } },
      'policy.idle is "15"; write a duration',
    ],
    [
      "an unknown key of the policy",
      { policy: { ...BASIC.policy, idel: "1m" } },
      'policy has an unknown key "idel"',
    ],
    ["a store of another kind", { store: "mysql://db" }, 'options.store must be "memory:", "sqlite:PATH" or'],
    [
      "options of PostgreSQL for another store",
      { postgres: { schema: "app" } },
      "options.postgres is for a store in PostgreSQL alone",
    ],
    [
      "a wrong option of PostgreSQL",
      { store: "postgres://a@b/c", postgres: { schema: "A", shema: "a" } },
      "options.postgres.schema must be 1 to 30 small letters",
    ],
    ["a store that is no text", { store: {} }, "options.store must be"],
    [
      "a SQLite file that cannot be made",
      { store: "sqlite:/nowhere/at/all/curfew.db" },
      "/nowhere/at/all/curfew.db",
    ],
    [
      "an audit of another kind",
      { audit: "syslog:x" },
      'options.audit must be a file of JSON lines, such as "jsonl:audit.jsonl"',
    ],
    [
      "an audit sink that there is not",
      { audit: [{ kafka: { topic: "audit" } }] },
      'options.audit must be "jsonl:PATH", "log:DIRECTORY" or an object such as',
    ],
    [
      "a syslog receiver without its name",
      { audit: { syslog: { port: 6514 } } },
      "syslogAudit's options.host is missing",
    ],
    [
      "a syslog receiver's certificate that is not there",
      { audit: { syslog: { host: "localhost", ca: "/nowhere/ca.pem" } } },
      'options.audit: syslog.ca must be the path of a PEM file; "/nowhere/ca.pem" cannot be read',
    ],
    [
      "a receiver by another way than HTTP",
      { audit: { http: { url: "ftp://siem.example" } } },
      "httpAudit's options.url must be an http:// or https:// URL",
    ],
    [
      "an audit file that cannot be written",
      { audit: ["jsonl:/nowhere/at/all"] },
      "jsonLinesAudit cannot append to",
    ],
    [
      "identify as a text",
      { identify: "JSESSIONID" },
      'options.identify must name a cookie, such as { "cookie": "JSESSIONID" }',
    ],
    [
      "a cookie that is no name",
      { identify: { cookie: "a b" } },
      "options.identify.cookie must be the name of a cookie",
    ],
    [
      "a webhook without a secret",
      { onEnd: { url: "http://127.0.0.1/x" } },
      "options.onEnd.secret is missing",
    ],
    [
      "a webhook with a short secret",
      { onEnd: { url: "http://a/", secret: "short" } },
      "options.onEnd.secret must have at least 32 characters",
    ],
    [
      "a webhook that is no URL",
      { onEnd: { url: "ftp://a/", secret: TOKEN } },
      "options.onEnd.url must be an http:// or https:// URL",
    ],
    [
      "a webhook with a password in it",
      { onEnd: { url: "https://a:b@c/", secret: TOKEN } },
      "without user name and password",
    ],
    [
      "a public address without a port",
      { listen: { public: "127.0.0.1" } },
      'options.listen.public must be an address and a port, such as "127.0.0.1:4180"',
    ],
    ["a port that is none", { listen: { public: "127.0.0.1:70000" } }, "options.listen.public must be"],
    [
      "an unknown listener",
      { listen: { admin: "127.0.0.1:1" } },
      'options.listen has an unknown key "admin"; known keys: public, private',
    ],
    [
      "a private listener on a network",
      { listen: { private: "10.0.0.1:4181" } },
      'options.listen.private is "10.0.0.1:4181", which a network can reach',
    ],
    [
      "a private listener on every address",
      { listen: { private: "0.0.0.0:4181" } },
      "which a network can reach",
    ],
    ["the same in IPv6", { listen: { private: "[::]:4181" } }, "which a network can reach"],
    [
      "a private listener by name",
      { listen: { private: "sidecar.example:4181" } },
      "which a network can reach",
    ],
    [
      "loopback in a way that some resolve elsewhere",
      { listen: { private: "2130706433:4181" } },
      "which a network can reach",
    ],
    [
      "a socket without a path",
      { listen: { private: "unix:" } },
      "options.listen.private must name the socket",
    ],
    [
      "a socket with a long path",
      { listen: { private: `unix:/${"x".repeat(110)}` } },
      "names a socket of more than 103 bytes",
    ],
    [
      "a public listener on a socket",
      { listen: { public: "unix:/run/x.sock" } },
      "options.listen.public must be",
    ],
    ["no service token", { serviceToken: undefined }, "options.serviceToken is missing; write a random text"],
    [
      "a short service token",
      { serviceToken: "short" },
      "options.serviceToken must have at least 32 characters",
    ],
    ["a drain that is no duration", { drain: 5 }, "options.drain is 5; write a duration"],
    ["an option of the verifier", { name: "a b" }, "options.name must be 1 to 40 letters"],
    ["proxies that are none", { trustProxy: ["nonsense"] }, "options.trustProxy cannot be used"],
    ["a plain cookie in production", { cookie: "plain" }, 'options.cookie "plain" needs unsafeForTesting'],
    [
      "a date until when sessions are adopted, of which a cookie tells too little",
      { adoptUntil: "2027-01-01", identify: { cookie: "JSESSIONID" } },
      "options.adoptUntil cannot be used here: the app's cookie does not say whose session it is",
    ],
  ])("%s", async (_name, change, words) => {
    expect(await sentencesOf({ ...BASIC, ...change })).toContain(words);
  });

  test.each([
    ["a list", "[]", "the configuration is a list; write an object"],
    ["a text", '"x"', "write an object"],
    ["what is no JSON", '{\n  "policy": {},\n}', "is not JSON"],
  ])("%s as the file", async (_name, text, words) => {
    expect(await sentencesOf(text)).toContain(words);
  });

  test("a file that is not there", async () => {
    const { code, err } = await run(["serve", "--config", folder.file("nothing.json")]);
    expect(code).toBe(1);
    expect(err).toContain("nothing.json cannot be read (ENOENT); give the configuration with --config FILE");
  });

  test("a short token of the environment, although the file has a long one", async () => {
    expect(await sentencesOf(BASIC, { CURFEW_SERVICE_TOKEN: "short" })).toBe(
      "CURFEW_SERVICE_TOKEN must have at least 32 characters",
    );
  });

  test("a variable that is not set, by name and place", async () => {
    const config = { ...BASIC, onEnd: { url: `http://${named("HOST")}:${named("PORT")}/`, secret: TOKEN } };
    expect(await sentencesOf(config, { HOST: "127.0.0.1" })).toBe(
      "options.onEnd.url names the environment variable PORT, which is not set",
    );
  });

  test("everything at once: its own mistakes, the verifier's and the policy's, with the keys that were meant", async () => {
    const config = {
      ...BASIC,
      policy: { idleTimeout: "15m", absolute: "12h", rules: [{ role: ["admin"], idle: "5" }] },
      signInUrl: undefined,
      loginUrl: "/login",
      listen: { publik: "127.0.0.1:0", private: "10.0.0.1:1" },
      onEnd: { url: "http://a/", secrt: TOKEN },
      identify: { cookies: "JSESSIONID" },
      serviceToken: undefined,
    };
    const lines = (await sentencesOf(config)).split("\n");
    for (const words of [
      'unknown key "loginUrl"',
      'options.listen has an unknown key "publik"; known keys: public, private; did you mean "public"?',
      "which a network can reach",
      "options.onEnd.secret is missing",
      'options.onEnd has an unknown key "secrt"; known keys: url, secret, previousSecret; did you mean "secret"?',
      "options.identify.cookie is missing",
      'unknown key "cookies"; known keys: cookie; did you mean "cookie"?',
      "options.serviceToken is missing",
      "options.signInUrl is missing",
      "policy.idle is missing",
      'policy has an unknown key "idleTimeout"',
      'policy.rules[0] has an unknown key "role"',
      'policy.rules[0].idle is "5"',
    ])
      expect(lines).toContainEqual(expect.stringContaining(words));
  });

  test("every variable that is not set", async () => {
    const config = { ...BASIC, name: named("NAME_OF_APP"), onEnd: { url: named("HOOK"), secret: TOKEN } };
    expect((await sentencesOf(config)).split("\n")).toEqual([
      expect.stringContaining("options.name names the environment variable NAME_OF_APP"),
      expect.stringContaining("options.onEnd.url names the environment variable HOOK"),
    ]);
  });

  test("and never repeats a secret", async () => {
    const secret = "s3cret-that-nobody-may-see";
    const said = [
      await sentencesOf({ ...BASIC, serviceToken: secret }),
      await sentencesOf({ ...BASIC, secret }),
      await sentencesOf({ ...BASIC, onEnd: { url: "http://a/", secret } }),
      await sentencesOf(`{ "serviceToken": "${secret}" "x": 1 }`),
      await sentencesOf(`{ "serviceToken": '${secret}' }`),
      await sentencesOf(BASIC, { CURFEW_SERVICE_TOKEN: secret }),
    ];
    for (const sentence of said) expect(sentence).not.toContain("s3cret");
  });
});

describe("the configuration file", () => {
  test("may name its schema, begin with a byte-order mark, and take texts from the environment", () => {
    const one = named("ONE");
    const text = JSON.stringify({
      a: `x${one}y${named("TWO")}`,
      b: [{ c: one }],
      d: 1,
      e: `${named("")} $ONE`,
      f: null,
    });
    const file = writeConfig(folder, `\uFEFF${text}`);
    const variables: Record<string, string> = { ONE: "1", TWO: one };
    expect(readConfigFile(file, (name) => variables[name])).toEqual({
      a: `x1y${one}`,
      b: [{ c: "1" }],
      d: 1,
      e: `${named("")} $ONE`,
      f: null,
    });
  });

  test("has the place of a mistake in it", () => {
    const file = writeConfig(folder, '{\n  "a": 1\n  "b": 2\n}');
    expect(() => readConfigFile(file, () => undefined)).toThrow(/is not JSON \(line 3\)/);
  });
});

describe("curfew policy", () => {
  const config = () =>
    writeConfig(folder, { ...BASIC, $schema: "./curfew.schema.json", serviceToken: TOKEN });
  const fingerprint = async () => {
    const { out } = await run(["policy", "--config", config(), "--json"]);
    return String((JSON.parse(out) as { fingerprint: unknown }).fingerprint);
  };

  test("prints the policy with its fingerprint, and opens nothing", async () => {
    const file = writeConfig(folder, {
      ...BASIC,
      store: "sqlite:/nowhere/at/all.db",
      audit: "jsonl:/nowhere/x",
    });
    const { code, out } = await run(["policy", "--config", file]);
    expect(code).toBe(0);
    expect(out).toContain("15m");
    expect(out).toContain(await fingerprint());
  });

  test("prints it as JSON, durations in milliseconds", async () => {
    const { code, out } = await run(["policy", "--config", config(), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ idleTimeout: 900_000, absoluteTimeout: 43_200_000 });
  });

  test("tells whether it is the expected one", async () => {
    const expected = await fingerprint();
    expect((await run(["policy", "--config", config(), "--expect", expected])).code).toBe(0);
    const changed = await run(["policy", "--config", config(), "--expect", "another"]);
    expect(changed.code).toBe(1);
    expect(changed.err).toBe(
      `The policy's fingerprint is ${expected}, and another was expected: the policy has changed.\n`,
    );
  });

  test("says what is wrong with a bad one", async () => {
    const file = writeConfig(folder, { ...BASIC, policy: { idle: "15m", absolute: "12h", warning: "5s" } });
    const { code, out, err } = await run(["policy", "--config", file]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("WCAG 2.2.1");
  });

  test("needs no service token", async () => {
    const file = writeConfig(folder, { ...BASIC, serviceToken: undefined });
    expect((await run(["policy", "--config", file])).code).toBe(0);
  });
});
