"""Which encoding a text file has, told by what it says in each: nothing is guessed in silence (decision 30a).

That an encoding can read some bytes is no evidence: GB18030, Windows-1252 and Mac Roman read almost anything. What
counts is whether a reading is *text*. Each cell costs as many bits as its characters beyond ASCII are surprising where
they stand:

- Chinese: 9 for one of the most frequent in names and addresses, more for the two levels of GB2312, for traditional
  ones of Big5, for the rest of the table; more again between the letters of a Latin word (`Fran莽ois`).
- Latin letters with a mark: few in a word of plain letters whose case fits, many in one that hardly has any (`ģļ`)
  and in the wrong case (`cafÈ`).
- Another script: many for the first letter of a word, few for those that follow.
- Signs by how often they are written there; controls, private use and unassigned places very many.

A cell that an encoding cannot read costs more than any text, and a cell counts once however often it comes. How common
the encodings are is worth a few bits. The cheapest reading is taken when it is text at all and any other costs
`CLEARLY` more; otherwise the sender chooses.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from services.customers.imports.domain.form import Encoding
from services.customers.imports.domain.preview import Candidate, shown

CLEARLY: Final = 10.0
"""Bits by which a reading has to be better than any other: a thousand to one."""
NO_TEXT: Final = 25.0
"""Bits for a character, on the average, from which on a reading is no text."""
USUAL: Final = 11.7
SLACK: Final = 60.0
"""Bits for a character that longer texts stay below, and what a text may have beyond: names of Chinese stores take 9 to
11; Cyrillic, Japanese and Korean code pages, which are not looked for, take 12 to 21 when they are read as Chinese."""
UNREADABLE: Final = 40.0
"""Bits for a byte beyond ASCII in a cell that an encoding cannot read."""
CODECS: Final = {
    Encoding.UTF_8: "utf-8",
    Encoding.GB18030: "gb18030",
    Encoding.WINDOWS_1252: "cp1252",
    Encoding.BIG5: "cp950",
    Encoding.MAC_ROMAN: "mac_roman",
}
"""What can be told without a mark at the head of the file."""
_RARITY: Final = {
    Encoding.UTF_8: 0.0,
    Encoding.GB18030: 1.0,
    Encoding.WINDOWS_1252: 4.0,
    Encoding.BIG5: 5.0,
    Encoding.MAC_ROMAN: 7.0,
}
"""Bits by which an encoding is rarer than UTF-8 among the files of a company in China."""
_BETWEEN: Final = re.compile(rb'[,;\t\r\n"]+')
"""No encoding here has these bytes within a character."""

_FREQUENT: Final = frozenset(
    # surnames
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧施洪兰安颜倪严牛温芦季俞章鲁葛"
    "伍韦申尤毕聂丛焦向柳邢路岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧阳甄项曲成游裴席卫查屈鲍位覃霍翁隋植"
    # given names
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂红玉华建国文辉力志永健世广义兴良海山仁波宁贵福生元全胜学祥才发新利清飞"
    "彬富顺信子昌茂进有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友河哲亮政若鸣朋斌栋维启克伦翔旭鹏泽晨辰士以家致"
    "树炎德行泰雄琛钧冠策腾楠榕风航弘淑惠珠翠雅芝萍娥玲芬燕彩春菊凤洁琳素云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉梦瑶怡"
    "婷婕馨瑾颖露琪晶妍茜秋珊莎锦黛青倩美慧巧娴佩琦悦薇宇浩轩俊欣雨晓婉诗琴然淼鑫阳光天东南西北中小大立君艺婵希可依紫涵"
    "子梓一诺萱语彤昕睿涛铭晴冰若妮菲蕾娇倩卓凯磊峰帆毅恒钰玥璐琳琬昊煜烨炜焕桐芸苹苗蓉蓝莹菁菡蔓薪"
    # shops, addresses, headers and what people write beside them
    "店美容院发妆护肤养生馆中心连锁加盟专营化品公司有限责任股份集团商贸易实业投资科技工作室厂铺行城市区县镇乡村街道路巷弄号楼"
    "层室单元幢座栋省自治州北京上海天津重庆广州深圳杭州南京苏州武汉成都西安长沙郑州青岛宁波无锡合肥福厦门昆济大连沈阳哈尔滨长春"
    "石太原南昌贵阳海口兰银川拉萨呼和浩特浙江安徽河湖四陕甘肃云内蒙古新疆香港澳台湾客户编号名称姓电话手机邮箱箱地址日期时间金额"
    "数量价元品牌单订货进退备注类型级别区域员业务经理导师销售负责人生日开业联系微信部门产品规格合计总数说明状态是否男女年月日点分"
    "的不了在有我他这个们来到说要就出也得你对成会可主发年动同工也能下过子说产种面而方后多定行学法所民经十三之进着等部度家电力里"
    "如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新"
    "线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入"
    "常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据"
    "花想容丽人颜玫瑰兰茉莉百合牡丹雅姿佳艳香韵水木金源泉康健福祥瑞祺吉庆丰盛隆昌顺达通联合众诚信义德仁和平安泰宁静悦心怡情缘梦"
)
_FREQUENT_TRADITIONAL: Final = frozenset(
    "張劉陳楊趙黃吳孫馬羅鄭謝韓馮許鄧蕭葉閻鍾譚陸龍萬錢湯賴龔顏倪嚴盧蔣賈蘇呂傑偉麗豪強軍勇豔靜紅華國輝廣興義貴勝學發"
    "進堅誠會樂紹慶亮鳴維啟倫鵬澤樹德風鳳潔蓮環愛鶯珍瓊貞夢瑤穎曉詩雲東飛蘭瑩薔緹臺灣臺北縣鄉鎮區號樓層單專業業務員產品"
    "電話手機編號名稱姓類別經理銷售聯絡時間數量價備註狀態連鎖養髮妝護膚館們來對說後與還這開關無為從長門問間電車書見語讀寫點"
    "實際體頭應當處過進選達運動務勞勝勢匯區參雙變歷發戰擊據擇操擔戶營獎獲現環畫當療盡監盤眾確碼種積穩競筆節範簡糧級紀約紅紙"
)
_USUAL_MARKS: Final = frozenset("áàâäãåæçéèêëíîñóôöøœßúûüÁÄÅÆÇÉÈÑÓÖØÚÜ")
_WORDS: Final = frozenset("àÀóèé")
_CHINESE_SIGNS: Final = frozenset("　、。，：；？！（）【】《》～￥〇℃")
_WESTERN_SIGNS: Final = frozenset("²³½¼¾¥“”‘’…—·–„«»¿¡€£°®™§©№×•")
_FULL_WIDTH: Final = re.compile("[\uff01-\uff5e]")
_PICTURE: Final = re.compile("[\u2190-\u27bf\u2b00-\u2bff\u3200-\u33ff\U0001f000-\U0001faff]")
_LATIN_WORD: Final = re.compile("[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\ufb00-\ufb06ªº]+")
_EUROPEAN: Final = re.compile("[\u00c0-\u017f\u1e00-\u1eff]")
_PRICE: Final = re.compile(r"[¥￥] ?\d[\d.]*", re.ASCII)
"""In UTF-8 it is `楼12` in GB18030, which nobody writes: the number comes first."""
_SCRIPT: Final = re.compile("[A-Z]+")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sample says: one encoding, or several among which the sender has to choose."""

    encoding: Encoding
    candidates: Sequence[Encoding] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    encoding: Encoding
    texts: Sequence[str | None]
    """Cell by cell; None where it cannot be read."""
    bits: float
    letters: int
    """Characters beyond ASCII."""

    @property
    def whole(self) -> bool:
        return None not in self.texts

    @property
    def is_text(self) -> bool:
        most = NO_TEXT * self.letters
        if self.encoding is not Encoding.UTF_8:  # what is valid there in many places is that
            most = min(most, USUAL * self.letters + SLACK)
        return self.whole and self.bits - _RARITY[self.encoding] < most


def cells_of(block: bytes) -> Iterable[bytes]:
    """The cells with something beyond ASCII."""
    return (cell for cell in _BETWEEN.split(block) if not cell.isascii())


def judge(cells: Sequence[bytes]) -> Judgement:
    """Which encoding the cells have; what is damaged, or no text in any, is given to one that cannot read it."""
    readings = sorted((_read(cells, encoding) for encoding in CODECS), key=lambda reading: reading.bits)
    best = readings[0]
    if not best.whole:
        return Judgement(best.encoding)
    near = [each for each in readings if each.whole and each.bits < best.bits + CLEARLY and each.texts != best.texts]
    if not any(each.is_text for each in (best, *near)):
        unreadable = [each.encoding for each in readings if not each.whole]
        return Judgement(unreadable[0]) if unreadable else Judgement(best.encoding, list(CODECS))
    return Judgement(best.encoding, [each.encoding for each in (best, *near)] if near else ())


def candidates_of(cells: Sequence[bytes], encodings: Sequence[Encoding]) -> list[Candidate]:
    """How the first cell in which they differ reads in each of the encodings."""
    for cell in cells:
        texts = [cell.decode(CODECS[encoding], "replace") for encoding in encodings]
        if len(set(texts)) > 1:
            return [Candidate(each, shown(text)) for each, text in zip(encodings, texts, strict=True)]
    return [Candidate(each, "") for each in encodings]


def _read(cells: Sequence[bytes], encoding: Encoding) -> _Reading:
    texts: list[str | None] = []
    bits, letters = _RARITY[encoding], 0
    for cell in cells:
        try:
            text = cell.decode(CODECS[encoding])
        except UnicodeDecodeError:
            texts.append(None)
            bits += UNREADABLE * sum(byte > 0x7F for byte in cell)
        else:
            texts.append(text)
            bits += surprise(text)
            letters += sum(char > "\x7f" for char in text)
    return _Reading(encoding, texts, bits, letters)


def surprise(text: str) -> float:
    """Bits of a cell's characters beyond ASCII."""
    if _PRICE.fullmatch(text):
        return 0.0
    words = _LATIN_WORD.findall(text)
    bits = sum(_latin_word(word, alone=len(words) == 1) for word in words if not word.isascii())
    padded = f" {text} "
    for before, char, after in zip(padded, padded[1:], padded[2:], strict=False):
        if char > "\x7f" and not _LATIN_WORD.match(char):
            bits += _character(before, char, after)
    return bits


def _latin_word(word: str, *, alone: bool) -> float:
    """Letters with marks, in a word of plain ones whose case fits; `à` stands between other words."""
    if len(word) == 1 and word in _WORDS:
        return 20.0 if alone else 14.0
    marks = sum(not char.isascii() for char in word)
    plain = len(word) - marks
    if len(word) < 3 or not plain:
        return 22.0 * marks if plain else 26.0 * marks
    bits = (0.0 if 2 * marks <= plain else 6.0 if marks <= plain else 10.0) * marks
    padded = f" {word} "
    for before, char, after in zip(padded, padded[1:], padded[2:], strict=False):
        if not char.isascii():
            bits += (
                6.0
                if char in _USUAL_MARKS
                else 9.0
                if "\u00bf" < char <= "\u017f" or "\u1e00" <= char <= "\u1eff"
                else 16.0
            )
            bits += 12.0 if _misfits(before, char, after) else 0.0
    return bits


def _misfits(before: str, char: str, after: str) -> bool:
    """A capital after a small letter, or a small letter among capitals."""
    if char.isupper():
        return before.islower()
    return char != "ß" and after.isupper() and (before.isupper() or not before.isalpha())


def _character(before: str, char: str, after: str) -> float:
    kind = _kind(char)
    if kind == "HAN":
        return _han(char) + _within_word(before, after)
    if kind == "MARK":
        return 9.0 if before.isalpha() and len(unicodedata.normalize("NFC", before + char)) == 1 else 26.0
    if kind == "SIGN":
        return _sign(before, char, after)
    if kind == "NONE":
        return 45.0
    return 9.0 if _kind(before) == kind else 34.0 if before.isascii() and before.isalpha() else 24.0


@lru_cache(65_536)
def _kind(char: str) -> str:
    """HAN, another script's name, MARK, SIGN, or NONE for what stands in no text."""
    category = unicodedata.category(char)
    if category in ("Cc", "Co", "Cn", "Cs") or char == "\ufffd":
        return "NONE"
    if category.startswith("M"):
        return "MARK"
    if not category.startswith("L") or category == "Lm" or _FULL_WIDTH.match(char):
        return "SIGN"
    script = _SCRIPT.match(unicodedata.name(char, ""))
    return "NONE" if script is None else "HAN" if script[0] == "CJK" else script[0]


def _sign(before: str, char: str, after: str) -> float:
    if char in _CHINESE_SIGNS or _FULL_WIDTH.match(char):
        return 10.0
    if char in _WESTERN_SIGNS:
        return _western_sign(before, char, after)
    category = unicodedata.category(char)
    if (category == "Cf" and char != "\xad") or _PICTURE.match(char):
        return 13.0
    return 16.0 if category == "Zs" else 26.0


def _western_sign(before: str, char: str, after: str) -> float:
    """What Windows-1252 and Mac Roman have beside letters, where it belongs: between letters, apart, or at a figure."""
    left, right = before.isalpha(), after.isalpha()
    if char == "’" and left and right:
        return 8.0
    if char in "°€£×²³½¼¾" and (before.isdigit() or after.isdigit()):
        return 10.0
    if (char in "“‘„«" and right and not before.isalnum()) or (char in "”’»…" and left and not after.isalnum()):
        return 13.0
    if left != right:
        return 22.0
    return 15.0 if before.isalnum() or after.isalnum() else 18.0


@lru_cache(65_536)
def _han(char: str) -> float:
    if char in _FREQUENT or char in _FREQUENT_TRADITIONAL:
        return 9.0
    try:
        return 13.0 if char.encode("gb2312")[0] < 0xD8 else 17.0
    except UnicodeEncodeError:
        pass
    try:
        return 16.0 if char.encode("big5")[0] < 0xC9 else 21.0
    except UnicodeEncodeError:
        return 22.0 if char < "\U00020000" else 24.0


def _within_word(before: str, after: str) -> float:
    """Chinese stands beside Latin letters (`A座`, `李Lily`), hardly ever between those of a word."""
    sides = [side.isascii() and side.isalpha() for side in (before, after)]
    if all(sides):
        return 14.0 if before.islower() or after.islower() else 8.0
    return 4.0 if sides[0] and before.islower() else 0.0
