"""Nobody learns who signed: whatever a stranger does, two worlds look the same.

In one world the victim signs and acts; in the other a hidden mailbox of the same mail domain, with the same name, from
the same country and network, does the same. The stranger knows the victim's address and does random things with it.

``PLEDGE_WORLDS_EXAMPLES`` is how many random sequences are tried (100; CI runs them on PostgreSQL with the newest
versions and on SQLite with the oldest, so it tries 200). ``PLEDGE_WORLDS_SEED`` is where they start. The seed is
printed; a failure shows the shortest sequence that was found and the first difference.
"""

from __future__ import annotations

import os
import secrets
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.campaigns.two_worlds.comparison import Comparison
from tests.campaigns.two_worlds.site import Beginning
from tests.campaigns.two_worlds.strategies import sequences

pytestmark = [pytest.mark.requirement("B1", "SG4"), pytest.mark.long]
EXAMPLES: Final = int(os.environ.get("PLEDGE_WORLDS_EXAMPLES", "100"))
SEED: Final = int(os.environ.get("PLEDGE_WORLDS_SEED") or secrets.randbelow(10**9))


#: Parts that two processes can run at the same time. Each makes the campaign once, which takes as long as an example.
PARTS: Final = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_a_stranger_sees_no_difference(warm: Beginning, capsys: pytest.CaptureFixture[str], part: int) -> None:
    examples = -(-EXAMPLES // PARTS)
    with capsys.disabled():
        print(f"\ntwo worlds: {examples} examples, part {part} of PLEDGE_WORLDS_SEED={SEED}")

    worlds = Comparison(warm)

    @seed(SEED * PARTS + part)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(actions=sequences())
    def look_the_same(actions: list[Any]) -> None:
        found = worlds.difference(actions)
        assert not found, found

    look_the_same()
