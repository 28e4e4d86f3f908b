"""Names as they are in the trade: regions with their cities, brands, stores, people."""

from random import Random

REGIONS: dict[str, tuple[str, ...]] = {
    "华东区": ("上海", "杭州", "苏州", "南京", "宁波", "无锡", "合肥"),
    "华南区": ("广州", "深圳", "厦门", "福州", "佛山", "南宁"),
    "华北区": ("北京", "天津", "济南", "青岛", "石家庄", "太原"),
    "西南区": ("成都", "重庆", "昆明", "贵阳", "绵阳"),
}
BRANDS = {"花漾年华": "mid", "本草妍": "mid", "兰芷": "high", "玉容堂": "high"}

_FIRST = "云水花芳雅丽美悦清韵妍婉静思梦诗若紫兰玉凤彩伊雪莲馨怡晴月"
_SECOND = "间语涧颜容姿轩阁坊庭苑园缘莎娜蔓薇琪岚筠黛宁舒然忆韶茉"
_KINDS = ("美容院", "美颜馆", "护肤中心", "养生会所", "女子会馆", "美容SPA", "美肤坊")
_SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "雨桐思远佳怡子涵晓峰志强美玲俊杰欣然婷婷浩然丽娟文博雪梅建国海燕静怡明辉春燕国栋秀英宇航梦洁"
"""In pairs."""


def store_name(random: Random, city: str) -> str:
    """Such as 苏州·云涧美容院."""
    first, second = random.choice(_FIRST), random.choice(_SECOND)
    return f"{city}·{first}{second}{random.choice(_KINDS)}"


def person_name(random: Random) -> str:
    place = 2 * random.randrange(len(_GIVEN) // 2)
    return random.choice(_SURNAMES) + _GIVEN[place : place + 2]
