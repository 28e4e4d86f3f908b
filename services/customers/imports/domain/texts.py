"""What is wrong with a cell, a row or a file, and what to do, in the languages that people read."""

from collections.abc import Mapping

from services.customers.imports.domain.troubles import PLACED, Fault, Trouble
from shared.languages import Language

TEXTS: Mapping[Trouble, tuple[str, str]] = {
    Trouble.MISSING: ("the cell is empty, a value is required", "单元格为空，此项必填"),
    Trouble.TOO_LONG: ("the text is too long", "文字过长"),
    Trouble.ERROR_CELL: (
        "the spreadsheet shows an error in {}; put it right there, or empty the cell",
        "{}是电子表格的错误值；请在表格中改正，或清空该单元格",
    ),
    Trouble.INEXACT_NUMBER: (
        "{} holds a number whose digits the spreadsheet has lost (beyond 15 digits, or like 2.02612E+16); "
        "format the column as text, then enter the number anew",
        "{}的号码已被电子表格丢失位数（超过15位，或显示为 2.02612E+16）；请将该列设为文本格式后重新输入号码",
    ),
    Trouble.UNFIT_CELL: (
        "{} holds a date, a truth value or a fraction where a number of a system is wanted; format the column as text, "
        "then enter the number anew",
        "{}是日期、逻辑值或小数，而此处应为编号；请将该列设为文本格式后重新输入编号",
    ),
    Trouble.UNFIT_FORMAT: (
        "{} shows its number in a format that may add or hide digits; format the column as text, then enter the number "
        "as it shall be read",
        "{}的数字格式可能增减所显示的位数；请将该列设为文本格式后按实际编号重新输入",
    ),
    Trouble.FORBIDDEN_CHARACTER: ("it holds a control or unreadable character", "含有控制字符或无法识别的字符"),
    Trouble.NOT_A_DATE: (
        "no date; write it like 2026-01-05, 2026/1/5, 2026年1月5日 or 2026-01-05T14:30+08:00",
        "不是日期；请写成 2026-01-05、2026/1/5、2026年1月5日 或 2026-01-05T14:30+08:00",
    ),
    Trouble.AMBIGUOUS_DATE: (
        "day, month and year cannot be told apart; say how dates are written in date_format, such as DD/MM/YYYY, or "
        "write 2026-01-05",
        "无法区分日、月、年；请在 date_format 中说明日期写法，例如 DD/MM/YYYY，或写成 2026-01-05",
    ),
    Trouble.IN_FUTURE: ("it lies in the future", "日期在未来"),
    Trouble.TOO_EARLY: ("it lies before 1990", "日期早于1990年"),
    Trouble.NOT_AN_AMOUNT: ("no amount; write it like 1250 or 1250.00", "不是金额；请写成 1250 或 1250.00"),
    Trouble.FRACTION_OF_CENT: ("an amount has at most two decimal places", "金额最多两位小数"),
    Trouble.NEGATIVE: ("negative; record a return at the purchase that it returns", "金额为负；退货请记在原进货上"),
    Trouble.TOO_LARGE: ("the amount is larger than any single entry can be", "金额超过单笔上限"),
    Trouble.CELLS: ("the row does not have as many cells as the header", "该行的列数与表头不符"),
    Trouble.UNKNOWN_CHOICE: ("not one of the values taken here: {}", "不是可用的取值：{}"),
    Trouble.NOT_A_PHONE: ("no phone number; several are separated by ;", "不是电话号码；多个号码用 ; 分隔"),
    Trouble.PHONE_LEFT_OUT: (
        "the row is taken without a phone number that cannot be read; write its area code, and ; between several",
        "该行已导入，但略去了无法识别的电话号码；请写明区号，多个号码用 ; 分隔",
    ),
    Trouble.NOT_A_MAIL: ("no e-mail address; several are separated by ;", "不是电子邮箱；多个邮箱用 ; 分隔"),
    Trouble.NOT_A_LICENCE: (
        "no unified social credit code: 18 characters, the last of which is their check digit",
        "不是统一社会信用代码：18位，末位为校验码",
    ),
    Trouble.UNKNOWN_CUSTOMER: (
        "no customer has this number; register it first, or import with create_customers",
        "没有此编号的客户；请先建档，或以 create_customers 导入",
    ),
    Trouble.UNKNOWN_BRAND: ("no brand has this name or id; there are: {}", "没有此名称或编号的品牌；现有：{}"),
    Trouble.UNKNOWN_REGION: ("no region has this name or id; there are: {}", "没有此名称或编号的区域；现有：{}"),
    Trouble.NOT_A_LINE: (
        "write a line as product × pieces, with @ batch, = amount and ~ cost where they are known: "
        "焕颜精华 @B-17 × 12 = 1200.00; several are separated by ;",
        "请将明细写成 产品 × 件数，已知批号、金额和成本时加 @批号、=金额 和 ~成本："
        "焕颜精华 @B-17 × 12 = 1200.00；多条用 ; 分隔",
    ),
    Trouble.NOT_PIECES: ("pieces are a whole number from 1 to 1000000", "件数应为1至1000000的整数"),
    Trouble.NUMBER_REUSED: ("external_no reused with other content", "外部编号重复而内容不同"),
    Trouble.EXISTS_OTHERWISE: ("already exists with other content", "已存在，但内容不同"),
    Trouble.UNKNOWN_INVOICE: (
        "nobody has told of this invoice before; give its due day and its amount",
        "此前没有此发票；请填写到期日和金额",
    ),
    Trouble.INVOICE_REUSED: (
        "an invoice with this number stands with other content; put it right there",
        "此发票号已存在而内容不同；请在原发票上更正",
    ),
    Trouble.DAYS: ("these days cannot be", "日期不合理"),
    Trouble.NO_STORE: ("this customer is a person; people are entered with a store", "该客户是个人；人员只能录入门店"),
    Trouble.NETWORK_RULE: (
        "the rules of the network do not allow it beside what stands: {}",
        "与现有合同相冲突，违反网络规则：{}",
    ),
    Trouble.EQUALS_NUMBERED: (
        "equals a purchase of that customer, day and amount which is there under an order number; as it stands it "
        "would count twice: map the order numbers",
        "与已按单号入库的进货（同客户、同日、同金额）相同，照此导入将重复计算；请映射单号列",
    ),
    Trouble.EQUALS_UNNUMBERED: (
        "equals a purchase of that customer, day and amount which is there without an order number; as it stands it "
        "would count twice",
        "与已入库但无单号的进货（同客户、同日、同金额）相同，照此导入将重复计算",
    ),
    Trouble.EMPTY_FILE: ("the file is empty", "文件为空"),
    Trouble.BINARY_FILE: (
        "this is no text; save it as CSV or XLSX",
        "不是文本文件；请另存为 CSV 或 XLSX",
    ),
    Trouble.WRONG_ENCODING: (
        "line {} cannot be read; say the file's encoding, or save it as CSV in UTF-8",
        "第 {} 行无法识别；请在 encoding 中说明编码，或将文件另存为 UTF-8 的 CSV",
    ),
    Trouble.AMBIGUOUS_ENCODING: (
        "several encodings read this file: {}; say in encoding which one is right",
        "多种编码均可读取此文件：{}；请在 encoding 中说明",
    ),
    Trouble.BROKEN_QUOTES: (
        "the quotes do not match at line {}, or a cell is larger than 128 KiB",
        "第 {} 行引号不成对，或单元格超过 128 KiB",
    ),
    Trouble.LINE_TOO_LONG: ("a line is longer than 1 MiB", "某行超过 1 MiB"),
    Trouble.NO_WORKBOOK: ("this is no readable XLSX workbook without password", "不是可读取的无密码 XLSX 工作簿"),
    Trouble.WORKBOOK_TOO_LARGE: ("the workbook is too large; save it as CSV", "工作簿过大；请另存为 CSV"),
    Trouble.NO_SHEET: (
        "the workbook has no such sheet; it has: {}",
        "工作簿中没有此工作表；现有：{}",
    ),
    Trouble.NO_SHEETS: ("a text file has no sheets; leave sheet out", "文本文件没有工作表；请勿填写 sheet"),
    Trouble.NO_COLUMN: ("the header has no column “{}”", "表头中没有列“{}”"),
    Trouble.COLUMN_TWICE: ("the header has the column “{}” twice", "表头中列“{}”重复"),
    Trouble.FIELD_WITHOUT_COLUMN: (
        "nothing says where {} stands; name its column in mapping or give a value in defaults",
        "未说明 {} 所在的列；请在 mapping 中指明，或在 defaults 中给出取值",
    ),
    Trouble.READER_ENDED: (
        "the file could not be read to its end; a workbook may be too large: save it as CSV",
        "文件未能读完；工作簿可能过大，请另存为 CSV",
    ),
    Trouble.GIVEN_UP: (
        "given up after several attempts; what rows_ok counts is recorded, importing again adds the rest",
        "多次尝试后放弃；rows_ok 所计的行已入库，再次导入可补齐其余",
    ),
}


_NOT_IN_FORM = (
    "no date; write it like {}, as date_format says, or with the year first, like 2026-01-05",
    "不是日期；请按 date_format 所述写成 {}，或年份在前，例如 2026-01-05",
)
_CELL = "cell {}", "单元格 {} "
_DEFAULT = "the default of {}", "{} 的默认值"
_OF_SHEET = "{} (sheet “{}”)", "{}（工作表“{}”）"


def text_of_trouble(trouble: Trouble, language: Language, detail: str | None = None, sheet: str | None = None) -> str:
    """One sentence; `detail` is a line, a cell, a column or the values taken, where the trouble has one.

    Of a workbook it names the sheet that was read.
    """
    which = int(language == "zh-CN")
    text = TEXTS[trouble][which].format(detail or "")
    return _OF_SHEET[which].format(text, sheet) if sheet else text


def text_of_fault(fault: Fault, language: Language, sheet: str | None = None) -> str:
    """One sentence; what is told with its place names the cell, as `进货!E2` in a workbook, or the field's default."""
    which = int(language == "zh-CN")
    if fault.trouble is Trouble.NOT_A_DATE and fault.detail:
        return _NOT_IN_FORM[which].format(fault.detail)
    if fault.trouble not in PLACED:
        return text_of_trouble(fault.trouble, language, fault.detail)
    cell = f"{sheet}!{fault.detail}" if sheet else fault.detail
    place = _CELL[which].format(cell) if fault.detail else _DEFAULT[which].format(fault.column)
    return text_of_trouble(fault.trouble, language, place)


_NOTED = "rows taken without a phone number that cannot be read: {}", "略去无法识别的电话号码而导入的行数：{}"
_ALIKE = (
    "rows that equal purchases which are there already, there with an order number and here without one, or the other "
    "way round: {}; imported as they are they would count twice",
    "与已入库进货（同客户、同日、同金额）相同、但一方有单号而另一方没有的行数：{}；照此导入将重复计算",
)


def warnings_of(noted: int, alike: int, language: Language) -> list[str]:
    """What there is to look at, though it keeps no row out."""
    which = int(language == "zh-CN")
    return [text[which].format(rows) for text, rows in ((_NOTED, noted), (_ALIKE, alike)) if rows]
