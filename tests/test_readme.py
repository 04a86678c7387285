import pytest

from console_blocks import GUIDES, PAGES, ROOT, blocks, followed, run

BLOCKS = [(page, command, output) for page in PAGES for command, output in blocks(ROOT / page)]


@pytest.mark.parametrize(("page", "command", "output"), BLOCKS)
def test_what_a_page_shows_is_what_the_command_prints(page: str, command: str, output: str) -> None:
    assert run(command) == output, f"{page} is out of date; run: make readme"


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_that_is_followed_from_top_to_bottom_shows_what_it_says(guide: str) -> None:
    path = ROOT / guide
    assert followed(path) == path.read_text(encoding="utf-8"), f"{guide} is out of date; run: make readme"
