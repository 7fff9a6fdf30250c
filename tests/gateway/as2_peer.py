#!/usr/bin/env python3
"""A partner who speaks AS2 by pyas2lib, as a process of its own: another make of everything.

    as2_peer.py DIRECTORY          DIRECTORY has peer.pem, peer.key and ours.pem

It listens on a free port of 127.0.0.1, which it prints. Everything that is said to it is JSON, one object per line on its
standard input, and each is answered by one line on its standard output:

    {"do": "send", "url": …, "id": …, "file": …, "options": {…}}     posts a message; what the receipt says
    {"do": "options", "options": {…}}                                 how messages to us must be, and how we answer
    {"do": "got"}                                                     what came: names and contents, in hex

Options are those of pyas2lib's Partner. pyas2lib is GPL and stays a process of its own; nothing of it is part of edigate.
"""
import http.client
import http.server
import json
import sys
import threading
import urllib.parse

from pyas2lib import as2

DIRECTORY = sys.argv[1]


def read(name):
    with open(f"{DIRECTORY}/{name}", "rb") as file:
        return file.read()


class Peer:
    """What is known of both sides, and what happened."""

    def __init__(self):
        pair = read("peer.key") + read("peer.pem")
        self.mdn_url = None
        self.pair = pair
        self.options = {}
        self.sent = {}
        self.got = []
        self.posted = []
        self.arrived = threading.Condition()

    def ours(self):
        return as2.Organization(
            as2_name="Mega Mart", sign_key=self.pair, sign_key_pass="", decrypt_key=self.pair, decrypt_key_pass="",
            mdn_url=self.mdn_url,
        )

    def theirs(self, options):
        # Without this it reads and writes mail, and changes line ends before it verifies.
        settings = {"canonicalize_as_binary": True, **options}
        return as2.Partner(
            as2_name="ACME", verify_cert=read("ours.pem"), encrypt_cert=read("ours.pem"), validate_certs=False, **settings,
        )


PEER = Peer()


def raw(headers, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return lines.encode() + b"\r\n" + body


def post(url, headers, body):
    """Posts, and reads the answer."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.request("POST", parts.path or "/", body=body, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.getheaders(), answer.read()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        whole = raw(self.headers.items(), body)
        try:
            answer = self.receipt_of(whole)
        except Exception as error:  # the test reads it
            answer = None
            with PEER.arrived:
                PEER.got.append({"error": repr(error)})
        headers, content = answer or ({}, b"")
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def receipt_of(self, whole):
        mdn = as2.Mdn()
        found = {}

        def find(message_id, _recipient):
            found["message"] = PEER.sent.get(message_id.strip("<>"))
            return found["message"]

        kind = (self.headers.get("content-type") or "").lower()
        if "multipart/report" in kind or ("multipart/signed" in kind and b"message/disposition-notification" in whole):
            status, detail = mdn.parse(whole, find)
            with PEER.arrived:
                PEER.posted.append({"status": status, "detail": detail})
                PEER.arrived.notify_all()
            return None
        message = as2.Message()
        status, exception, mdn = message.parse(
            whole, lambda _: PEER.ours(), lambda _: PEER.theirs(PEER.options), lambda *_: False
        )
        with PEER.arrived:
            PEER.got.append({
                "status": status,
                "error": repr(exception[0]) if exception[0] else None,
                "name": message.payload.get_filename(),
                "content": (message.content or b"").hex(),
                "signed": message.signed, "encrypted": message.encrypted, "compressed": message.compressed,
            })
        if mdn is None:
            return None
        if mdn.mdn_mode == "ASYNC":
            headers, content, url = dict(mdn.headers), mdn.content, mdn.mdn_url
            threading.Timer(0.2, lambda: post(url, headers, content)).start()
            return None
        return dict(mdn.headers), mdn.content


def send(ask):
    options = dict(ask["options"])
    theirs = PEER.theirs(options)
    message = as2.Message(PEER.ours(), theirs)
    with open(ask["file"], "rb") as file:
        content = file.read()
    message.build(
        content, filename=ask["name"], subject="order", content_type="application/edi-x12",
        disposition_notification_to="peer@example.com",
    )
    PEER.sent[message.message_id] = message
    waiting = len(PEER.posted)
    status, headers, body = post(ask["url"], message.headers, message.content)
    said = {"status": status, "message_id": message.message_id, "size": len(body)}
    if options.get("mdn_mode") == "SYNC" and body:
        said["receipt"], said["detail"] = as2.Mdn().parse(raw(headers, body), lambda *_: message)
    if options.get("mdn_mode") == "ASYNC":
        with PEER.arrived:
            PEER.arrived.wait_for(lambda: len(PEER.posted) > waiting, timeout=20)
            last = PEER.posted[-1] if len(PEER.posted) > waiting else {"status": None, "detail": "no receipt came"}
        said["receipt"], said["detail"] = last["status"], last["detail"]
    return said


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    PEER.mdn_url = f"http://127.0.0.1:{port}/receipts"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": port}), flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "send":
                said = send(ask)
            elif ask["do"] == "options":
                PEER.options = ask["options"]
                said = {}
            else:
                with PEER.arrived:
                    said = {"got": PEER.got}
        except Exception as error:  # the test reads it
            said = {"error": repr(error)}
        print(json.dumps(said), flush=True)


main()
