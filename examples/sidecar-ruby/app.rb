# An app in Ruby behind nginx and Curfew's sidecar: Sinatra with Rack::Protection. To try it: ruby app.rb
require "json"
require "net/http"
require "rack/protection"
require "sinatra"

WAY_BACK = %r{\A(?=/)(?:/[!-.0->@-\[\]-~]+)*/?(?:\?[!-\[\]-~]*)?\z} # a path of this app, and no other host's
NOTES = []

set :bind, "127.0.0.1"
set :port, ENV.fetch("PORT", "8000")
set :server, "puma"
set :environment, :production
set :absolute_redirects, false
# The own session holds the CSRF token alone. Rack sets no cookie with `secure` where the browser asks by http.
use Rack::Session::Cookie, secret: ENV.fetch("SECRET_KEY"), key: "app", same_site: :lax, secure: !ENV["TRY_OVER_HTTP"], httponly: true
use Rack::Protection::AuthenticityToken

helpers do
  def subject = Rack::Utils.unescape_path(request.env.fetch("HTTP_CURFEW_SUBJECT", "")).force_encoding("UTF-8") # as the proxy says
  def csrf = %(<input type="hidden" name="authenticity_token" value="#{Rack::Protection::AuthenticityToken.token(session)}">)
  def page(body) = <<~HTML + body
    <!doctype html><title>Notes</title><script src="/curfew/curfew.js" defer></script>
    <script src="/curfew/curfew-drafts.js" defer></script>
  HTML

  def sidecar(method, path, body = nil)
    url = URI(ENV.fetch("CURFEW_PRIVATE", "http://127.0.0.1:4181") + path)
    headers = { "Authorization" => "Bearer #{ENV.fetch("CURFEW_SERVICE_TOKEN")}", "Content-Type" => "application/json" }
    options = { open_timeout: 1, read_timeout: 5 }
    answer = Net::HTTP.start(url.host, url.port, **options) { |http| http.send_request(method, url.request_uri, body&.to_json, headers) }
    [answer.code.to_i, JSON.parse(answer.body || "{}")]
  rescue SystemCallError, Timeout::Error
    [503, { "title" => "The sidecar cannot be reached" }]
  end
end

before { halt 403, "The proxy has not said who it is" if subject.empty? && request.path_info != "/login" }

get "/login" do
  back = Rack::Utils.escape_html(params.fetch("return", "/"))
  page %(<form method="post">#{csrf}<input type="hidden" name="return" value="#{back}"><input name="username">
    <input name="password" type="password"> <button>Sign in</button></form>)
end

post "/login" do
  halt 403, "Wrong name or password" unless params["password"] == "demo" # yours: BCrypt::Password.new(…) == …
  status, told = sidecar("POST", "/sessions", { subject: params["username"], cookie: request.env["HTTP_COOKIE"] })
  halt status, told["title"] unless status == 201
  session.clear # so the token is a new one; with Rails: reset_session
  headers "Set-Cookie" => told["setCookie"].join("\n") # as it is
  redirect WAY_BACK.match?(params["return"].to_s) ? params["return"] : "/", 303
end

post "/logout" do
  sidecar("DELETE", "/sessions/#{request.env["HTTP_CURFEW_SID"]}?reason=signed-out")
  session.clear
  redirect "/login", 303
end

post("/notes") { NOTES << params["note"]; redirect "/", 303 }
get "/" do
  said = [subject, NOTES.join(", ")].map { |text| Rack::Utils.escape_html(text) }
  page %(<h1>Hello, #{said[0]}</h1><p>#{said[1]}</p><form method="post" action="/notes">#{csrf}<input name="note"> <button>Save</button></form>
    <form method="post" action="/logout">#{csrf}<button>Sign out</button></form>)
end
