#!/usr/bin/python3
"""`make run` as a person uses it: start, paste the three commands, Ctrl-C, start again."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

import stories  # noqa: E402
from child_process import BUILD, ROOT, ChildProcess, Unavailable, free_port, private_folder, wait_until  # noqa: E402

FOLDER = private_folder("demo")
PORT = free_port()
STARTED_AGAIN_SECS_MAX = 1.0


def start(log, port=PORT):
    shop = ChildProcess(["tools/run", "--build", BUILD, "--data", os.path.join(FOLDER, "data"), "--port", str(port)],
                        os.path.join(FOLDER, log))
    return shop


def output(shop):
    with open(shop.log, encoding="utf-8") as log:
        return log.read()


def wait_for_welcome(shop, seconds):
    def welcomed():
        assert shop.running(), output(shop)
        return "Ctrl-C stops" in output(shop)
    wait_until(welcomed, "the welcome", seconds, pause=0.01)


def interrupt(shop):
    shop.process.send_signal(signal.SIGINT)
    assert shop.process.wait(timeout=40) == 0, output(shop)


def processes():
    """(id, command line) of each on this machine."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                yield int(pid), file.read().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue


def pids_of(words):
    return [pid for pid, line in processes() if words in line]


def processes_of_the_shop():
    return [line for pid, line in processes() if FOLDER in line and pid != os.getpid()]


def the_first_start_sells_a_server_by_the_three_printed_commands():
    shop = start("first.log")
    wait_for_welcome(shop, 60)
    welcome = output(shop)
    page = f"http://localhost:{PORT}/admin/"
    assert page in welcome, welcome
    with urllib.request.urlopen(page, timeout=20) as answer:
        assert b"<!doctype html>" in answer.read().lower()
    assert re.search(r"administrator\s+admin\s+password \S+", welcome), welcome
    commands = welcome[welcome.index("# 1."):welcome.index("Ctrl-C stops")]
    pasted = subprocess.run(["bash"], input=commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=True, timeout=60).stdout
    assert re.search(r'"status":\s*"running"', pasted), pasted
    cli = re.search(r"command line\s+(.+) --help\n", welcome).group(1)
    subprocess.run(["bash", "-c", cli + " ledger verify"], stdout=subprocess.DEVNULL, check=True, timeout=60)
    interrupt(shop)
    assert not processes_of_the_shop(), processes_of_the_shop()


def second_start(number):
    """Starts the shop that has data already; returns how long it took and what it said."""
    began = time.monotonic()
    shop = start(f"second-{number}.log")
    wait_for_welcome(shop, 20)
    return time.monotonic() - began, shop


def the_second_start_keeps_the_data_and_is_up_within_a_second():
    took, shop = second_start(1)
    welcome = output(shop)
    assert "the password was shown at the first start" in welcome, welcome
    commands = welcome[welcome.index("# 1."):welcome.index("# 2.")] + welcome[welcome.index("# 3."):welcome.index("Ctrl-C")]
    pasted = subprocess.run(["bash"], input=commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=True, timeout=60).stdout
    assert re.search(r'"status":\s*"running"', pasted), "the server bought before the restart is gone: " + pasted
    interrupt(shop)
    # The best of a few: another program's burst is not our slowness.
    times = [took]
    while min(times) >= STARTED_AGAIN_SECS_MAX and len(times) < 5:
        took, shop = second_start(len(times) + 1)
        interrupt(shop)
        times.append(took)
    assert min(times) < STARTED_AGAIN_SECS_MAX, f"{min(times):.2f} s at best"


def a_closed_terminal_stops_all_of_it():
    _, shop = second_start("hung-up")
    shop.process.send_signal(signal.SIGHUP)
    assert shop.process.wait(timeout=40) == 0, output(shop)
    assert not processes_of_the_shop(), processes_of_the_shop()


def give_database_to(user):
    for folder, _, files in os.walk(os.path.join(FOLDER, "data/postgres")):
        shutil.chown(folder, user)
        for name in files:
            shutil.chown(os.path.join(folder, name), user)


def a_database_stays_with_the_user_who_made_it():
    """As when PostgreSQL's own user comes to the machine after the shop."""
    if os.geteuid() != 0:
        raise Unavailable("only root has PostgreSQL run as somebody else")
    give_database_to("daemon")
    _, shop = second_start("of-daemon")
    owners = {os.stat(f"/proc/{pid}").st_uid for pid in pids_of("bin/postgres -D " + FOLDER)}
    assert owners == {pwd.getpwnam("daemon").pw_uid}, owners
    interrupt(shop)
    assert not processes_of_the_shop(), processes_of_the_shop()


def a_busy_port_is_named_in_a_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        shop = start("busy.log", port)
        assert shop.process.wait(timeout=20) == 1
        assert f"port {port} is in use" in output(shop), output(shop)
    assert not processes_of_the_shop(), processes_of_the_shop()


def a_data_folder_that_cannot_be_used_is_named_in_a_sentence():
    in_the_way = os.path.join(FOLDER, "in-the-way")
    with open(in_the_way, "w", encoding="ascii"):
        pass
    not_ours = os.path.join(FOLDER, "not-ours")
    os.mkdir(not_ours)
    if os.geteuid() == 0:
        os.chown(not_ours, 65534, 65534)
    else:
        os.chmod(not_ours, 0o500)
    for folder in in_the_way, os.path.join(in_the_way, "below"), not_ours:
        shop = subprocess.run(["tools/run", "--build", BUILD, "--data", folder, "--port", str(PORT)], cwd=ROOT, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        assert shop.returncode == 1, shop.stdout
        assert shop.stdout.startswith(f"make run: the data folder {folder} cannot be used: "), shop.stdout
    assert not processes_of_the_shop(), processes_of_the_shop()


if __name__ == "__main__":
    assert os.path.exists(os.path.join(ROOT, "tools/run"))
    stories.run([the_first_start_sells_a_server_by_the_three_printed_commands,
                 the_second_start_keeps_the_data_and_is_up_within_a_second,
                 a_closed_terminal_stops_all_of_it,
                 a_database_stays_with_the_user_who_made_it,
                 a_busy_port_is_named_in_a_sentence,
                 a_data_folder_that_cannot_be_used_is_named_in_a_sentence])
