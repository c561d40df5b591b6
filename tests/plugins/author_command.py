#!/usr/bin/python3
"""What an author of plugins gets from `rune`: checks and tests of every shipped plugin and template, and
the way from real traffic to a cassette to a test that needs no peer.

The last line is "N passed, N failed", as tools/test counts it.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))

from epay_peer import KEY, EpayPeer  # noqa: E402

RUNE = os.path.join(os.environ.get("RB_BUILD", "build/dev"), "rune")
SCRIPTS = sorted(glob.glob("plugins/*.rn") + glob.glob("plugins/templates/*.rn"))
# Their tests are beside their peers, not in the file.
WITHOUT_TESTS = {"plugins/provider-rustbill.rn", "plugins/provider-kvm.rn"}

HEADER = """
pub fn manifest() {
    #{ id: "notifier-x", "type": "Notifier", name: "X", capabilities: ["webhook"],
       grants: #{ modules: ["http", "smtp", "time", "crypto", "kv"], hosts: ["a.example"] } }
}
pub fn send(config, n) { () }
"""


class Run:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, claim, holds, shown=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {claim}\n{shown}", file=sys.stderr)


def rune(*arguments):
    return subprocess.run([RUNE, *arguments], capture_output=True, text=True, check=False)


def shipped_scripts(run):
    for script in SCRIPTS:
        checked = rune("check", script)
        run.check(f"{script} is accepted", checked.returncode == 0, checked.stderr)
        tested = rune("test", "--json", script)
        result = json.loads(tested.stdout or '{"passed": 0, "failed": [{"test": "none ran"}]}')
        run.passed += result["passed"]
        for failure in result["failed"]:
            run.check(f"{script}: {failure['test']}", False, tested.stderr)
        if script not in WITHOUT_TESTS:
            run.check(f"{script} has tests", result["passed"] > 0)


def written(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def check_says_what_the_server_would(run, folder):
    for name, text, why in [
        ("other.rn", HEADER, "the file must be called notifier-x.rn"),
        ("notifier-x.rn", HEADER.replace('"crypto", ', "") + 'pub fn f() { host::crypto::random_hex(1) }', "grants"),
        ("notifier-x.rn", HEADER.replace("pub fn send", "fn send"), "pub fn send"),
        ("notifier-x.rn", HEADER.replace("grants", "rights"), "rights: is not known"),
    ]:
        checked = rune("check", written(folder, name, text))
        run.check(f"check says: {why}", checked.returncode == 1 and why in checked.stderr, checked.stderr)
    plain = rune("check", written(folder, "plain.rn", "pub fn main() { host::time::now() }"))
    run.check("a script without a manifest is a script all the same", plain.returncode == 0, plain.stderr)


def tests_are_alone_in_their_world(run, folder):
    script = written(folder, "notifier-x.rn", HEADER + """
#[test]
fn time_stands_still() { assert_eq!(host::time::rfc3339(host::time::now()), "2027-01-15T08:00:00Z"); }
#[test]
fn randomness_repeats() { assert_eq!(host::crypto::random_hex(2), "0001"); }
#[test]
fn storage_is_empty_one() { assert_eq!(host::kv::put("k", "v"), 1); }
#[test]
fn storage_is_empty_two() { assert_eq!(host::kv::put("k", "v"), 1); }
#[test]
fn http_says_why() {
    let error = host::http::request(#{ url: "https://a.example/x?key=s3cret" }).0;
    assert_eq!(error.kind, "refused");
    assert_eq!(error.message,
               "GET https://a.example/x?key=[redacted]: there is no network here; --cassette answers");
}
#[test]
fn mail_says_why() {
    let mail = #{ host: "127.0.0.1", port: 1, from: "a@b.example", to: ["a@b.example"], subject: "s", text: "t" };
    assert!(host::smtp::send(mail).0.message.contains("there is no network here"));
}
""")
    tested = rune("test", script)
    run.check("a test's world is its own and answers the same", "6 passed, 0 failed" in tested.stdout, tested.stderr)


def traffic_becomes_a_cassette(run, folder):
    tape = os.path.join(folder, "tape.json")
    script = "plugins/gateway-yipay.rn"
    with EpayPeer() as peer:
        config = written(folder, "config.json", json.dumps(
            {"endpoint": peer.url, "pid": "1000", "key": KEY, "allow_private": True}))
        first = rune("record", script, "query", '{"payment":"P1"}', "--config", config, "--out", tape)
        run.check("record prints the answer", first.returncode == 0
                  and json.loads(first.stdout)["state"] == "paid", first.stderr)
        again = rune("record", script, "query", '{"payment":"P9"}', "--config", config, "--out", tape)
        run.check("record adds to a cassette", again.returncode == 0, again.stderr)
        url = peer.url
        strict = written(folder, "strict.json", json.dumps({"endpoint": url, "pid": "1000", "key": KEY}))
        refused = rune("record", script, "query", '{"payment":"P1"}', "--config", strict, "--out", tape + "2")
        run.check("record holds a plugin to its grants", refused.returncode == 2
                  and "private address" in refused.stderr, refused.stderr)
    with open(tape, encoding="utf-8") as file:
        text = file.read()
    run.check("no secret is on a cassette", KEY not in text, text)
    run.check("two calls are two exchanges", len(json.loads(text)["exchanges"]) == 2, text)
    with open(script, encoding="utf-8") as file:
        source = file.read()
    copy = written(folder, "gateway-yipay.rn", source.replace("http://127.0.0.1:7788", url))
    replayed = rune("test", copy, "--cassette", tape, "--filter", "a_payment_is_asked_for")
    run.check("the peer is gone, the test passes", "1 passed, 0 failed" in replayed.stdout, replayed.stderr)
    bare = rune("test", copy, "--filter", "a_payment_is_asked_for")
    run.check("without the cassette it does not", bare.returncode == 2, bare.stdout)


def bad_input_is_named(run, folder):
    config = written(folder, "bad.json", '{"endpoint":"x","pid":"1","key":"k"}')
    for why, outcome in [
        ("cannot read", rune("test", "plugins/gateway-yipay.rn", "--cassette", "/nowhere")),
        ("cassette", rune("test", "plugins/gateway-yipay.rn", "--cassette", config)),
        ("endpoint: must be an http or https URL",
         rune("record", "plugins/gateway-yipay.rn", "query", "{}", "--config", config, "--out", "/dev/null")),
        ("is no JSON", rune("record", "plugins/gateway-banktransfer.rn", "create_payment", "{", "--config", written(
            folder, "bank.json", '{"payee":"A","bank":"B","account":"1"}'), "--out", "/dev/null")),
    ]:
        run.check(f"says {why}", outcome.returncode == 3 and why in outcome.stderr, outcome.stderr)


def main():
    run = Run()
    shipped_scripts(run)
    for claim in (check_says_what_the_server_would, tests_are_alone_in_their_world, traffic_becomes_a_cassette,
                  bad_input_is_named):
        with tempfile.TemporaryDirectory() as folder:
            claim(run, folder)
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
