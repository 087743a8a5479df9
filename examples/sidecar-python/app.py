"""A small app that is not Node: nginx and Curfew's sidecar stand in front of it. Python's standard library only."""

import hashlib
import hmac
import html
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(os.environ.get("PORT", "8000"))
SIDECAR = os.environ.get("CURFEW_PRIVATE", "http://127.0.0.1:4181")
SERVICE_TOKEN = os.environ["CURFEW_SERVICE_TOKEN"]
WEBHOOK_SECRET = os.environ["WEBHOOK_SECRET"]
ROLES = {"root": ["admin"]}
BODY_LIMIT = 64 * 1024
OLDEST_DELIVERY = 5 * 60  # seconds
# A path of this app with its query: visible ASCII without a backslash, and no empty segment.
WAY_BACK = re.compile(r"(?=/)(?:/[!-.0->@-\[\]-~]+)*/?(?:\?[!-\[\]-~]*)?")

NOBODY = {"title": "The proxy has not said who it is"}

LOGIN = """<!doctype html><title>Sign in</title>
<form method="post" action="/login"><label>Name <input name="username"></label>
<label>Password <input name="password" type="password"></label>
<input name="return" type="hidden" value="{back}"><button>Sign in</button></form>"""

PAGE = """<!doctype html><title>Notes</title><script src="/curfew/curfew.js" defer></script>
<h1>Hello, {name}</h1><form method="post" action="/transfer"><button>Transfer</button></form>"""


def sidecar(path, body):
    """Calls the sidecar; the status and the JSON of its answer."""
    request = urllib.request.Request(
        SIDECAR + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer " + SERVICE_TOKEN},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except urllib.error.URLError:
        return 503, {"title": "The sidecar cannot be reached"}


def signed_by_curfew(header, body):
    """Whether the sidecar has signed this delivery, just now."""
    parts = [part.partition("=") for part in header.split(",")]
    sent_at = next((value for name, _, value in parts if name == "t"), "")
    if not sent_at.isdigit() or abs(time.time() - int(sent_at)) > OLDEST_DELIVERY:
        return False
    expected = hmac.new(WEBHOOK_SECRET.encode(), sent_at.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
    # While the secret is exchanged for another one there are two signatures.
    return any(name == "v1" and hmac.compare_digest(expected, value.encode()) for name, _, value in parts)


def way_back(path):
    """Only a path of this app, in characters that headers and URLs read as they stand: nobody is sent elsewhere."""
    return path if WAY_BACK.fullmatch(path) else "/"


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.body() is None:
            return self.answer(413, {"title": "The body is too large, or its length is not known"})
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/login":
            back = urllib.parse.parse_qs(url.query).get("return", ["/"])[0]
            self.answer(200, LOGIN.format(back=html.escape(way_back(back))))
        elif not self.subject():
            self.answer(403, NOBODY)
        elif url.path == "/api/me":
            seen = {name.lower(): value for name, value in self.headers.items()}
            self.answer(200, {"subject": self.subject(), "headers": seen})
        else:
            self.answer(200, PAGE.format(name=html.escape(self.subject())))

    def do_POST(self):
        body = self.body()
        if body is None:
            return self.answer(413, {"title": "The body is too large, or its length is not known"})
        if self.path == "/hooks/session-ended":
            return self.session_ended(body)
        form = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode(errors="replace")).items()}
        if self.path == "/login":
            return self.sign_in(form)
        if not self.subject():
            return self.answer(403, NOBODY)
        if self.path == "/reauthenticate":
            return self.reauthenticate(form)
        self.answer(200, {"done": self.path, "subject": self.subject()})

    def sign_in(self, form):
        name = form.get("username", "")
        if not name or form.get("password") != "demo":
            return self.answer(403, {"title": "Wrong name or password"})
        asked = {"subject": name, "roles": ROLES.get(name, []), "cookie": self.headers.get("Cookie")}
        status, told = sidecar("/sessions", asked)
        if status != 201:
            return self.answer(status, told)
        self.answer(303, "", [("Location", way_back(form.get("return", "/")))], told["setCookie"])

    def reauthenticate(self, form):
        if form.get("password") != "demo":
            return self.answer(403, {"title": "Wrong password"})
        asked = {"subject": self.subject(), "cookie": self.headers.get("Cookie")}
        status, told = sidecar("/sessions/reauthenticate", asked)
        self.answer(204 if status == 200 else status, told, [], told.get("setCookie", []))

    def session_ended(self, body):
        if not signed_by_curfew(self.headers.get("Curfew-Signature", ""), body):
            return self.answer(403, {"title": "The signature is wrong or old"})
        ended = json.loads(body)
        # Delivered at least once: an app that counts or charges keeps the ids that it has had.
        print("session ended:", ended["id"], ended["sid"], ended["reason"], flush=True)
        self.answer(204, {})

    def subject(self):
        """Who it is, as the sidecar says. The proxy lets nobody else say so."""
        return urllib.parse.unquote(self.headers.get("Curfew-Subject", ""))

    def body(self):
        """Everything that was sent: on a connection that is kept, the rest would be read as the next request."""
        lengths = self.headers.get_all("Content-Length", ["0"])
        is_known = "Transfer-Encoding" not in self.headers and len(lengths) == 1 and lengths[0].isdecimal()
        if not is_known or int(lengths[0]) > BODY_LIMIT:
            self.close_connection = True
            return None
        return self.rfile.read(int(lengths[0]))

    def answer(self, status, content, headers=(), cookies=()):
        text = content if isinstance(content, str) else json.dumps(content)
        data = b"" if status == 204 else text.encode()
        self.send_response(status)
        kind = "text/html; charset=utf-8" if isinstance(content, str) else "application/json"
        for name, value in [("Content-Type", kind), *headers]:
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        for cookie in cookies:
            self.send_header("Set-Cookie", cookie)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), App)
    print(f"App ready on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
