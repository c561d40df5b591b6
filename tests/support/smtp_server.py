"""The server behind smtp-up: aiosmtpd with STARTTLS and AUTH required, one file per message."""

import json
import os
import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Mailbox:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.folder, str(self.count))
        with open(path + ".json", "w", encoding="utf-8") as envelope_file:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos,
                       "tls": session.ssl is not None, "login": session.auth_data}, envelope_file)
        # Renamed into place, so that who sees it sees the whole of it.
        with open(path + ".part", "wb") as message:
            message.write(envelope.content)
        os.rename(path + ".part", path + ".eml")
        return "250 accepted"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"shop", b"letters and 1 space")
    return AuthResult(success=good, handled=False, auth_data="shop" if good else None)


def main():
    folder, port = sys.argv[1], int(sys.argv[2])
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    controller = Controller(Mailbox(os.path.join(folder, "mail")), hostname="127.0.0.1", port=port,
                            tls_context=tls, require_starttls=True, auth_required=True,
                            authenticator=authenticate, auth_require_tls=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    main()
