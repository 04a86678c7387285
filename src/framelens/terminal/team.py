"""How coders agree, as tables in a terminal."""

from collections.abc import Mapping, Sequence
from math import isnan

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from framelens.agree import Agreement
from framelens.audit import Finding
from framelens.codebook import Codebook
from framelens.terminal import number, print_rows


def print_agreement(console: Console, agreement: Agreement, codebook: Codebook) -> None:
    """All that ``framelens agree`` has found."""
    rows = [(one.frame, f"{one.coded_twice:,}", one.alpha.shown(3)) for one in agreement.frames]
    print_rows(console, ("frame", "coded twice", "alpha"), rows)
    console.print(
        "alpha: Krippendorff's, nominal, before adjudication; [95% interval] from a bootstrap over articles",
        soft_wrap=True,
        markup=False,
    )
    for one in agreement.frames:
        if one.why:
            console.print(f"alpha of {one.frame} is undefined: {one.why}", soft_wrap=True)
    if agreement.pairs:
        _print_pairs(console, agreement, codebook)
    if agreement.confusions:
        console.print("\nGiven by one coder where the other gave the other")
        rows = [(one.frames[0], one.frames[1], f"{one.times:,}") for one in agreement.confusions]
        print_rows(console, ("frame", "", "times"), rows)
    _print_disputed(console, agreement)


def _print_pairs(console: Console, agreement: Agreement, codebook: Codebook) -> None:
    keys = [frame.key for frame in codebook.frames]
    told = ", ".join(f"{frame.key} = {frame.id}" for frame in codebook.frames)
    for name in ("kappa", "f1"):
        console.print(f"\n{name if name == 'kappa' else 'F1'} of two coders ({told})", soft_wrap=True)
        rows = [
            (" ".join(pair.coders), f"{pair.sentences:,}", *_figures(getattr(pair, name), codebook.ids))
            for pair in agreement.pairs
        ]
        print_rows(console, ("", "sentences", *keys), rows)


def _figures(found: Mapping[str, float], frames: Sequence[str]) -> list[str]:
    return ["-" if isnan(found[frame]) else number(found[frame]) for frame in frames]


def _print_disputed(console: Console, agreement: Agreement) -> None:
    console.print(f"\nCoders differ on {agreement.differ:,} sentences", soft_wrap=True)
    for one in agreement.most_disputed:
        console.print(Text(f"{one.sentence} ({'open' if one.state == 'disputed' else 'settled'})"), soft_wrap=True)
        console.print(Padding(Text(one.text or "text is not on this machine", style="italic"), (0, 0, 0, 6)))
        for coder, frames in one.codings.items():
            console.print(Padding(Text(f"{coder}: {', '.join(frames) or 'no frame'}"), (0, 0, 0, 6)))


def print_findings(console: Console, findings: Sequence[Finding], counts: Mapping[str, int]) -> None:
    """What ``framelens audit`` has found: each with its reason and what to do."""
    kind = ""
    for one in findings:
        if one.kind != kind:
            kind = one.kind
            console.print(Text(f"{kind}: {counts[kind]}", style="bold"))
        console.print(Text(one.about), soft_wrap=True)
        if one.text:
            console.print(Padding(Text(one.text, style="italic"), (0, 0, 0, 6)))
        console.print(Padding(Text(f"why: {one.why}"), (0, 0, 0, 6)))
        console.print(Padding(Text(f"fix: {one.fix}"), (0, 0, 0, 6)))
    if not findings:
        console.print("nothing looks wrong")
