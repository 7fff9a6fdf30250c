#!/usr/bin/env python3
"""A mail server for one test: it wants STARTTLS and a login, and keeps each mail as a file.

    mail_server.py FOLDER PORT CERTIFICATE KEY USER PASSWORD      prints "ready"
"""

import pathlib
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

folder, port, certificate, key, user, password = sys.argv[1:]
folder = pathlib.Path(folder)


class Keep:
    async def handle_DATA(self, server, session, envelope):
        number = len(list(folder.glob("*.eml"))) + 1
        unnamed = folder / f"{number}.tmp"
        unnamed.write_bytes(envelope.content)
        unnamed.rename(folder / f"{number}.eml")
        return "250 kept"


def authenticate(server, session, envelope, mechanism, login):
    known = isinstance(login, LoginPassword) and (login.login, login.password) == (user.encode(), password.encode())
    return AuthResult(success=known, handled=False)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
controller = Controller(
    Keep(),
    hostname="127.0.0.1",
    port=int(port),
    tls_context=context,
    require_starttls=True,
    authenticator=authenticate,
    auth_required=True,
)
controller.start()
print("ready", flush=True)
threading.Event().wait()
