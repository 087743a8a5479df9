// Finds what the sidecar's examples in other languages need, or installs it where that is possible, or says how to get it.
// Without a name: those that `npm test` runs. `node scripts/install-backends.mjs go ruby`: those of `npm run test:houses`.
import { existsSync } from "node:fs";
import { findOrInstall, saidBy } from "./programs.mjs";

const CSRF = "/usr/share/gocode/src/github.com/gorilla/csrf";

const PROGRAMS = {
  php: {
    name: "php",
    install: ["php-cli"],
    why: "PHP 8.1 or later with its built-in web server (php-cli)",
    find: () => /^PHP (8\.(?:[1-9]|\d\d)\S*)/.exec(saidBy("php", "--version") ?? "")?.[1],
  },
  django: {
    name: "Django",
    install: ["python3-django"],
    why: "Django 3.2 or later for /usr/bin/python3, or else for the python3 in the PATH",
    find: () =>
      ["/usr/bin/python3", "python3"]
        .map((python) => saidBy(python, "-c", "import django; print(django.__version__)"))
        .find((version) => version !== undefined)
        ?.trim(),
  },
  go: {
    name: "go",
    install: ["golang-go", "golang-github-gorilla-csrf-dev"],
    why: `Go 1.18 or later, and gorilla/csrf in ${CSRF}`,
    find: () =>
      existsSync(CSRF) ? /go(1\.(?:1[89]|[2-9]\d)\S*)/.exec(saidBy("go", "version") ?? "")?.[1] : undefined,
  },
  ruby: {
    name: "ruby",
    install: ["ruby", "ruby-sinatra", "ruby-rack-protection", "puma"],
    why: "Ruby 3.0 or later with Sinatra, Rack::Protection and Puma",
    find: () =>
      saidBy(
        "ruby",
        "-e",
        'require "sinatra/base"; require "rack/protection"; require "puma"; print RUBY_VERSION',
      ),
  },
};

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : ["php", "django"];
const programs = names.map((name) => PROGRAMS[name]);
process.exitCode = findOrInstall("the sidecar's examples", programs) ? 0 : 1;
