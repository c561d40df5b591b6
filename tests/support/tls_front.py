"""A TLS front for a server of ours: a certificate of its own, and the bytes passed through."""

import os
import socket
import ssl
import subprocess
import threading


def pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass  # either side may hang up at any time; the other then learns of it
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already


class TlsFront:
    """https://127.0.0.1:PORT in front of 127.0.0.1:`behind`; `certificate` is its authority, as PEM."""

    def __init__(self, folder, port, behind):
        self.url = f"https://127.0.0.1:{port}"
        self.behind = behind
        key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        with open(certificate, encoding="ascii") as file:
            self.certificate = file.read()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return  # stopped
            threading.Thread(target=self.serve_one, args=(plain,), daemon=True).start()

    def serve_one(self, plain):
        try:
            inner = self.context.wrap_socket(plain, server_side=True)
        except (ssl.SSLError, OSError):
            plain.close()  # the client did not trust us
            return
        outer = socket.create_connection(("127.0.0.1", self.behind))
        threading.Thread(target=pump, args=(inner, outer), daemon=True).start()
        pump(outer, inner)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
