# shellcheck shell=sh
# What the *-up scripts share; sourced. Debian's own Python is named by its path: its modules belong
# to it, and another may stand before it in PATH. A peer that cannot run here exits with 77 and a sentence.

# Where Debian keeps daemons, and where its users' PATH does not look.
PATH=$PATH:/usr/sbin

cannot() { echo "$1" >&2; exit 77; }

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits until something listens on the port, or the process PID is gone.
wait_for_port() {
    /usr/bin/python3 - "$1" "$2" <<'WAIT'
import os, socket, sys, time
port, pid = int(sys.argv[1]), int(sys.argv[2])
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        break
sys.exit("it did not start to listen")
WAIT
}
