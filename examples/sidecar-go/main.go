// An app in Go behind nginx and Curfew's sidecar: net/http and gorilla/csrf. To try it: PORT=8000 CURFEW_PRIVATE=http://127.0.0.1:4181 go run .
package main

import (
	"bytes"
	"encoding/json"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"time"

	"github.com/gorilla/csrf"
)

// A path of this app, and no other host's.
var wayBack = regexp.MustCompile(`^/(?:[!-.0->@-\[\]-~]+(?:/[!-.0->@-\[\]-~]+)*/?)?(?:\?[!-\[\]-~]*)?$`)
var pages = template.Must(template.New("").Parse(`<!doctype html><title>Notes</title>
<script src="/curfew/curfew.js" defer></script><script src="/curfew/curfew-drafts.js" defer></script>
{{define "login"}}{{template "" .}}<form method="post">{{.csrf}}<input type="hidden" name="return" value="{{.back}}">
<input name="username"> <input name="password" type="password"> <button>Sign in</button></form>{{end}}
{{define "notes"}}{{template "" .}}<h1>Hello, {{.subject}}</h1><p>{{.note}}</p><form method="post" action="/notes">{{.csrf}}<input name="note"> <button>Save</button></form>
<form method="post" action="/logout">{{.csrf}}<button>Sign out</button></form>{{end}}`))
var client = http.Client{Timeout: 5 * time.Second}

type told struct {
	Title     string
	SetCookie []string
}

func sidecar(method, path string, body any) (status int, answer told) {
	text, _ := json.Marshal(body)
	request, _ := http.NewRequest(method, os.Getenv("CURFEW_PRIVATE")+path, bytes.NewReader(text))
	request.Header.Set("Authorization", "Bearer "+os.Getenv("CURFEW_SERVICE_TOKEN"))
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 503, told{Title: "The sidecar cannot be reached"}
	}
	defer response.Body.Close()
	json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer
}

func show(w http.ResponseWriter, r *http.Request, name string, values map[string]any) {
	values["csrf"] = csrf.TemplateField(r)
	pages.ExecuteTemplate(w, name, values)
}

func login(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		show(w, r, "login", map[string]any{"back": r.FormValue("return")})
		return
	}
	if r.FormValue("password") != "demo" { // yours: bcrypt.CompareHashAndPassword with what your database holds
		http.Error(w, "Wrong name or password", http.StatusForbidden)
		return
	}
	asked := map[string]string{"subject": r.FormValue("username"), "cookie": r.Header.Get("Cookie")}
	status, answer := sidecar("POST", "/sessions", asked)
	if status != http.StatusCreated {
		http.Error(w, answer.Title, status)
		return
	}
	for _, line := range answer.SetCookie {
		w.Header().Add("Set-Cookie", line) // as it is
	}
	back := r.FormValue("return")
	if !wayBack.MatchString(back) {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

func notes(w http.ResponseWriter, r *http.Request) {
	subject, err := url.PathUnescape(r.Header.Get("Curfew-Subject")) // as the proxy says
	if subject == "" || err != nil {
		http.Error(w, "The proxy has not said who it is", http.StatusForbidden)
	} else if r.URL.Path == "/logout" && r.Method == http.MethodPost {
		sidecar("DELETE", "/sessions/"+r.Header.Get("Curfew-Sid")+"?reason=signed-out", nil)
		http.Redirect(w, r, "/login", http.StatusSeeOther)
	} else {
		show(w, r, "notes", map[string]any{"subject": subject, "note": r.FormValue("note")})
	}
}

func main() {
	key := []byte(os.Getenv("SECRET_KEY"))[:32]
	protect := csrf.Protect(key, csrf.FieldName("csrf_token"), csrf.Path("/"), csrf.SameSite(csrf.SameSiteLaxMode))
	http.HandleFunc("/login", login)
	http.HandleFunc("/", notes)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), protect(http.DefaultServeMux)))
}
