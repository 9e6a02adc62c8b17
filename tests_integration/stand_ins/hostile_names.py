"""Names as anybody may write them into a database or a rules file."""

NAMES = {
    "markup": "<img src=x onerror=alert(1)>",
    "script": "</script><script>alert(1)</script>",
    "right to left": "a\u202e\u2066gnirts\u202d",
    "10 kB": "x" * 10_000,
    "many lines": "one\ntwo\r\n\tthree",
    "nothing": "",
    "quotes": "\"'`${alert(1)}{{constructor}}",
    "selector": "x\"] , * { display: none } [a=\"",
    "zero width": "a\u200b\u00adb\ufeff",
    "slashes": "../../etc/passwd?x=1#y",
    "emoji": "\U0001f525" * 300,
}


def renamed(value, name):
    """The answer with this in place of every text that comes from Mage's database or a rules file."""
    theirs = {"name", "subject", "pipeline", "block", "error", "team", "owner", "trigger", "reason", "created_by", "partner",
              "instance", "ledger", "listens_on", "interval", "value", "place", "text"}
    if isinstance(value, list):
        return [renamed(each, name) for each in value]
    if isinstance(value, dict):
        return {key: name if key in theirs and isinstance(each, str) else renamed(each, name)
                for key, each in value.items()}
    return value
