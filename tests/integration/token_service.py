#!/usr/bin/env python3
"""Plays whoever gives tokens: a VM's metadata service, App Service, Azure Arc's agent and the
authority (login.microsoftonline.com), and a proxy that must not be asked. Loopback and link-local
addresses only; tests/integration/azure.bash starts it in a network of its own.

  token_service.py FOLDER SERVICE=ADDRESS:PORT ...      services: imds app-service arc authority trap

FOLDER holds sign.key (who signs tokens), tls.pem and tls.key (the authority's), and script.json, which
is read at each request: {"imds": ["429", "ok"], "life": 3600, "upn": "sa"}. A service does one word of
its list after the other, the last one for ever; without a list it does "ok". A request that lacks what
the real service insists on is answered as that one does. FOLDER/log has a line of JSON a request.

What is asked for, and with which words, is Microsoft's documentation; see docs/facts.md#entra.
"""
import base64
import http.server
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
ARC_FOLDER = pathlib.Path("/var/opt/azcmagent/tokens")
TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
SYSTEM = "11111111-1111-1111-1111-111111111111"
ASSIGNED = "22222222-2222-2222-2222-222222222222"
OBJECT = "44444444-2222-2222-2222-222222222222"
APPLICATION = "33333333-3333-3333-3333-333333333333"
SECRET = "client-Secret~of.the&application"
AUDIENCES = {
    "login.microsoftonline.com": "https://database.windows.net/",
    "login.microsoftonline.us": "https://database.usgovcloudapi.net/",
    "login.partner.microsoftonline.cn": "https://database.chinacloudapi.cn/",
}
lock = threading.Lock()
done = {}  # requests of each service since its list changed


def script():
    try:
        return json.loads((FOLDER / "script.json").read_text())
    except FileNotFoundError:
        return {}


def next_word(service):
    """Of the service's list; another list begins at its first word."""
    words = script().get(service, ["ok"])
    with lock:
        before, at = done.get(service, (None, 0))
        at = at if before == words else 0
        done[service] = (words, at + 1)
    return words[min(at, len(words) - 1)]


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(audience, client_id):
    """A token as Entra's: RS256 over who it is, for whom, and until when."""
    now, plan = int(time.time()), script()
    claims = {"aud": audience, "iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "nbf": now - 60,
              "exp": now + plan.get("life", 3600) + plan.get("exp_offset", 0), "appid": client_id}
    if plan.get("upn"):
        claims["upn"] = plan["upn"]
    claims["xms_pad"] = "x" * plan.get("pad", 0)
    head = encode(json.dumps({"typ": "JWT", "alg": "RS256", "kid": "test"}).encode())
    what = head + "." + encode(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", FOLDER / "sign.key"], input=what.encode(),
                               stdout=subprocess.PIPE, check=True).stdout
    return what + "." + encode(signature)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "token-service"

    def log_message(self, *_):
        pass

    def note(self, form):
        line = {"service": self.server.service, "method": self.command, "path": self.path, "form": form,
                "headers": {name.lower(): value for name, value in self.headers.items()}, "at": time.time()}
        with lock, open(FOLDER / "log", "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def say(self, status, body, headers=()):
        body = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def query(self):
        """The path and the one value of each name; a name twice is a mistake that no service forgives."""
        parts = urllib.parse.urlsplit(self.path)
        pairs = urllib.parse.parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        values = dict(pairs)
        return parts.path, values if len(values) == len(pairs) else {}

    def do_GET(self):
        self.answer({})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        self.answer(dict(urllib.parse.parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)))

    def do_CONNECT(self):
        self.answer({})

    def answer(self, form):
        self.note({name: ("…" if "secret" in name or "assertion" in name else value) for name, value in form.items()})
        self.close_connection = True
        if self.server.service == "trap":
            return self.say(502, "you should not be here")
        word = next_word(self.server.service)
        if not self.misbehave(word):
            SERVICES[self.server.service](self, word, form)

    def misbehave(self, word):
        """What any of them may do; whether it did."""
        if word.isdigit():
            headers = [("Retry-After", "1")] if word == "429" else []
            self.say(int(word), {"error": "scripted", "error_description": f"the script says {word}"}, headers)
        elif word == "slow":
            time.sleep(60)
        elif word == "drop":
            self.connection.close()
        elif word == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif word == "half":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"access_token":"eyJ0eXAi')
        elif word == "garbage":
            self.wfile.write(b"\x16\x03\x01 no HTTP here\r\n\r\n")
        elif word == "html":
            self.say(200, "<html>please log in to the hotel's network</html>")
        elif word == "redirect":
            self.say(302, "", [("Location", "http://127.0.0.1:3128/elsewhere")])
        elif word == "oversize":
            self.say(200, '{"access_token":"' + "a" * 70000 + '"}')
        elif word == "endless":
            self.endless()
        elif word == "wrong-types":
            self.say(200, {"access_token": 5, "expires_in": ["x"]})
        elif word == "nothing":
            self.say(200, {"token_type": "Bearer"})
        else:
            return False
        return True

    def endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b'{"access_token":"' * 1000)
        except OSError:
            pass


def times(word):
    """How long it lasts, in the form that the word asks for."""
    life, now = script().get("life", 3600), int(time.time())
    return {
        "string": {"expires_in": str(life), "expires_on": str(now + life)},
        "number": {"expires_in": life, "expires_on": now + life},
        "on-string": {"expires_on": str(now + life)},
        "date": {"expires_on": time.strftime("%m/%d/%Y %H:%M:%S +00:00", time.gmtime(now + life))},
        "no-expiry": {},
    }[word]


def identity_of(values, names):
    """Whose token: of at most one selector. None when it is nobody's."""
    given = [name for name in names if name in values]
    if len(given) > 1:
        return None
    if not given:
        return SYSTEM
    wanted = {names[0]: ASSIGNED, names[1]: OBJECT, names[2]: "/subscriptions/s/id"}
    return ASSIGNED if values[given[0]] == wanted[given[0]] else None


def give(handler, word, values, names, default, more=()):
    client_id = identity_of(values, names)
    if not client_id:
        return handler.say(400, {"error": "invalid_request", "error_description": "Identity not found"})
    body = {"access_token": sign(values["resource"], client_id), "token_type": "Bearer",
            "resource": values["resource"], "client_id": client_id}
    handler.say(200, {**body, **times(default if word == "ok" else word), **dict(more)})


def imds(handler, word, _form):
    path, values = handler.query()
    if handler.command != "GET" or path != "/metadata/identity/oauth2/token":
        return handler.say(404, {"error": "not_found"})
    if handler.headers.get("Metadata") != "true":
        return handler.say(400, {"error": "invalid_request", "error_description": "Required metadata header not specified"})
    if handler.headers.get("X-Forwarded-For") or handler.headers.get("Via"):
        return handler.say(403, {"error": "forbidden", "error_description": "through a proxy"})
    if values.get("api-version") != "2018-02-01" or not values.get("resource"):
        return handler.say(400, {"error": "bad_request_102", "error_description": "Required parameters missing"})
    give(handler, word, values, ("client_id", "object_id", "msi_res_id"), "string")


def app_service(handler, word, _form):
    path, values = handler.query()
    if path != "/msi/token" or handler.headers.get("X-IDENTITY-HEADER") != "the-Header-of-this-app":
        return handler.say(401, {"statusCode": 401, "message": "the header is missing or wrong"})
    if values.get("api-version") != "2019-08-01" or not values.get("resource"):
        return handler.say(400, {"statusCode": 400, "message": "parameters are missing"})
    give(handler, word, values, ("client_id", "principal_id", "mi_res_id"), "on-string")


def arc(handler, word, _form):
    path, values = handler.query()
    key = ARC_FOLDER / "agent.key"
    if path != "/metadata/identity/oauth2/token" or handler.headers.get("Metadata") != "true":
        return handler.say(400, {"error": "invalid_request"})
    if values.get("api-version") != "2020-06-01" or not values.get("resource"):
        return handler.say(400, {"error": "invalid_request"})
    if word.startswith("realm:"):
        return handler.say(401, "", [("WWW-Authenticate", "Basic realm=" + word[6:])])
    if word == "unchallenged":
        return give(handler, "string", values, ("client_id", "object_id", "msi_res_id"), "string")
    if handler.headers.get("Authorization") != "Basic " + key.read_text():
        return handler.say(401, {"error": "unauthorized_client"}, [("WWW-Authenticate", f"Basic realm={key}")])
    give(handler, word, values, ("client_id", "object_id", "msi_res_id"), "string")


def refuse(handler, status, error, text):
    handler.say(status, {"error": error, "error_description": text + "\r\nTrace ID: 1\r\nTimestamp: now",
                         "error_codes": [int("".join(c for c in text.split(":")[0] if c.isdigit()) or 0)]})


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def is_signed(assertion, url):
    """As Entra judges it: the algorithm, the certificate's sum, the claims, and with openssl the signature."""
    head, body, signature = assertion.split(".")
    header, claims = json.loads(decode(head)), json.loads(decode(body))
    der = subprocess.run(["openssl", "x509", "-in", FOLDER / "application.crt", "-outform", "DER"],
                         stdout=subprocess.PIPE, check=True).stdout
    digest = subprocess.run(["openssl", "dgst", "-sha256", "-binary"], input=der, stdout=subprocess.PIPE, check=True)
    (FOLDER / "signature").write_bytes(decode(signature))
    verified = subprocess.run(["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss",
                               "-sigopt", "rsa_pss_saltlen:32", "-verify", FOLDER / "application.pub",
                               "-signature", FOLDER / "signature"],
                              input=f"{head}.{body}".encode(), stdout=subprocess.DEVNULL, check=False)
    now = time.time()
    return (header == {"alg": "PS256", "typ": "JWT", "x5t#S256": encode(digest.stdout)}
            and claims["aud"] == url and claims["iss"] == claims["sub"] == APPLICATION
            and claims["nbf"] <= now + 1 and now < claims["exp"] <= now + 601 and len(claims["jti"]) == 36
            and verified.returncode == 0)


def authority(handler, word, form):
    host = handler.headers.get("Host", "").split(":")[0]
    audience = AUDIENCES.get(host, AUDIENCES["login.microsoftonline.com"])
    if handler.command != "POST" or handler.path != f"/{TENANT}/oauth2/v2.0/token":
        return refuse(handler, 400, "invalid_request", "AADSTS90002: Tenant not found.")
    if form.get("grant_type") != "client_credentials" or form.get("client_id") != APPLICATION:
        return refuse(handler, 400, "unauthorized_client", "AADSTS700016: Application not found in the directory.")
    if form.get("scope") != audience + ".default":
        return refuse(handler, 400, "invalid_resource", "AADSTS500011: The resource principal was not found.")
    if word == "echo":
        return handler.say(400, {"error": "bad", "error_description": "you sent " + json.dumps(form)})
    if word.startswith("echo-"):
        secret = form.get("client_secret", "").encode()
        echo = {"base64": lambda: base64.b64encode(secret), "hex": lambda: secret.hex().encode(),
                "base64-inside": lambda: base64.urlsafe_b64encode(b"id:" + secret),
                "escaped": lambda: "".join(f"%{byte:02x}" for byte in secret).encode()}[word[5:]]()
        return refuse(handler, 401, "invalid_client", f"AADSTS7000215: Invalid client secret provided: {echo.decode()}.")
    if "client_assertion" in form:
        if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            return refuse(handler, 400, "invalid_request", "AADSTS900144: assertion type")
        federated = (FOLDER / "federated").read_text().strip() if (FOLDER / "federated").exists() else None
        if form["client_assertion"] != federated and not is_signed(form["client_assertion"], f"https://{host}{handler.path}"):
            return refuse(handler, 401, "invalid_client", "AADSTS700027: The certificate is not registered.")
    elif form.get("client_secret") != SECRET:
        return refuse(handler, 401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    give(handler, word, {"resource": audience}, ("", "", ""), "number")


SERVICES = {"imds": imds, "app-service": app_service, "arc": arc, "authority": authority}


def serve(service, address, port):
    server = http.server.ThreadingHTTPServer((address, port), Handler)
    server.service = service
    server.daemon_threads = True
    if service == "authority":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(FOLDER / "tls.pem", FOLDER / "tls.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    for argument in sys.argv[2:]:
        service, place = argument.split("=")
        address, port = place.rsplit(":", 1)
        serve(service, address, int(port))
    (FOLDER / "ready").write_text(str(os.getpid()))
    threading.Event().wait()


main()
