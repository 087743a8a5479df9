<?php
// An app in plain PHP behind nginx and Curfew's sidecar. To try it: php -S 127.0.0.1:8000 index.php
declare(strict_types=1);

const WAY_BACK = '#\A(?=/)(?:/[!-.0->@-\[\]-~]+)*/?(?:\?[!-\[\]-~]*)?\z#'; // a path of this app, and no other host's

// The own session holds the CSRF token alone. It must outlive Curfew's: policy.absolute is 12 hours.
ini_set('session.gc_maxlifetime', '43200');
session_start(['use_strict_mode' => true, 'cookie_httponly' => true, 'cookie_secure' => true, 'cookie_samesite' => 'Lax']);
$_SESSION['csrf_token'] ??= bin2hex(random_bytes(32));

$subject = rawurldecode($_SERVER['HTTP_CURFEW_SUBJECT'] ?? ''); // who it is, as the proxy says
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$is_post = $_SERVER['REQUEST_METHOD'] === 'POST';

if ($is_post && !hash_equals($_SESSION['csrf_token'], (string) ($_POST['csrf_token'] ?? ''))) refuse(403, 'The CSRF token is missing or old');
if ($path === '/login') {
    if (!$is_post) page('<form method="post">' . token() . field('return', $_GET['return'] ?? '/')
        . '<input name="username"> <input name="password" type="password"> <button>Sign in</button></form>');
    // Yours: password_verify() with what your database holds.
    if ($_POST['password'] !== 'demo') refuse(403, 'Wrong name or password');
    $cookie = $_SERVER['HTTP_COOKIE'] ?? '';
    [$status, $told] = sidecar('POST', '/sessions', ['subject' => $_POST['username'], 'cookie' => $cookie]);
    if ($status !== 201) refuse($status, $told['title'] ?? 'The sidecar cannot be reached');
    session_regenerate_id(true);
    $_SESSION['csrf_token'] = bin2hex(random_bytes(32));
    foreach ($told['setCookie'] as $line) header("Set-Cookie: $line", false); // as it is
    go(preg_match(WAY_BACK, $_POST['return']) ? $_POST['return'] : '/');
}
if ($subject === '') refuse(403, 'The proxy has not said who it is');
if ($is_post && $path === '/logout') {
    sidecar('DELETE', '/sessions/' . rawurlencode($_SERVER['HTTP_CURFEW_SID']) . '?reason=signed-out');
    session_destroy();
    go('/login');
}
if ($is_post) $_SESSION['notes'][] = $_POST['note'];
page('<h1>Hello, ' . htmlspecialchars($subject) . '</h1><p>' . htmlspecialchars(implode(', ', $_SESSION['notes'] ?? [])) . '</p>'
    . '<form method="post" action="/notes">' . token() . '<input name="note"> <button>Save</button></form>'
    . '<form method="post" action="/logout">' . token() . '<button>Sign out</button></form>');

function sidecar(string $method, string $path, ?array $body = null): array {
    $headers = ['Authorization: Bearer ' . getenv('CURFEW_SERVICE_TOKEN'), 'Content-Type: application/json'];
    $options = ['method' => $method, 'header' => $headers, 'timeout' => 5, 'ignore_errors' => true];
    if ($body !== null) $options['content'] = json_encode($body);
    $url = (getenv('CURFEW_PRIVATE') ?: 'http://127.0.0.1:4181') . $path;
    $answer = @file_get_contents($url, false, stream_context_create(['http' => $options]));
    return [(int) (explode(' ', $http_response_header[0] ?? '- 503')[1]), json_decode($answer ?: '{}', true)];
}
function field(string $name, string $value): string { return '<input type="hidden" name="' . $name . '" value="' . htmlspecialchars($value) . '">'; }
function token(): string { return field('csrf_token', $_SESSION['csrf_token']); }
function go(string $where): never { header("Location: $where", true, 303); exit; }
function refuse(int $status, string $why): never { http_response_code($status); exit(htmlspecialchars($why)); }
function page(string $body): never {
    exit('<!doctype html><title>Notes</title><script src="/curfew/curfew.js" defer></script>'
        . '<script src="/curfew/curfew-drafts.js" defer></script>' . $body);
}
