"""The chart is well-formed and drawn to scale."""

from xml.etree import ElementTree

from benchmarks import chart
from benchmarks.table import Row, Table

SVG = "{http://www.w3.org/2000/svg}"


def row(peer: str, workload: str, cpu: float) -> Row:
    """A row that matters only by its CPU time."""
    return Row(peer, "", workload, cpu, 1.0, 1.0, 1.0, 1, cpu, cpu, 0.0)


TABLE = Table(
    (row("us", "GET", 40.0), row("a & b", "GET", 20.0), row("slow", "GET", 4000.0), row("us", "POST", 50.0)), {}
)


def bars(svg: str) -> list[tuple[str, int]]:
    """Colour and width of each bar; the first rectangle is the background."""
    rects = ElementTree.fromstring(svg).findall(f"{SVG}rect")
    return [(rect.get("fill", ""), int(rect.get("width", "0"))) for rect in rects[1:]]


def test_bars_are_sorted_and_to_scale() -> None:
    """The cheapest first; twice the cost is twice as long; ours stands out."""
    first, second, third, fourth = bars(chart.svg(TABLE, "us"))
    assert [first[0], second[0], third[0], fourth[0]] == [chart.OTHERS, chart.OURS, chart.OTHERS, chart.OURS]
    assert abs(second[1] - 2 * first[1]) <= 1


def test_a_very_long_bar_is_cut_and_says_so() -> None:
    """One slow peer must not flatten all others; its figure is still there."""
    svg = chart.svg(TABLE, "us")
    assert max(width for _, width in bars(svg)) <= chart.WIDTH - chart.LABEL - chart.VALUE
    assert "&gt;&gt; 4000.0" in svg


def test_names_are_escaped() -> None:
    """Whatever a peer is called, the file stays XML."""
    texts = [text.text for text in ElementTree.fromstring(chart.svg(TABLE, "us")).iter(f"{SVG}text")]
    assert "a & b" in texts


def test_without_ours_the_largest_fills_the_width() -> None:
    """A run of peers alone can be drawn too."""
    assert chart.longest([row("a", "GET", 10.0), row("b", "GET", 90.0)], "us") == 90.0
