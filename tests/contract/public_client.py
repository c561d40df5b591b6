#!/usr/bin/python3
"""Our protos against what deployed clients speak (public_client.txt): every field with its number and
type, every call with its request and answer.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))

import stories  # noqa: E402
from grpc_web import SYMBOLS  # noqa: E402

SCALARS = {number: name[len("TYPE_"):].lower() for name, number in
           [("TYPE_DOUBLE", 1), ("TYPE_FLOAT", 2), ("TYPE_INT64", 3), ("TYPE_UINT64", 4), ("TYPE_INT32", 5),
            ("TYPE_BOOL", 8), ("TYPE_STRING", 9), ("TYPE_BYTES", 12), ("TYPE_UINT32", 13)]}


def entries():
    """(what is described, its text) of each line of the table."""
    with open(os.path.join(HERE, "public_client.txt"), encoding="utf-8") as table:
        for line in table:
            line = line.split("#")[0].strip()
            if line:
                what, _, text = line.partition(":")
                yield what, text.strip()


def expected_fields(area, text):
    """{name: (number, type)} of "1 id, 2 names repeated string"."""
    fields = {}
    for part in filter(None, re.split(r", (?=\d)", text.strip())):
        number, name, *type_words = part.split()
        words = type_words or ["string"]
        if words[-1][0].isupper():
            words[-1] = f"rustbill.{area}.{words[-1]}"
        elif "." in words[-1]:
            words[-1] = "rustbill." + words[-1]
        fields[name] = (int(number), " ".join(words))
    return fields


def type_of(field):
    if field.message_type is None:
        name = SCALARS.get(field.type, f"type {field.type}")
    elif field.message_type.GetOptions().map_entry:
        key, value = (type_of(field.message_type.fields_by_name[part]) for part in ("key", "value"))
        return f"map<{key},{value}>"
    else:
        name = field.message_type.full_name
    return f"repeated {name}" if field.label == field.LABEL_REPEATED else name


def differences(area, message, text):
    declared = {field.name: (field.number, type_of(field)) for field in message.fields}
    return [f"{message.full_name}.{name}: declared as {declared.get(name)}, clients have {wanted}"
            for name, wanted in expected_fields(area, text).items() if declared.get(name) != wanted]


def find_message(name):
    return SYMBOLS.pool.FindMessageTypeByName(f"rustbill.{name}")


def every_message_has_the_fields_of_deployed_clients():
    wrong, seen = [], 0
    for what, text in entries():
        if "/" in what or what.endswith(" reserved"):
            continue
        seen += 1
        wrong += differences(what.split(".")[0], find_message(what), text)
    assert seen >= 24, f"only {seen} messages in the table"
    assert not wrong, "\n".join(wrong)


def every_call_has_the_request_and_answer_of_deployed_clients():
    wrong, seen = [], 0
    for what, text in entries():
        if "/" not in what:
            continue
        seen += 1
        service, _, name = what.partition("/")
        area = service.split(".")[0]
        method = SYMBOLS.pool.FindServiceByName(f"rustbill.{service}").methods_by_name[name]
        request, _, answer = text.partition("->")
        wrong += differences(area, method.input_type, request) + differences(area, method.output_type, answer)
    assert seen >= 40, f"only {seen} calls in the table"
    assert not wrong, "\n".join(wrong)


def numbers_that_clients_once_had_are_used_by_nothing():
    for what, text in entries():
        if not what.endswith(" reserved"):
            continue
        message = find_message(what.split()[0])
        for part in text.split(", "):
            first, _, last = part.partition("-")
            taken = [n for n in range(int(first), int(last or first) + 1) if n in message.fields_by_number]
            assert not taken, f"{message.full_name} uses {taken}"


if __name__ == "__main__":
    stories.run([every_message_has_the_fields_of_deployed_clients,
                 every_call_has_the_request_and_answer_of_deployed_clients,
                 numbers_that_clients_once_had_are_used_by_nothing])
