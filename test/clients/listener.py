"""What demo/listener.py makes of what anybody in the database can tell; prints what it heeds."""
import json
import sys
import types

try:
    import psycopg
except ImportError:     # nothing is read from a database here
    sys.modules["psycopg"] = psycopg = types.ModuleType("psycopg")
    psycopg.sql = None
sys.path.insert(0, "demo")
sys.dont_write_bytecode = True
import listener     # noqa: E402

GOOD = {"model": "shop", "target_id": 1, "period": "2025-03-01", "old": None, "new": "achieved"}
for payload in [json.dumps(GOOD), json.dumps({**GOOD, "old": "on_track"})] + [
        json.dumps(GOOD | change) for change in (
            {"model": "other"}, {"model": 7}, {"period": "soon"}, {"period": None}, {"period": 5},
            {"target_id": "x"}, {"target_id": None}, {"target_id": [1]}, {"old": 7},
            {"old": "x\n\x1b[2J"}, {"old": "on track"})] + [
        "", "hello", "7", "null", "[]", '"x"', "{}", '{"model": "shop"}', "[" * 5000,
        '{"model": "shop", "target_id": Infinity, "period": "2025-03-01", "old": null}']:
    change = listener.change_in(payload, "shop")
    if change:
        print(change["target_id"], change["period"], change["old"])
print(listener.printable("Ana\r\nBcc: x\x1b[31m\u202e 70 %"))
