# SPDX-License-Identifier: ISC
"""A server for tests: it answers as a model says, logs what was asked, and fails when told to.

	serve(model, folder)		a model has answer(method, target, headers, body, base) and act(op)

It binds a free port of 127.0.0.1 and writes its address to FOLDER/url; every request becomes a line of JSON in FOLDER/log.
With FOLDER/cert.pem and FOLDER/key.pem it speaks TLS. These requests are its own, and are not logged:

	POST /_mock/act		[op, ...]		lets things happen
	POST /_mock/fault	[fault, ...]		what to do wrong, and when; "calm" forgets what is still to come
	GET /_mock/truth				what the model says of itself, where it has truth()
	GET /_mock/export				all of it as files, where it has export(): {name: content}

A fault has `at`, the number of the request from now on that it is for (1 is the next; a list may be given) and perhaps
`match`, a part of the target that counts alone; and then one of
	"act": [op, ...]	lets things happen just before that request is answered
	"status": 503		answers so, with `headers` and `body`
	"how": "reset" | "truncate" | "html" | "badjson" | "hang", or without an end "trickle" | "headers" | "bomb", or
		"short", with a Content-Length that ends too early
	"delay": 0.2		waits so many seconds first
	"call": function	is called just before that request is answered (for those who start the server themselves)
"""
import json
import os
import socket
import ssl
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Script:
    """The faults still to come."""

    def __init__(self):
        self.faults = []

    def add(self, faults):
        for f in faults:
            at = f.get("at", 1)
            for n in at if isinstance(at, list) else [at]:
                self.faults.append(dict(f, left=n))

    def due(self, target):
        """Those for this request; every matching request brings the others nearer."""
        due = []
        for f in self.faults:
            if f.get("match", "") in target:
                f["left"] -= 1
                if f["left"] == 0:
                    due.append(f)
        self.faults = [f for f in self.faults if f["left"] > 0]
        return due


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, status, headers, body, cut=0):
        head = ["HTTP/1.1 %d Status" % status]
        if status not in (204, 304):
            headers = dict(headers, **{"Content-Length": str(len(body))})
        headers.setdefault("Date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()))
        head += ["%s: %s" % h for h in headers.items()]
        if status in (204, 304):
            body = b""
        self.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n" + body[:len(body) - cut])
        self.wfile.flush()

    def drop(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def endless(self, how):
        """What no client should take to its end."""
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        try:
            if how == "headers":
                self.wfile.write(head)
                while True:
                    self.wfile.write(b"X-More: " + b"a" * 1000 + b"\r\n")
            if how == "bomb":
                self.wfile.write(head + b"Content-Encoding: gzip\r\nContent-Length: 100000000\r\n\r\n")
                pack, zeros = zlib.compressobj(9, zlib.DEFLATED, 31), b" " * (1 << 20)
                while True:
                    self.wfile.write(pack.compress(zeros))
            self.wfile.write(head + b"Content-Length: 1000\r\n\r\n")
            while not self.server.stop.wait(0.1):
                self.wfile.write(b" ")
        except OSError:
            pass
        self.close_connection = True

    def control(self, body):
        if self.path == "/_mock/truth":
            self.reply(200, {}, self.server.model.truth().encode())
            return
        if self.path == "/_mock/export":
            self.reply(200, {}, json.dumps(self.server.model.export()).encode())
            return
        try:
            for item in json.loads(body):
                if self.path == "/_mock/act":
                    self.server.model.act(item)
                elif item == "calm":
                    self.server.script.faults = []
                else:
                    self.server.script.add([item])
            self.reply(200, {}, b"ok\n")
        except Exception as e:  # the test that sent it is wrong, and is to see why
            self.reply(500, {}, ("%s: %s\n" % (type(e).__name__, e)).encode())

    def note(self, status, length):
        self.server.count += 1
        line = {"n": self.server.count, "flying": self.server.flying, "method": self.command, "target": self.path, "status": status, "bytes": length,
                "at": time.time(), "headers": {k.lower(): v for k, v in self.headers.items()}}
        self.server.log.write(json.dumps(line) + "\n")
        self.server.log.flush()

    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.flying += 1
        try:
            self.respond(body)
        finally:
            with self.server.lock:
                self.server.flying -= 1

    def respond(self, body):
        server = self.server
        with server.lock:
            if self.path.startswith("/_mock/"):
                self.control(body)
                return
            due = server.script.due(self.path)
            for f in due:
                for op in f.get("act", []):
                    server.model.act(op)
                if "call" in f:
                    f["call"]()
            status, headers, answer = server.model.answer(
                self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body, server.base)
            how, cut = "", 0
            for f in due:
                how = f.get("how", how)
                if "status" in f:
                    status, headers = f["status"], f.get("headers", {})
                    answer = f["body"].encode() if "body" in f else b'{"message": "scripted"}'
            if how in ("html", "badjson"):
                status, headers = 200, {"Content-Type": "text/html"}
                answer = b"<html>come back later</html>" if how == "html" else answer[:-1]
            self.note(0 if how in ("reset", "hang", "trickle", "headers", "bomb") else status, len(answer))
        delay = sum(f.get("delay", 0) for f in due) + server.delay
        if how == "hang":
            server.stop.wait(30)
        elif delay:
            time.sleep(delay)
        if how in ("reset", "hang"):
            self.drop()
            return
        if how in ("trickle", "headers", "bomb"):
            self.endless(how)
            return
        if how == "short":
            answer = answer[:len(answer) // 2]
        if how == "truncate":
            cut = max(1, len(answer) // 2)
        self.reply(status, headers, answer, cut)
        if cut:
            self.drop()

    do_GET = do_POST = any


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


def make(model, folder, delay=0.0):
    server = Server(("127.0.0.1", 0), Handler)
    server.model, server.script, server.lock, server.stop = model, Script(), threading.Lock(), threading.Event()
    server.delay, server.count, server.flying = delay, 0, 0
    server.log = open(os.path.join(folder, "log"), "a")
    scheme = "http"
    if os.path.exists(os.path.join(folder, "cert.pem")):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    server.base = "%s://127.0.0.1:%d" % (scheme, server.server_address[1])
    with open(os.path.join(folder, "url.new"), "w") as f:
        f.write("%s\n" % server.base)
    os.rename(os.path.join(folder, "url.new"), os.path.join(folder, "url"))
    return server


def serve(model, folder, delay=0.0):
    make(model, folder, delay).serve_forever()
