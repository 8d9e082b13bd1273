"""Filters: which documents may be searched."""

import pytest

from kb_app.errors import QuestionError
from kb_app.search.selection import FILTERS, matching_documents
from kb_app.types import Description

DOCUMENTS = [
    Description(1, "制度/手册.md", "员工手册", "2023-05-01", {"author": "人事部", "language": "zh-Hans"}),
    Description(2, "制度/2024/办法.pdf", "差旅办法", "2024-03-09", {"author": "财务部 李敏", "language": "zh-Hant"}),
    Description(3, "会议/2024/预算表.xlsx", "预算表", "2024-12-31", {"language": "zh-Hans"}),
    Description(
        4,
        "mail.eml",
        "Budget",
        "2025-01-02",
        {"from": "Li Min <li@plant.example>", "to": "all@plant.example", "language": "en"},
    ),
]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"folder": "制度"}, [1, 2]),
        ({"folder": "制度/2024"}, [2]),
        ({"folder": "2024"}, [2, 3]),
        ({"ext": "PDF"}, [2]),
        ({"type": ".md", "folder": "制度"}, [1]),
        ({"name": "预算*"}, [3]),
        ({"folder": "没有"}, []),
        ({"author": "财务部"}, [2]),
        ({"title": "办法"}, [2]),
        ({"language": "zh"}, [1, 2, 3]),
        ({"language": "zh-hant"}, [2]),
        ({"from": "LI@plant"}, [4]),
        ({"after": "2024-03-09"}, [2, 3, 4]),
        ({"after": "2025"}, [4]),
        ({"before": "2024"}, [1]),
        ({"before": "2024-12"}, [1, 2]),
        ({"after": "2024", "before": "2025"}, [2, 3]),
    ],
)
def test_filters(where: dict[str, str], expected: list[int]) -> None:
    assert matching_documents(DOCUMENTS, where) == expected


def test_every_filter_keeps_some_documents_and_leaves_others() -> None:
    values = {
        "folder": "制度", "name": "预算*", "ext": "pdf", "title": "办法", "author": "人事", "language": "en",
        "from": "li", "to": "plant", "after": "2025", "before": "2024",
    }  # fmt: skip
    assert set(values) == set(FILTERS)
    assert all(0 < len(matching_documents(DOCUMENTS, {key: value})) < len(DOCUMENTS) for key, value in values.items())


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"autor": "x"}, "unknown filter 'autor'; use folder"),
        ({"after": "1. Mai"}, "after=1. Mai is no date; write 2024"),
    ],
)
def test_a_filter_that_makes_no_sense_says_what_does(where: dict[str, str], message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        matching_documents(DOCUMENTS, where)
