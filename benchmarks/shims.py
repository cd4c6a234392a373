"""Write docs/shims.md: `python benchmarks/shims.py > docs/shims.md`."""

from __future__ import annotations

from conformance.contract.load import load_contract
from conformance.contract.model import Shim
from conformance.contract.shims import GROUND

HEAD = """# Shims: code for your application

What an endpoint does wrong can often be mended on the client's side, until it is mended where it belongs. `conformance/shims/` has {number} such pieces of code for the `openai` client, versions 1 to 3, each short enough to read before you paste it. A finding of a report names the one that is for it; so does `conformance explain STRM-017`.

```sh
conformance explain mend --code > mend.py                  # the ground of the others
conformance explain usage-apart --code > usage_apart.py
conformance explain role-once --code > role_once.py
```

```python
from openai import OpenAI

from mend import mended
from role_once import RoleOnce
from usage_apart import UsageApart

client = OpenAI(base_url="http://127.0.0.1:8000/v1", http_client=mended(UsageApart, RoleOnce))
```

For `AsyncOpenAI` there is `mended_async`. Proxies from the environment are not looked at: give `Mending` one of its own where you need it. Shims see what passes in the order in which they are named. `several-requests` and `json-again` are functions that are called in place of `create()`.

Each is proved by a test: over real sockets the client raises or gives a wrong value without it and gives the right one with it, and what conforms passes all of them unchanged. None was tried against *your* endpoint, so a shim never makes an answer better: a certificate says *drop-in with changes* only of changes tried in its run.

| shim | what it does | for |
|---|---|---|
"""
TAIL = """
To write one of your own: a class that inherits from `Mend` and overrides what it needs of `ask` (what is sent), `answer` (a whole answer with success), `chunk` (an event of a stream), `end` (after the last event) and `whole` (any answer that is no stream, errors too). Each exchange has an instance of its own, which may remember what it saw.
"""


def page() -> str:
    """The page as it must stand in docs/."""
    shims = dict(load_contract().shims)
    rows = [_row(shims.pop(GROUND)), *map(_row, shims.values())]
    return HEAD.format(number=len(rows)) + "\n".join(rows) + "\n" + TAIL


def _row(one: Shim) -> str:
    return f"| [`{one.name}`](../conformance/shims/{one.name.replace('-', '_')}.py) | {one.about} | {', '.join(one.clauses)} |"


if __name__ == "__main__":
    print(page(), end="")
