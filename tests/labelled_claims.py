"""Sentences with what they cite, labelled by hand: does the passage hold them? All offices and rules are invented.

Thresholds and word lists were chosen on the sentences of ``labelled_tuning`` and ``labelled_tuning_more``. These were
written afterwards: 33 of 36 wrong ones were found in the first run and 3 of 30 right ones taken for wrong. What
misled it then (不到, 深处, 无息, an office in a region) has been mended since.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.passages import passage


class Labelled(NamedTuple):
    """A sentence without marks, the key of the passage that it cites, and what is wrong with it, if anything."""

    sentence: str
    cites: str
    wrong: str = ""


PASSAGES = {
    "泳池": passage(
        "本馆泳池水深1.2米至1.8米，水温保持在27℃。开放时间为每日6:30至21:00，周三下午闭馆换水。成人单次票价40元，"
        "年卡1,680元，自开卡之日起12个月内有效，不可转让。身高不足1.3米的儿童须由家长陪同。患有皮肤病的人员禁止入池。",
        source="体育/泳池.docx", title="银杏体育馆泳池须知", headings=("入池规定",),
    ),
    "档案": passage(
        "文书档案的保管期限分为永久、三十年和十年三种。财务凭证保管三十年，由档案室主任何丽萍负责移交。"
        "借阅档案须经部门负责人签字，一般不得带出阅览室。电子档案每半年备份一次，备份存放在滨海分公司。"
        "2021年共接收档案2,350卷。",
        source="行政/档案.pdf", title="档案管理制度", headings=(),
    ),
    "租赁": passage(
        "本租賃合同期限為三年，自二〇二二年七月一日起。月租金為人民幣貳萬伍仟元整，每滿一年遞增百分之三。"
        "押金相當於兩個月租金，合同終止後十五日內無息退還。承租方不得改變房屋結構，未經出租方書面同意不得轉租。",
        source="合同/租賃.docx", title="房屋租賃合同", headings=(),
    ),
    "快递": passage(
        "| 目的地 | 首重 | 续重 | 时效 |\n| --- | --- | --- | --- |\n| 省内 | 8 元 | 1.5 元 | 1 天 |\n"
        "| 华东 | 12 元 | 5 元 | 2 天 |\n| 西北 | 18 元 | 9 元 | 4 天 |\n",
        source="物流/报价.xlsx", title="晨风快递报价", headings=(),
    ),
    "疫苗": passage(
        "疫苗应在2℃至8℃避光保存，严禁冻结。开启后的多人份疫苗须在半小时内用完。接种后请在留观室观察30分钟。"
        "接种前无需空腹。对鸡蛋过敏者不得接种甲型疫苗。门诊由护士长罗海燕主持，每周二、周四上午8:00开诊。",
        source="卫生/接种.md", title="柳溪卫生站接种须知", headings=(),
    ),
    "grant": passage(
        "The Harbour Fund supports projects of up to 40,000 dollars. Applications close on 15 October 2025 and are "
        "reviewed within eight weeks. Travel costs are not covered. Each applicant may submit two proposals. "
        "Questions go to Daniel Price at the programme office.",
        source="grants/call.md", title="Call for proposals", headings=(),
    ),
    "产品": passage(
        "HT-50型净水器额定功率为35瓦，滤芯寿命为六个月。产品保修期两年，人为损坏不在保修范围内。"
        "2024年上半年销量3.2万台，同比增长百分之十二，华南市场占四成。生产基地位于嘉宁市，研发部由马志强领导。",
        source="产品/净水器.md", title="净水器产品手册", headings=(),
    ),
}  # fmt: skip
REPORTED = [
    Labelled("泳池的水温为27度，最深处1.8米。", "泳池"),
    Labelled("泳池每天早上六点半开放，晚上九点关闭。", "泳池"),
    Labelled("年卡的价格为1680元，有效期一年。", "泳池"),
    Labelled("年卡不能转让给别人。", "泳池"),
    Labelled("有皮肤病的人不得入池。", "泳池"),
    Labelled("身高不到1.3米的孩子必须有家长陪同。", "泳池"),
    Labelled("财务凭证要保管30年。", "档案"),
    Labelled("移交工作由档案室主任何丽萍负责。", "档案"),
    Labelled("借阅档案需要部门负责人签字，一般不能带出阅览室。", "档案"),
    Labelled("电子档案每6个月备份一次。", "档案"),
    Labelled("2021年接收的档案共有2350卷。", "档案"),
    Labelled("租期三年，从2022年7月1日开始。", "租赁"),
    Labelled("月租金为25,000元，每年递增3%。", "租赁"),
    Labelled("押金为两个月的租金，合同终止后15日内退还，不计利息。", "租赁"),
    Labelled("没有出租方的书面同意，承租方不能转租。", "租赁"),
    Labelled("寄往华东的快递首重12元，时效2天。", "快递"),
    Labelled("西北的续重价格为9元。", "快递"),
    Labelled("省内首重八元，一天送达。", "快递"),
    Labelled("疫苗要避光保存在2到8度之间，不能冻结。", "疫苗"),
    Labelled("多人份疫苗开启以后要在30分钟之内用完。", "疫苗"),
    Labelled("接种前不需要空腹。", "疫苗"),
    Labelled("对鸡蛋过敏的人不能接种甲型疫苗。", "疫苗"),
    Labelled("The Harbour Fund gives up to $40,000 per project.", "grant"),
    Labelled("The deadline for applications is October 15, 2025.", "grant"),
    Labelled("Travel costs will not be covered.", "grant"),
    Labelled("申请截止日期为2025年10月15日，评审在八周内完成。", "grant"),
    Labelled("HT-50净水器的滤芯可以使用6个月。", "产品"),
    Labelled("2024年上半年卖出32,000台，同比增长12%。", "产品"),
    Labelled("人为损坏的不予保修，保修期为2年。", "产品"),
    Labelled("研發部的領導是馬志強。", "产品"),
    # Wrong.
    Labelled("泳池水温保持在29℃。", "泳池", "number"),
    Labelled("泳池每日开放到22:00。", "泳池", "time"),
    Labelled("年卡可以转让。", "泳池", "denial"),
    Labelled("成人单次票价为1680元。", "泳池", "number of another clause"),
    Labelled("年卡自开卡之日起12天内有效。", "泳池", "unit"),
    Labelled("患有皮肤病的人员可以入池。", "泳池", "denial"),
    Labelled("泳池的教练由刘建军担任。", "泳池", "invented"),
    Labelled("财务凭证保管十年。", "档案", "number of another clause"),
    Labelled("移交由档案室主任孙秀英负责。", "档案", "name"),
    Labelled("借阅档案须经人事部签字。", "档案", "name"),
    Labelled("借阅档案无须签字。", "档案", "denial"),
    Labelled("2022年共接收档案2,350卷。", "档案", "date"),
    Labelled("备份存放在江南分公司。", "档案", "name"),
    Labelled("合同期限为五年。", "租赁", "number"),
    Labelled("合同自2022年1月7日起。", "租赁", "date"),
    Labelled("月租金为人民币两千五百元。", "租赁", "number"),
    Labelled("租金每年递增3元。", "租赁", "unit"),
    Labelled("未经出租方书面同意可以转租。", "租赁", "denial"),
    Labelled("三年租金合计90万元。", "租赁", "sum"),
    Labelled("寄往西北的快递首重为12元。", "快递", "number of another row"),
    Labelled("华东的时效为4天。", "快递", "number of another row"),
    Labelled("华北的首重为8元。", "快递", "name"),
    Labelled("接种后应在留观室观察15分钟。", "疫苗", "number"),
    Labelled("接种前需要空腹。", "疫苗", "denial"),
    Labelled("门诊由护士长郑小芸主持。", "疫苗", "name"),
    Labelled("开启后的多人份疫苗须在三小时内用完。", "疫苗", "unit"),
    Labelled("The Harbour Fund supports projects of up to 14,000 dollars.", "grant", "number"),
    Labelled("Travel costs are covered.", "grant", "denial"),
    Labelled("Applications close on 15 November 2025.", "grant", "date"),
    Labelled("Questions go to Susan Hill at the programme office.", "grant", "name"),
    Labelled("Applications are reviewed within eight months.", "grant", "unit"),
    Labelled("HT-80型净水器额定功率为35瓦。", "产品", "name"),
    Labelled("额定功率为35千瓦。", "产品", "unit"),
    Labelled("华南市场占百分之十二。", "产品", "number of another clause"),
    Labelled("2023年上半年销量为3.2万台。", "产品", "date"),
    Labelled("用户可以通过手机应用远程控制净水器并查看水质报告。", "产品", "invented"),
]
