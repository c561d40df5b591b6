"""What SQL the server runs for one purchase, read from PostgreSQL's own log, as a pgbench script.

The log gives each statement with its parameters. A parameter becomes what pgbench can make anew each time:

    an id we saw being born     an id counted up by pgbench, the same one wherever it returns
    the customer, their user    read once per client: what a statement finds for us it finds for pgbench too
    and their session
    the balance before, after   taken from the row that the purchase locked
    a time                      now()
    anything else               itself
"""

import re

# House-keeping that runs beside the purchase on other connections.
ASIDE = re.compile(r"SKIP LOCKED|pg_notify|server_instances|leader_role|LISTEN|^SELECT 1;?$")
ENTRY = re.compile(r"^(\d+) LOG:  (?:execute [^:]+|statement): (.*?)(?=^\d+ (?:LOG|DETAIL|ERROR|STATEMENT|HINT|WARNING))"
                   r"(?:^\d+ DETAIL:  [Pp]arameters: (.*?)(?=^\d+ (?:LOG|ERROR|WARNING)))?", re.M | re.S)
PARAMETER = re.compile(r"\$(\d+) = (NULL|'((?:[^']|'')*)')")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")


def statements(log):
    """(backend, SQL, {number: text or None}) in the order they ran."""
    for backend, sql, parameters in ENTRY.findall(log + "\n0 LOG:  end"):
        found = {int(number): None if text == "NULL" else value.replace("''", "'")
                 for number, text, value in PARAMETER.findall(parameters)}
        yield backend, " ".join(sql.split()), found


def transactions(log):
    """The statements of each transaction together, transactions in the order of their ends. An end whose beginning
    is not in the log is left out: it is another's, the house-keeping that the purchase before has woken."""
    open_ones, ended = {}, []
    for backend, sql, parameters in statements(log):
        word = sql.split()[0].upper().rstrip(";")
        begins, ends = word in ("BEGIN", "START"), word in ("COMMIT", "ROLLBACK", "END")
        if begins:
            open_ones[backend] = []
        if ends and backend not in open_ones:
            continue
        open_ones.setdefault(backend, []).append((sql, parameters))
        if ends or not begins and len(open_ones[backend]) == 1:
            ended.append(open_ones.pop(backend))
    return [one for one in ended if not any(ASIDE.search(sql) for sql, _ in one)]


# Of the client's customer, as variables.
WHO = """SELECT c.id AS customer, c.user_id AS member, (SELECT t.family_id FROM refresh_tokens t WHERE t.user_id = c.user_id
LIMIT 1) AS session FROM (SELECT customers.id, user_id, row_number() OVER (ORDER BY customers.id) - 1 AS place
FROM customers JOIN memberships ON customer_id = customers.id) AS c WHERE place = :client_id \\gset""".replace("\n", " ")


class Script:
    """Turns one purchase into pgbench's words."""

    def __init__(self, own_ids, known_ids, balance_before, balance_after, price):
        self.own, self.known = own_ids, known_ids
        self.balances = {balance_before: ":account_balance", balance_after: f"(:account_balance - {price})"}
        self.born = []

    def value(self, text):
        if text is None:
            return "NULL"
        if text in self.own:
            return self.own[text]
        if UUID.fullmatch(text) and text not in self.known:
            if text not in self.born:
                self.born.append(text)
            return f"lpad(to_hex(CAST(:purchase AS bigint) + {self.born.index(text)}), 32, '0')::uuid"
        if text in self.balances:
            return self.balances[text]
        if TIME.match(text):
            return "now()"
        if re.search(r":\w", text):
            return self.with_colon(text)
        return "'" + text.replace("'", "''") + "'"

    @staticmethod
    def with_colon(text):
        # pgbench would read :name inside a literal as its variable.
        return "convert_from('\\x" + text.encode().hex() + "', 'UTF8')"

    def line(self, sql, parameters):
        if "FOR NO KEY UPDATE" in sql and "balance" in sql:
            ending = " \\gset account_"
        else:
            ending = ";"
        return re.sub(r"\$(\d+)", lambda found: self.value(parameters[int(found.group(1))]), sql.rstrip(";")) + ending


def pgbench_script(purchase, own_ids, known_ids, balances, price):
    """`purchase`: transactions; `own_ids`: what of WHO an id of the log is; `known_ids`: the same for all;
    `balances`: before and after it, as the log spells them."""
    script = Script(own_ids, known_ids, *balances, price)
    lines = [script.line(sql, parameters) for transaction in purchase for sql, parameters in transaction]
    head = ["\\if :started", "\\else", WHO, "\\set counted 0", "\\set started 1", "\\endif",
            "\\set counted :counted + 1",
            "\\set purchase (:run * 1000000000000 + :counted * 1000 + :client_id) * 64"]
    return "\n".join(head + lines) + "\n"
