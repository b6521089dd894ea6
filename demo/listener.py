#!/usr/bin/env python3
"""Turns changes of targets into lines to be mailed or posted.

    demo/listener.py shop "dbname=shop"

The first argument is the model, the second says how to connect. It needs psycopg 3 (Debian:
python3-psycopg), and a role that may read scorecard_history. kpi.evaluate tells only which target
has changed; what it is about is read here, with the rights of who listens. Everybody in the
database can NOTIFY: what is told is a reason to look, and never believed.
"""
import datetime
import json
import re
import sys

import psycopg
from psycopg import sql


def change_in(payload, model):
    """The target and period that a payload tells of; None if of another model, or no change."""
    try:
        change = json.loads(payload)
        if change["model"] != model or not re.fullmatch("[a-z_]{1,20}", change["old"] or "new"):
            return None
        return {"target_id": int(change["target_id"]), "old": change["old"] or "new",
                "period": datetime.date.fromisoformat(change["period"])}
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def printable(text):
    """A line without characters that a terminal, or the header of a mail, would obey."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def main():
    model, shop = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    with psycopg.connect(shop, autocommit=True) as listener, \
            psycopg.connect(shop, autocommit=True) as reader:
        listener.execute("LISTEN kpi")
        reader.execute("SET jit = off")
        for notification in listener.notifies():
            change = change_in(notification.payload, model)
            if change is None:
                continue
            try:
                row = reader.execute(
                    sql.SQL("SELECT owner, name, status, why FROM {}.scorecard_history "
                            "WHERE target_id = %(target_id)s AND period = %(period)s").format(
                        sql.Identifier(model)), change).fetchone()
            except psycopg.DataError:       # a number that no target can have
                continue
            if row:
                owner, name, status, why = row
                # a mail: smtplib.SMTP("localhost").sendmail(...); a webhook:
                # urllib.request.urlopen(...)
                print(printable(f"To: {owner or 'nobody'}  {name} {change['period']}: was "
                                f"{change['old']}, is {status}: {why}"), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main()
