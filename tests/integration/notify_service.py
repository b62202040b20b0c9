#!/usr/bin/python3
"""Services that can be told something, on loopback: webhooks by http and https, mail by SMTP.

    notify_service.py FOLDER

Takes server.pem and server.key from FOLDER; writes FOLDER/ports (NAME=PORT for a shell) and, when all
listen, FOLDER/ready. What comes in goes to FOLDER/log, a JSON line each. FOLDER/script.json, if there is
one, says how to answer: {"http": ["429 1", "500", "reset", "hang", "202"], "data": ["451 later", "250 ok"]},
in that order, from the first after SIGHUP (which makes FOLDER/heard); what is left is taken. A recipient who begins with "gone" is
refused.

It is Debian's python that has aiosmtpd, whatever else PATH has: hence the first line.
"""
import http.server
import json
import os
import pathlib
import signal
import socket
import ssl
import sys
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
taken = {}


def log(**entry):
    with lock, open(folder / "log", "a") as out:
        out.write(json.dumps({"at": time.monotonic(), **entry}) + "\n")


def next_answer(service, usual):
    path = folder / "script.json"
    with lock:
        answers = json.loads(path.read_text()).get(service, []) if path.exists() else []
        at = taken[service] = taken.get(service, -1) + 1
        return answers[at] if at < len(answers) else usual


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        log(service="https" if self.server.is_tls else "http", path=self.path, headers=dict(self.headers), body=body)
        answer = next_answer("http", "202")
        if answer == "hang":
            time.sleep(60)
        if answer in ("hang", "reset"):
            self.close_connection = True
            self.connection.close()
            return
        status, _, wait = answer.partition(" ")
        said = b"" if status[0] == "2" else b"no <b>thanks</b>\x1b[31m\n"
        self.send_response(int(status))
        if wait:
            self.send_header("Retry-After", wait)
        if status == "302":
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *words):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a handshake that the other side broke off


def webhook(context):
    server = Quiet(("127.0.0.1", 0), Hook)
    server.is_tls = context is not None
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


class Post:
    def __init__(self, name):
        self.name = name

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        log(service=self.name, sender=envelope.mail_from, to=envelope.rcpt_tos, is_tls=session.ssl is not None,
            user=(session.auth_data.login.decode() if session.auth_data else None), body=envelope.content.decode())
        return next_answer("data", "250 OK")


def check(server, session, envelope, mechanism, data):
    fits = data.login == b"ssis" and data.password == b"pass-Word of mail"
    return AuthResult(success=fits, handled=False, auth_data=data)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def mail(name, **how):
    port = free_port()
    Controller(Post(name), hostname="127.0.0.1", port=port, **how).start()
    return port


def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    mute = socket.socket()
    mute.bind(("127.0.0.1", 0))
    mute.listen(16)
    ports = {
        "HTTP": webhook(None),
        "HTTPS": webhook(context),
        "SMTP": mail("smtp"),
        "STARTTLS": mail("starttls", tls_context=context, require_starttls=True, authenticator=check,
                         auth_required=True),
        "SMTPS": mail("smtps", ssl_context=context),
        "MUTE": mute.getsockname()[1],
        "DEAD": free_port(),
    }
    signal.signal(signal.SIGHUP, lambda number, frame: (taken.clear(), (folder / "heard").touch()))
    (folder / "ports").write_text("".join(f"{name}={port}\n" for name, port in ports.items()))
    (folder / "ready").touch()
    while True:
        signal.pause()


SMTP.line_length_limit = 4096
os.umask(0o077)
main()
