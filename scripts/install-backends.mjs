// Finds what the sidecar's examples in other languages need, or installs it where that is possible, or says how to get it.
// Without a name: those that `npm test` runs. `node scripts/install-backends.mjs go ruby`: those of `npm run test:houses`.
import { existsSync } from "node:fs";
import { findOrInstall, saidBy } from "./programs.mjs";

const CSRF = "/usr/share/gocode/src/github.com/gorilla/csrf";

/** The tests put it before one that somebody has put in front of it: Debian's packages are for Debian's interpreter. */
const PYTHON = existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

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
    why: `Django 3.2 or later for ${PYTHON}`,
    find: () => saidBy(PYTHON, "-c", "import django; print(django.__version__)")?.trim(),
  },
  flask: {
    name: "Flask-WTF",
    install: ["python3-flask", "python3-flaskext.wtf"],
    why: `Flask and Flask-WTF for ${PYTHON}`,
    find: () => saidBy(PYTHON, "-c", "import flask, flask_wtf; print(flask_wtf.__version__)")?.trim(),
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
const names = asked.length > 0 ? asked : ["php", "django", "flask"];
const programs = names.map((name) => PROGRAMS[name]);
process.exitCode = findOrInstall("the sidecar's examples", programs) ? 0 : 1;
