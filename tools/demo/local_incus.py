"""Sells from an Incus of this machine too, where one answers on its local socket."""

import http.client
import json
import os
import socket

import seed

SOCKET = os.environ.get("INCUS_SOCKET", "/var/lib/incus/unix.socket")


class SocketConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect(SOCKET)


def image_aliases():
    connection = SocketConnection("incus")
    connection.request("GET", "/1.0/images?recursion=1")
    answer = json.loads(connection.getresponse().read())
    return sorted(alias["name"] for image in answer["metadata"] for alias in image["aliases"])


def offer(admin):
    """Adds an Incus interface and a group of products sold from it. Returns a sentence about it, or
    nothing when no Incus is here."""
    if not os.path.exists(SOCKET):
        return ""
    try:
        aliases = image_aliases()
    except (OSError, ValueError, KeyError) as reason:
        return f"An Incus seems to be on this machine but does not answer us: {reason}"
    if not aliases:
        return "An Incus answers on this machine but holds no image with an alias, so nothing is sold from it."
    seed.ensure_interface(admin, "provider-incus", seed.INCUS, "本机 Incus (local)",
                          {"unix_socket": SOCKET, "image": aliases[0]})
    seed.seed_catalogue(admin, seed.INCUS, [{
        "name": "本机 Incus", "description": "Containers on this machine · 本机真实容器",
        "groups": [{
            "name": "本机容器", "description": f"Real containers of the image {aliases[0]}", "region": "local",
            "os": aliases[0],
            "products": [{"name": "容器 K1 · 1 核 1G", "cpu_cores": 1, "memory_gb": 1, "disk_gb": 5,
                          "bandwidth_mbps": 100, "monthly": 1000}]}]}])
    return f"The Incus of this machine sells real containers of its image {aliases[0]}, as 本机容器."
