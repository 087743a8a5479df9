"""A Django app behind nginx and Curfew's sidecar. To try it: python3 app.py runserver --noreload 127.0.0.1:8000"""
import json, os, re, sys, urllib.error, urllib.parse, urllib.request

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.template import engines
from django.urls import path
from django.views.decorators.http import require_POST

WAY_BACK = re.compile(r"(?=/)(?:/[!-.0->@-\[\]-~]+)*/?(?:\?[!-\[\]-~]*)?")  # a path of this app, and no other host's
NOTES = []
settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"], ALLOWED_HOSTS=["127.0.0.1", "localhost"], ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware", f"{__name__}.subject_middleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    CSRF_COOKIE_SECURE=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
)

def subject_middleware(get_response):
    def middleware(request):
        request.subject = urllib.parse.unquote(request.headers.get("Curfew-Subject", ""))  # as the proxy says
        if request.subject or request.path == "/login":
            return get_response(request)
        return HttpResponse("The proxy has not said who it is", status=403)
    return middleware

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

def page(request, body, **more):
    client = '<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>'
    html = "<!doctype html><title>Notes</title>" + client + body
    return HttpResponse(engines["django"].from_string(html).render(more, request))

def login(request):
    back = request.POST.get("return") or request.GET.get("return", "/")
    if request.method != "POST":
        return page(request, '<form method="post">{% csrf_token %}<input name="return" type="hidden" value="{{ back }}"><input name="username"> <input name="password" type="password"> <button>Sign in</button></form>', back=back)
    if request.POST["password"] != "demo":  # yours: django.contrib.auth.authenticate(request, username=…, password=…)
        return HttpResponse("Wrong name or password", status=403)
    asked = {"subject": request.POST["username"], "cookie": request.headers.get("Cookie")}
    status, told = sidecar("POST", "/sessions", asked)
    if status != 201:
        return HttpResponse(told["title"], status=status)
    rotate_token(request)  # as django.contrib.auth.login does
    response = HttpResponseRedirect(back if WAY_BACK.fullmatch(back) else "/", status=303)
    for line in told["setCookie"]:
        response.cookies.load(line)
    return response

@require_POST
def logout(request):
    sidecar("DELETE", f"/sessions/{request.headers['Curfew-Sid']}?reason=signed-out")
    return HttpResponseRedirect("/login", status=303)

def notes(request):
    if request.method == "POST":
        NOTES.append(request.POST["note"])
    return page(request, '<h1>Hello, {{ subject }}</h1><p>{{ notes|join:", " }}</p><form method="post" action="/notes">{% csrf_token %}<input name="note"> <button>Save</button></form><form method="post" action="/logout">{% csrf_token %}<button>Sign out</button></form>', subject=request.subject, notes=NOTES)

urlpatterns = [path("login", login), path("logout", logout), path("", notes), path("notes", notes)]
execute_from_command_line(sys.argv)
