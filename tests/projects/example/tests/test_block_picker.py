"""The block picker tells this site's blocks from the package's, and shows no kind of signer that no campaign uses."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from example_project.campaign.blocks import CampaignBodyBlock
from wagtail_pledge.blocks.body import PledgeBodyBlock
from wagtail_pledge.blocks.sign import sample_sign_context
from wagtail_pledge.signing.kinds import kinds

pytestmark = pytest.mark.requirement("CP9")


def test_own_blocks_are_in_a_group_of_their_own_with_labels_of_their_own() -> None:
    blocks, package = CampaignBodyBlock().child_blocks, PledgeBodyBlock().child_blocks
    own = {name: block for name, block in blocks.items() if name not in package}
    assert len(own) == 3
    for language in ("en", "es", "ar"):
        with override(language):
            theirs = {str(block.meta.group) for block in package.values()}
            assert len({str(block.meta.group) for block in own.values()} - theirs) == 1
            labels = [str(block.label) for block in blocks.values()]
            assert len(labels) == len(set(labels))
    icons = [block.meta.icon for block in own.values()]
    assert len(set(icons)) == len(icons)


def test_previews_show_only_kinds_that_every_site_has() -> None:
    assert "elected_official" in {slug.replace("-", "_") for slug in kinds()}
    shown = {way["kind"] for way in sample_sign_context()["signer_types"]}
    assert shown == {"individual", "organization"}
