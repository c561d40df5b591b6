#!/usr/bin/python3
"""Knocks at a VNC display (RFC 6143) as a viewer does, over TCP or, as noVNC does, over a WebSocket.

    tests/support/rfb_login.py HOST PORT PASSWORD [--websocket]

Prints what the display said of itself, and whether it let us in: "RFB 003.008 refused", or
"RFB 003.008 accepted NAME".
"""

import base64
import os
import socket
import struct
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES


class Plain:
    def __init__(self, connection):
        self.connection = connection
        self.rest = b""

    def more(self):
        data = self.connection.recv(65536)
        if not data:
            raise SystemExit("the display hung up")
        return data

    def read(self, count):
        while len(self.rest) < count:
            self.rest += self.more()
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def write(self, data):
        self.connection.sendall(data)


class WebSocket(Plain):
    """RFC 6455, as far as this needs it: messages in single frames."""

    def __init__(self, connection, host):
        super().__init__(connection)
        self.raw = Plain(connection)
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Protocol: binary\r\n\r\n".encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.raw.read(1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"no WebSocket: {head.splitlines()[0].decode()}")

    def more(self):
        kind, length = self.raw.read(2)
        if length == 126:
            length, = struct.unpack(">H", self.raw.read(2))
        data = self.raw.read(length)
        if kind & 0x0F == 8:
            raise SystemExit("the display hung up")
        return data

    def write(self, data):
        mask = os.urandom(4)
        self.connection.sendall(bytes([0x82, 0x80 | len(data)]) + mask
                                + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))


def answer_to(challenge, password):
    """RFC 6143, 7.2.2: DES with the password as its key, each byte's bits the other way round."""
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode().ljust(8, b"\0"))
    des = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()
    return des.update(challenge) + des.finalize()


def main(host, port, password, *how):
    connection = socket.create_connection((host, int(port)), 20)
    display = WebSocket(connection, host) if how == ("--websocket",) else Plain(connection)
    version = display.read(12)
    display.write(version)
    kinds = display.read(display.read(1)[0])
    if kinds != b"\x02":
        raise SystemExit(f"the display does not ask for a password, but for one of {list(kinds)}")
    display.write(b"\x02")
    display.write(answer_to(display.read(16), password))
    if struct.unpack(">I", display.read(4)) != (0,):
        print(version.decode().strip(), "refused")
        return
    display.write(b"\x01")
    length, = struct.unpack(">20xI", display.read(24))
    print(version.decode().strip(), "accepted", display.read(length).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
