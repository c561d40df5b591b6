"""Programs a test starts: they end with the test, however it ends."""

import atexit
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("RB_BUILD", os.path.join(ROOT, "build/release")))


class Unavailable(Exception):
    """A peer cannot run on this machine; the text says why. Tests skip on it."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def private_folder(name):
    """A folder that is gone when this program ends."""
    path = tempfile.mkdtemp(prefix=f"rustbill-{name}-")
    os.chmod(path, 0o755)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def wait_until(holds, what, seconds=30.0, pause=0.05):
    """Returns the first true answer of `holds`; AssertionError when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = holds()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class ChildProcess:
    """A running program whose output goes to a file."""

    def __init__(self, command, log, env=None, cwd=ROOT):
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT, env=env, cwd=cwd,
                                            preexec_fn=die_with_parent)
        atexit.register(self.kill)

    def running(self):
        return self.process.poll() is None

    def kill(self):
        if self.running():
            self.process.kill()
            self.process.wait()

    def terminate(self, seconds=30):
        """Asks it to end and returns its exit code."""
        if self.running():
            self.process.terminate()
        return self.process.wait(timeout=seconds)

    def last_words(self, lines=15):
        with open(self.log, encoding="utf-8", errors="replace") as output:
            return "".join(output.readlines()[-lines:])


def start_peer(script, *arguments, ends_with="peer-down"):
    """Runs tests/support/<script> DIR arguments... and returns what it printed as a dict. The peer
    ends with this program. Raises Unavailable with the script's sentence when it cannot run."""
    folder = tempfile.mkdtemp(prefix=f"rustbill-{script}-")
    ender = os.path.join(ROOT, "tests/support", ends_with)
    atexit.register(subprocess.run, [ender, folder], check=False)
    started = subprocess.run([os.path.join(ROOT, "tests/support", script), folder, *map(str, arguments)],
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, check=False)
    if started.returncode == 77:
        raise Unavailable(started.stderr.strip().splitlines()[-1])
    if started.returncode != 0:
        raise AssertionError(f"{script}: {started.stderr}")
    return dict(line.split("=", 1) for line in started.stdout.splitlines() if "=" in line)


class Database:
    """A database by its URL. Needs psql."""

    def __init__(self, url):
        self.url = url

    def rows(self, sql):
        """The rows of a query as lists of strings."""
        client = shutil.which("psql")
        if client is None:
            raise Unavailable("psql is not installed (make test-setup installs it)")
        answer = subprocess.run([client, "-X", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", sql,
                                 self.url], check=True, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE).stdout
        return [line.split("\x1f") for line in answer.splitlines()]

    def value(self, sql):
        found = self.rows(sql)
        return found[0][0] if found else None


class Postgres(Database):
    """A private embedded PostgreSQL, which may be crashed and started again."""

    def __init__(self, options="-c fsync=off"):
        self.folder = os.path.join(private_folder("pg"), "pg")
        self.port = free_port()
        self.options = options
        super().__init__("")
        atexit.register(self.crash)
        self.start()

    def tool(self, *arguments):
        return subprocess.run([os.path.join(ROOT, "tools/postgres"), *arguments], check=True, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              env={**os.environ, "RB_PG_OPTIONS": self.options}).stdout.strip()

    def start(self):
        self.url = self.tool("start", self.folder, str(self.port)).splitlines()[-1]

    def crash(self):
        self.tool("stop", self.folder, "immediate")

    def copy_as(self, name):
        """A new database with what is in ours now. REQUIRES: nobody is connected to ours"""
        subprocess.run([shutil.which("psql") or "psql", "-X", "-q", "-c", f'CREATE DATABASE "{name}" TEMPLATE rustbill',
                        self.url.rpartition("/")[0] + "/postgres"], check=True, stdin=subprocess.DEVNULL)
        return Database(self.url.rpartition("/")[0] + "/" + name)
