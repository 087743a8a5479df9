"""A Flask app behind nginx and Curfew's sidecar, with Flask-WTF's CSRF protection. To try it: flask run --port 8000"""
import json, os, re, urllib.error, urllib.parse, urllib.request

from flask import Flask, redirect, render_template_string, request, session
from flask_wtf.csrf import CSRFProtect

WAY_BACK = re.compile(r"(?=/)(?:/[!-.0->@-\[\]-~]+)*/?(?:\?[!-\[\]-~]*)?")  # a path of this app, and no other host's
NOTES = []
CLIENT = """<!doctype html><title>Notes</title><script src="/curfew/curfew.js" defer></script>
<script src="/curfew/curfew-drafts.js" defer></script>"""
TOKEN = '<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">'
LOGIN = CLIENT + f"""<form method="post">{TOKEN}<input name="return" type="hidden" value="{{{{ back }}}}">
<input name="username"> <input name="password" type="password"> <button>Sign in</button></form>"""
PAGE = CLIENT + f"""<h1>Hello, {{{{ subject }}}}</h1><p>{{{{ notes|join(", ") }}}}</p>
<form method="post" action="/notes">{TOKEN}<input name="note"> <button>Save</button></form>
<form method="post" action="/logout">{TOKEN}<button>Sign out</button></form>"""

app = Flask(__name__)
# The own session holds the CSRF token alone, which is good for as long as that session: no limit of its own.
app.config.update(SECRET_KEY=os.environ["SECRET_KEY"], SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_TIME_LIMIT=None)
CSRFProtect(app)

def sidecar(method, where, body=None):
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + os.environ["CURFEW_SERVICE_TOKEN"]}
    url = os.environ.get("CURFEW_PRIVATE", "http://127.0.0.1:4181") + where
    try:
        asked = urllib.request.Request(url, body and json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status, json.loads(answer.read() or "{}")
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except OSError:
        return 503, {"title": "The sidecar cannot be reached"}

def subject():
    return urllib.parse.unquote(request.headers.get("Curfew-Subject", ""))  # as the proxy says

@app.before_request
def refuse_nobody():
    if not subject() and request.path != "/login":
        return "The proxy has not said who it is", 403

@app.get("/login")
def login():
    return render_template_string(LOGIN, back=request.args.get("return", "/"))

@app.post("/login")
def sign_in():
    if request.form["password"] != "demo":  # yours: check_password_hash() with what your database holds
        return "Wrong name or password", 403
    status, told = sidecar("POST", "/sessions", {"subject": request.form["username"], "cookie": request.headers.get("Cookie")})
    if status != 201:
        return told["title"], status
    session.clear()  # so the token is a new one
    response = redirect(request.form["return"] if WAY_BACK.fullmatch(request.form["return"]) else "/", 303)
    for line in told["setCookie"]:
        response.headers.add("Set-Cookie", line)  # as it is
    return response

@app.post("/logout")
def logout():
    sidecar("DELETE", f"/sessions/{request.headers['Curfew-Sid']}?reason=signed-out")
    session.clear()
    return redirect("/login", 303)

@app.post("/notes")
def save():
    NOTES.append(request.form["note"])
    return redirect("/", 303)

@app.get("/")
def notes():
    return render_template_string(PAGE, subject=subject(), notes=NOTES)
