"""Known vulnerabilities of what is installed beside this script, as far as the package index tells.

Exit code 1 when a dependency has one. An index without vulnerability data is said so, and is no failure.
"""

import json
import subprocess
import sys


def main() -> int:
    """Run pip-audit and judge its report."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--skip-editable", "--progress-spinner", "off"]
    run = subprocess.run(command, capture_output=True, text=True)
    try:
        packages = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(f"pip-audit could not ask for known vulnerabilities:\n{run.stderr[-500:]}")
        return 0
    vulnerable = [package for package in packages if package.get("vulns")]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    print(f"pip-audit: {len(packages) - len(unknown)} packages audited, {len(unknown)} unknown to the package index")
    for package in vulnerable:
        for found in package["vulns"]:
            fixed = ", ".join(found["fix_versions"]) or "nothing yet"
            print(f"{package['name']} {package['version']}: {found['id']}, fixed in {fixed}")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
