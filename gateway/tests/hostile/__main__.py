"""The hostile corpora through the gateway and through nginx: `python -m gateway.tests.hostile [--no-nginx]`.

Prints how many sequences were blocked, came through clean, and came through dirty. Exit code 1 when anything was dirty
behind the gateway, or not as the corpus wants it.
"""

import argparse
import asyncio
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gateway.tests.hostile import replies, requests
from gateway.tests.hostile.origin import Origin
from gateway.tests.hostile.strike import BLOCKED, CLEAN, DIRTY, Verdict, counted, provoke_all, strike_all
from gateway.tests.hostile.subjects import find_nginx, gateway, nginx

SUBJECTS = {"gateway": gateway, "nginx": nginx}


async def run(name: str, folder: Path) -> tuple[list[Verdict], list[Verdict]]:
    """Both corpora through one proxy."""
    origin = Origin()
    server = await asyncio.start_server(origin, "127.0.0.1", 0, limit=2**22, backlog=512)
    port = server.sockets[0].getsockname()[1]
    lenient = name != "gateway"
    with ExitStack() as stack:
        proxy = await asyncio.to_thread(stack.enter_context, SUBJECTS[name](folder, port))
        struck = await strike_all(proxy, origin, requests.CORPUS, lenient)
        provoked = await provoke_all(proxy, origin, replies.CORPUS, lenient)
    server.close()
    return struck, provoked


async def main(names: list[str]) -> int:
    """Run all at once, print the table."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / name for name in names]
        for place in places:
            place.mkdir()
        results = await asyncio.gather(*map(run, names, places))
    print(f"{'':10}{'':22}{'sent':>8}{BLOCKED:>9}{CLEAN:>7}{DIRTY:>7}")
    failed = 0
    for name, both in zip(names, results, strict=True):
        for what, verdicts in zip(("hostile requests", "hostile replies"), both, strict=True):
            counts = counted(verdicts)
            print(f"{name:10}{what:22}{len(verdicts):8}{counts[BLOCKED]:9}{counts[CLEAN]:7}{counts[DIRTY]:7}")
            bad = [each for each in verdicts if each.outcome == DIRTY or (name == "gateway" and each.why)]
            failed += len(bad) if name == "gateway" else 0
            for each in bad:
                print(f"    {each.id}: {each.outcome} {each.statuses} {each.why}", file=sys.stderr)
    return 1 if failed else 0


def _names() -> list[str]:
    parser = argparse.ArgumentParser(prog="python -m gateway.tests.hostile", description=__doc__)
    parser.add_argument("--no-nginx", action="store_true", help="the gateway alone")
    alone = parser.parse_args().no_nginx
    if not alone and find_nginx() is None:
        print("nginx is not installed: the gateway alone", file=sys.stderr)
    return ["gateway"] if alone or find_nginx() is None else ["gateway", "nginx"]


if __name__ == "__main__":
    sys.exit(asyncio.run(main(_names())))
