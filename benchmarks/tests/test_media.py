"""Runs in every media type."""

from benchmarks import media
from benchmarks.documents import media as document
from benchmarks.workloads import NEW_RUN


def test_every_kind_is_declared_for_one_run_and_where_it_has_lists_for_many() -> None:
    """Otherwise the gateway would refuse it, and there were no figure."""
    paths = document()["paths"]
    for kind in media.KINDS:
        name = kind.content_type.partition(";")[0]
        assert name in paths["/run"]["post"]["requestBody"]["content"]
        assert kind.large is None or name in paths["/runs"]["post"]["requestBody"]["content"]


def test_one_run_is_about_as_long_in_every_kind() -> None:
    """It is the same run, so what differs is the format."""
    sizes = {kind.name: len(kind.small(dict(NEW_RUN))) for kind in media.KINDS}
    assert all(90 < size < 800 for size in sizes.values()), sizes
