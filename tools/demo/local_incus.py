"""Sells from an Incus of this machine, where one answers on its socket and listens for clients."""

import json
import os
import shutil
import subprocess

import seed

SOCKET = os.environ.get("INCUS_SOCKET", "/var/lib/incus/unix.socket")


def incus(*arguments):
    ran = subprocess.run(["incus", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, timeout=20, check=False,
                         env={**os.environ, "INCUS_SOCKET": SOCKET})
    if ran.returncode != 0:
        raise OSError(ran.stderr.strip())
    return ran.stdout.strip()


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def client_certificate(data):
    """A key pair that this Incus trusts; made and entered into its trust store once."""
    certificate, key = os.path.join(data, "incus.crt"), os.path.join(data, "incus.key")
    if not os.path.exists(certificate):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "3650", "-subj", "/CN=rustbill-demo", "-keyout", key, "-out", certificate],
                       check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.chmod(key, 0o600)
    incus("config", "trust", "add-certificate", certificate, "--name", "rustbill-demo")
    return read(certificate), read(key)


def offer(admin, data):
    """Adds an Incus interface and a group of products sold from it, or says why not."""
    if not os.path.exists(SOCKET) or not shutil.which("incus"):
        return
    try:
        address = incus("config", "get", "core.https_address")
        images = json.loads(incus("image", "list", "--format", "json"))
        if not address:
            print("An Incus answers here but listens for no clients. To sell from it: "
                  "incus config set core.https_address 127.0.0.1:8443, remove ./.data and start again.")
            return
        if not images:
            print("An Incus answers here but holds no image; nothing is sold from it.")
            return
        certificate, key = client_certificate(data)
        server_certificate = json.loads(incus("query", "/1.0"))["environment"]["certificate"]
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as reason:
        print(f"An Incus seems to be here but does not answer us: {reason}")
        return
    host = "127.0.0.1" + address[address.rindex(":"):] if address.startswith(("0.0.0.0", "[::]", ":")) else address
    alias = next((name["name"] for image in images for name in image["aliases"]), images[0]["fingerprint"])
    seed.ensure_interface(admin, "provider-incus", seed.INCUS, "本机 Incus (local)",
                          {"endpoint": f"https://{host}", "client_certificate": certificate, "client_key": key,
                           "server_certificate": server_certificate, "image": alias})
    seed.seed_catalogue(admin, seed.INCUS, [{
        "name": "本机 Incus", "description": "Containers on this machine · 本机真实容器",
        "groups": [{
            "name": "本机容器", "description": f"Real containers of the image {alias}", "region": "local", "os": alias,
            "products": [{"name": "容器 K1 · 1 核 1G", "cpu_cores": 1, "memory_gb": 1, "disk_gb": 5,
                          "bandwidth_mbps": 100, "monthly": 1000}]}]}])
    print(f"Also selling real containers from the Incus of this machine ({host}).")
