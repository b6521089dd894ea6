#!/usr/bin/env python3
"""Turns changes of targets into lines to be mailed or posted.

    demo/listener.py "dbname=shop"

It needs psycopg 3 (Debian: python3-psycopg), and a role that may read scorecard_history.
kpi.evaluate tells only which target has changed; what it is about is read here, with the rights of
who listens.
"""
import json
import sys

import psycopg
from psycopg import sql

shop = sys.argv[1] if len(sys.argv) > 1 else ""
with psycopg.connect(shop, autocommit=True) as listener, \
        psycopg.connect(shop, autocommit=True) as reader:
    listener.execute("LISTEN kpi")
    reader.execute("SET jit = off")
    for notification in listener.notifies():
        change = json.loads(notification.payload)
        row = reader.execute(
            sql.SQL("SELECT owner, name, status, why FROM {}.scorecard_history "
                    "WHERE target_id = %(target_id)s AND period = %(period)s").format(
                sql.Identifier(change["model"])), change).fetchone()
        if row:
            owner, name, status, why = row
            # a mail: smtplib.SMTP("localhost").sendmail(...); a webhook:
            # urllib.request.urlopen(...)
            print(f"To: {owner or 'nobody'}  {name} {change['period']}: "
                  f"{change['old'] or 'new'} -> {change['new']}. Now {status}: {why}", flush=True)
