"""Write every fixture's plan anew from what the planner does now: read the diff."""

from __future__ import annotations

from tests.plan.catalogs import FIXTURES, fixtures, planned


def main() -> None:
    for path in sorted(FIXTURES.glob("*.txt")):
        blocks = [block.strip("\n") for block in path.read_text().split("\n\n") if block.strip()]
        heads = [block.partition("\n=>")[0] for block in blocks]
        plans = [planned(fixture) for fixture in fixtures(path.stem)]
        path.write_text("\n\n".join(f"{h}\n=>\n{p}" for h, p in zip(heads, plans)) + "\n")


if __name__ == "__main__":
    main()
