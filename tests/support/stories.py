"""Runs a list of test functions in order, names each as it ends, and prints the count line."""

import sys
import time
import traceback

from child_process import Unavailable


def run(stories):
    """`stories`: functions without arguments; the sentence they claim is their name. Exits."""
    passed = failed = skipped = 0
    for story in stories:
        name = story.__name__.replace("_", " ")
        began = time.monotonic()
        try:
            story()
        except Unavailable as reason:
            skipped += 1
            print(f"SKIPPED {name}: {reason}", flush=True)
        except Exception:  # one story's failure must not hide the next
            failed += 1
            traceback.print_exc(file=sys.stdout)
            print(f"FAILED {name}", flush=True)
        else:
            passed += 1
            print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed else 0)
