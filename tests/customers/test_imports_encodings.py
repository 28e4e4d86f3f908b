"""Which encoding a file is read in: the right one, or none without the sender's word; never silently another one."""

import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.customers.imports.domain.encodings import CODECS, Judgement, candidates_of, cells_of, judge
from services.customers.imports.domain.form import Encoding
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers import encoding as finding
from services.customers.imports.handlers import source
from services.customers.imports.handlers.sheets import rows_of
from services.customers.imports.handlers.source import Taken
from shared.ids import new_id
from tests.customers.importing import found, imported, send
from tests.customers.network import BASE
from tests.postgres import FreshDatabase
from tests.support import bearer, one_service

UTF_8, GB18030, BIG5 = Encoding.UTF_8, Encoding.GB18030, Encoding.BIG5
LATIN, MAC = Encoding.WINDOWS_1252, Encoding.MAC_ROMAN

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜"
    "戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂红玉华建国文辉力志永健世广义兴良海山仁波宁贵福生元全胜学祥才"
    "发新利清飞彬富顺信子昌茂进有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友河哲亮政若鸣朋斌栋维启克伦"
    "翔旭鹏泽晨辰士以家致树炎德行泰雄琛钧冠策腾楠榕风航弘喆堃昇赟"
)
TRADITIONAL = (
    "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾",
    "家豪志明俊傑建宏偉文雄承翰冠宇怡君欣雅婷淑芬美玲麗華惠",
)
WESTERN = (
    "Müller", "François", "José", "García", "Göteborg", "Björn", "Zoë", "Renée", "Muñoz", "Köln", "Strauß", "Åse",
    "naïve", "Noël", "Hélène", "MÜLLER", "GARCÍA", "Ångström", "São Paulo", "Élodie", "Dušan", "Tomáš", "D’Angelo",
    "Französisch", "Crème brûlée", "Jürgen Schröder", "Señora Peña", "Bébé", "L’Oréal", "Citroën", "Françoise Hardy",
)  # fmt: skip


def names(surnames: str, given_names: str) -> st.SearchStrategy[list[str]]:
    given_name = st.text(st.sampled_from(given_names), min_size=1, max_size=2)
    return st.lists(st.builds(str.__add__, st.sampled_from(surnames), given_name), min_size=1, max_size=5)


def said_by(texts: Sequence[str], encoding: Encoding) -> Judgement:
    """The judgement on a file of these cells beside plain ones."""
    file = "".join(f"S-{n},{text},2026-10-05\r\n" for n, text in enumerate(texts)).encode(CODECS[encoding])
    return judge(list(dict.fromkeys(cells_of(file))))


def is_right(judgement: Judgement, encoding: Encoding) -> bool:
    return judgement.encoding == encoding if not judgement.candidates else encoding in judgement.candidates


@settings(max_examples=400, deadline=None)
@given(texts=names(SURNAMES, GIVEN), encoding=st.sampled_from([UTF_8, GB18030]))
def test_chinese_names_are_read_right_or_asked_about(texts: list[str], encoding: Encoding) -> None:
    assert is_right(said_by(texts, encoding), encoding)


@settings(max_examples=400, deadline=None)
@given(texts=names(*TRADITIONAL), encoding=st.sampled_from([UTF_8, GB18030, BIG5]))
def test_traditional_names_are_read_right_or_asked_about(texts: list[str], encoding: Encoding) -> None:
    assert is_right(said_by(texts, encoding), encoding)


@settings(max_examples=400, deadline=None)
@given(
    texts=st.lists(st.sampled_from(WESTERN), min_size=1, max_size=5),
    encoding=st.sampled_from([UTF_8, GB18030, LATIN, MAC]),
)
def test_western_names_are_read_right_or_asked_about(texts: list[str], encoding: Encoding) -> None:
    try:
        judgement = said_by(texts, encoding)
    except UnicodeEncodeError:
        return  # it has not all of these letters
    assert is_right(judgement, encoding)


VALID_UTF_8 = [bytes((lead, trail)).decode("gb18030") for lead in range(0xC2, 0xD8) for trail in range(0xA1, 0xC0)]
"""Common characters whose bytes in GB18030 are a letter in UTF-8: 茅 is é."""


@settings(max_examples=400, deadline=None)
@given(st.lists(st.text(st.sampled_from(VALID_UTF_8), min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_happens_to_be_valid_utf_8_is_not_taken_for_it(texts: list[str]) -> None:
    judgement = said_by(texts, GB18030)

    assert judgement.candidates or judgement.encoding != UTF_8


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("花想容", GB18030),
        ("谢伟", GB18030),
        ("魏维", GB18030),
        ("茅台", GB18030),
        ("联通", GB18030),
        ("赵𠮷", GB18030),
        ("陳大文", BIG5),
        ("Französisch", LATIN),
        ("Müller", LATIN),
        ("François", UTF_8),
        ("Crème brûlée", MAC),
        ("Αθήνα", UTF_8),
        ("Москва", UTF_8),
        ("한국", UTF_8),
        ("😀", UTF_8),
        ("𠮷", UTF_8),
        ("䶮", UTF_8),
        ("¥1250", UTF_8),
        ("138\u200b00138000", UTF_8),
        ("ＳＨ－００１", UTF_8),
        ("café – naïve", LATIN),
    ],
)
def test_one_cell_is_enough_where_one_reading_alone_is_text(text: str, encoding: Encoding) -> None:
    assert said_by([text], encoding) == Judgement(encoding)


@pytest.mark.parametrize(
    "text, encoding, others",
    [
        ("茅", GB18030, [BIG5]),
        ("D’Angelo", MAC, [LATIN]),
        ("Dušan", LATIN, [MAC]),
        ("楊華", BIG5, [GB18030]),
        ("é", UTF_8, [GB18030]),
    ],
)
def test_what_several_encodings_read_as_text_is_asked_about(
    text: str, encoding: Encoding, others: list[Encoding]
) -> None:
    judgement = said_by([text], encoding)

    assert {encoding, *others} <= set(judgement.candidates)


@pytest.mark.parametrize(
    "codec, text",
    [
        ("cp1251", "Иванов Петров Сидоров Кузнецова Смирнова Попов Васильева Соколов Москва Красота"),
        ("koi8-r", "Иванов Петров Сидоров Кузнецова Смирнова Попов Васильева Соколов Москва Красота"),
        ("shift_jis", "佐藤さくら 鈴木花子 高橋一郎 田中みどり 中村美容室 小林サロン 加藤ヘアー お客様"),
    ],
)
def test_other_code_pages_are_no_text_in_any_of_these(codec: str, text: str) -> None:
    """A text of some length; a single word of them can look like a Chinese name."""
    cells = list(dict.fromkeys(word.encode(codec) for word in text.split()))
    judgement = judge(cells)

    if not judgement.candidates:
        with pytest.raises(UnicodeDecodeError):
            b",".join(cells).decode(CODECS[judgement.encoding])


def test_a_cell_counts_once_however_often_it_comes() -> None:
    assert said_by(["D’Angelo"] * 100, MAC).candidates


def test_candidates_show_the_first_cell_in_which_they_differ() -> None:
    cells = ["楊華".encode("cp950")]

    assert [tuple(each) for each in candidates_of(cells, [GB18030, BIG5])] == [
        (GB18030, cells[0].decode("gb18030")),
        (BIG5, "楊華"),
    ]


# ------------------------------------------------------------------------------------- files


def test_what_is_ambiguous_at_first_is_looked_for_farther_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", 4096)
    file = "no,name\n1,Dušan\n".encode("cp1252") + b"2,plain\n" * 5_000
    more = "3,Françoise\n4,Jürgen\n".encode("cp1252")

    with pytest.raises(BrokenFile) as refused:
        list(rows_of(io.BytesIO(file)))
    assert (refused.value.trouble, refused.value.detail) == (Trouble.AMBIGUOUS_ENCODING, "windows-1252, mac-roman")
    assert [reads for _, reads in refused.value.candidates] == ["Dušan", "Duöan"]

    taken = Taken()
    assert list(rows_of(io.BytesIO(file + more), taken))[1] == (2, ["1", "Dušan"])
    assert taken.encoding == LATIN


def test_no_more_than_a_bound_is_held_while_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", 4096)
    monkeypatch.setattr(finding, "MOST_AHEAD", 40_000)
    content = io.BytesIO("no,name\n1,Dušan\n".encode("cp1252") + b"2,plain\n" * 100_000)

    with pytest.raises(BrokenFile):
        list(rows_of(content))
    assert content.tell() < 50_000


@pytest.mark.parametrize("encoding", list(Encoding))
def test_the_senders_word_is_taken(encoding: Encoding) -> None:
    texts = {BIG5: "楊華", UTF_8: "é", LATIN: "Dušan", MAC: "D’Angelo"}
    text = texts.get(encoding, "茅")
    content = f"no,name\r\n1,{text}\r\n".encode(CODECS.get(encoding, "utf-16-le"))

    assert list(rows_of(io.BytesIO(content), Taken(encoding=encoding)))[1] == (2, ["1", text])


@pytest.mark.parametrize("said", [None, GB18030])
@pytest.mark.parametrize("codec, encoding", [("utf-8-sig", UTF_8), ("utf-16", Encoding.UTF_16)])
def test_a_mark_is_right_whatever_else_is_said(codec: str, encoding: Encoding, said: Encoding | None) -> None:
    taken = Taken(encoding=said)

    assert list(rows_of(io.BytesIO("no\tname\r\n1\t茅\r\n".encode(codec)), taken))[1] == (2, ["1", "茅"])
    assert (taken.encoding, taken.delimiter) == (encoding, "\t")


def test_the_senders_word_is_held_to() -> None:
    content = "no,name\n1,plain\n2,花想\n".encode("gb18030")

    with pytest.raises(BrokenFile) as broken:
        list(rows_of(io.BytesIO(content), Taken(encoding=UTF_8)))
    assert (broken.value.trouble, broken.value.detail) == (Trouble.WRONG_ENCODING, "3")


# ------------------------------------------------------------------------------------- the routes


async def test_who_sends_an_ambiguous_file_is_shown_what_it_says_in_each(fresh_database: FreshDatabase) -> None:
    file = "external_no,name\nS-1,Dušan\n".encode("cp1252")
    async with one_service(fresh_database, "customers") as customers:
        done = await imported(customers, file, "customers", dry_run=True)

        assert (done.state, done.error_slug) == ("failed", "ambiguous-encoding")
        assert "windows-1252 (“Dušan”), mac-roman (“Duöan”)" in str(done.error)
        assert done.job["preview"]["candidates"] == [
            {"encoding": "windows-1252", "reads": "Dušan"},
            {"encoding": "mac-roman", "reads": "Duöan"},
        ]

        other = (await customers.http.get(f"{BASE}/imports/{done.id}", headers=bearer("admin", new_id()))).json()
        assert "windows-1252, mac-roman" in other["error"]
        assert "Du" not in str(other)
        assert "Du" not in str(await customers.database.fetch("SELECT trouble_detail FROM import_job"))

        said = await imported(customers, file, "customers", encoding="latin-1")
        assert (said.state, said.job["preview"]["encoding"]) == ("done", "windows-1252")
        listed = (await customers.http.get(f"{BASE}/customers")).json()["items"]
        assert [each["name"] for each in listed] == ["Dušan"]


async def test_a_small_file_in_gbk_that_is_valid_utf_8_is_read_right(fresh_database: FreshDatabase) -> None:
    file = "external_no,name\nS-1,谢伟\n".encode("gbk")
    assert file.decode("utf-8") != "external_no,name\nS-1,谢伟\n"
    async with one_service(fresh_database, "customers") as customers:
        answer = await send(customers, file, "customers", dry_run=True)
        await customers.run_loops()
        done = await found(customers, answer.json()["id"])

        assert (done.state, done.job["preview"]["encoding"]) == ("done", "gb18030")
        assert done.job["preview"]["rows"][0]["values"] == {"external_no": "S-1", "name": "谢伟"}
