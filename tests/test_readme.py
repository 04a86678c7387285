import pytest

from console_blocks import PAGES, ROOT, blocks, run

BLOCKS = [(page, command, output) for page in PAGES for command, output in blocks(ROOT / page)]


@pytest.mark.parametrize(("page", "command", "output"), BLOCKS)
def test_what_a_page_shows_is_what_the_command_prints(page: str, command: str, output: str) -> None:
    assert run(command) == output, f"{page} is out of date; run: make readme"
