"""Labelled sentences that thresholds and word lists were chosen on; ``labelled_claims`` has those that were not."""

from __future__ import annotations

from tests.labelled_claims import Labelled
from tests.passages import passage

TUNING_PASSAGES = {
    "假期": passage(
        "第八条 员工入职满一年后享有五天年假，满十年的享有10天年假。年假须在当年12月31日前休完，不得跨年结转。"
        "病假须在三天内提交医院证明。婚假为三天，须提前两周申请。",
        source="人事/假期规定.docx", title="假期规定",
    ),
    "采购": passage(
        "第三条 采购金额在3万元以下的，由部门经理审批；3万元以上的，须经总经理批准。"
        "第四条 供应商由采购部每年评审一次，评审得分低于60分的供应商不得继续供货。询价单应保存5年。",
        source="采购/采购办法.pdf", title="采购管理办法",
    ),
    "仓库": passage(
        "| 仓库 | 负责人 | 面积 | 电话 |\n| --- | --- | --- | --- |\n| 东区一号库 | 陈国栋 | 1200 平方米 | 6021 |\n"
        "| 西区冷库 | 吴晓梅 | 350 平方米 | 6038 |\n",
        source="仓库一览.xlsx", title="仓库一览",
    ),
    "visit": passage(
        "Visitors must sign in at the north gate and wear a badge. Photography is not allowed in the workshop. "
        "Tours start at 2:30 pm and take 90 minutes. Groups may have at most 15 people.",
        source="visit.md", title="Visiting the plant",
    ),
}  # fmt: skip
TUNING = [
    Labelled("入职满1年的员工每年有5天年假。", "假期"),
    Labelled("工作满十年以后，年假增加到十天。", "假期"),
    Labelled("年假不能结转到下一年，应在12月31日之前休完。", "假期"),
    Labelled("请病假要在3天之内交医院的证明。", "假期"),
    Labelled("采购金额不到3万元时由部门经理审批即可。", "采购"),
    Labelled("超过三万元的采购需要总经理批准。", "采购"),
    Labelled("評審得分低於60分的供應商不能再供貨。", "采购"),
    Labelled("西区冷库的面积为350平方米，负责人是吴晓梅。", "仓库"),
    Labelled("东区一号库由陈国栋负责，电话6021。", "仓库"),
    Labelled("Photos may not be taken in the workshop.", "visit"),
    Labelled("A tour begins at 14:30 and lasts 90 minutes.", "visit"),
    Labelled("参观从下午两点半开始，历时90分钟。", "visit"),
    Labelled("入职满1年的员工每年有10天年假。", "假期", "number of another clause"),
    Labelled("婚假为五天，须提前两周申请。", "假期", "number of another clause"),
    Labelled("年假可以跨年结转。", "假期", "denial"),
    Labelled("病假须在三个月内提交医院证明。", "假期", "unit"),
    Labelled("婚假无需提前申请。", "假期", "denial"),
    Labelled("3万元以上的采购由部门经理审批。", "采购", "name"),
    Labelled("询价单应保存3年。", "采购", "number"),
    Labelled("供应商由财务部每年评审一次。", "采购", "name"),
    Labelled("得分低于60分的供应商可以继续供货。", "采购", "denial"),
    Labelled("西区冷库的负责人是陈建华。", "仓库", "name"),
    Labelled("西区冷库的面积为1200平方米。", "仓库", "number of another row"),
    Labelled("Groups may have at most 50 people.", "visit", "number"),
    Labelled("Photography is allowed in the workshop.", "visit", "denial"),
    Labelled("Tours start at 2:30 am.", "visit", "time"),
    Labelled("公司为员工提供免费班车和健身房。", "假期", "invented"),
    Labelled("采购合同由法律顾问张律师统一保管在档案室。", "采购", "invented"),
]

# A second part, which was a test of its own once.
MORE_TUNING_PASSAGES = {
    "图书馆": passage(
        "第六条 本馆周一至周五开放时间为8:00至21:30，周末为9:00至17:00。第七条 教职工每次可借图书20册，借期90天；"
        "学生每次可借10册，借期30天，可续借一次。逾期每册每天收取0.1元滞纳金。馆内禁止饮食，但可以饮用带盖的水。",
        source="图书馆/读者须知.docx", title="云山学院图书馆读者须知", headings=("开放与借阅",),
    ),
    "差旅": passage(
        "差旅费标准自2024年3月1日起执行。部门经理及以上人员可乘坐高铁一等座，其他员工乘坐二等座。"
        "住宿费上限为每晚450元，超出部分由个人承担。出差结束后15个工作日内须完成报销，逾期不予受理。"
        "报销单由财务部王敏审核。",
        source="财务/差旅.pdf", title="差旅费管理规定", headings=(),
    ),
    "车间": passage(
        "二号车间共有数控机床36台，由设备科负责维护，每季度检修一次。车间温度应控制在18℃至26℃。"
        "未经培训的人员不得操作XR-200型机床。2023年产量为12.5万件，较上年增长百分之八，合格率达到99.2%。",
        source="生产/二号车间.md", title="二号车间概况", headings=(),
    ),
    "奖学金": passage(
        "校長獎學金每年評選一次，獎勵金額為人民幣八千元，名額不超過全體學生的千分之五。申請人須於九月三十日前向學生處提交材料，"
        "無需繳納任何費用。曾受處分者不得申請。",
        source="学生/獎學金.docx", title="校長獎學金辦法", headings=(),
    ),
    "lab": passage(
        "The Riverside laboratory opened on 12 May 2021. Every sample is kept for six months at -20 degrees. "
        "Results are sent within five working days. Dr. Helen Moore heads the microbiology group. "
        "Reports may not be shared with third parties without written consent.",
        source="lab/handbook.md", title="Laboratory handbook", headings=(),
    ),
    "合同": passage(
        "本合同总价为人民币叁拾伍万元整，分三期支付：签约后支付30%，验收后支付60%，余款在质保期满后支付。质保期为二十四个月。"
        "甲方逾期付款的，每日按应付金额的万分之五支付违约金。任何一方不得擅自转让本合同。",
        source="合同/设备采购.pdf", title="设备采购合同", headings=(),
    ),
    "食堂": passage(
        "| 餐次 | 时间 | 员工价 | 访客价 |\n| --- | --- | --- | --- |\n| 早餐 | 7:00-8:30 | 5 元 | 10 元 |\n"
        "| 午餐 | 11:30-13:00 | 12 元 | 25 元 |\n| 晚餐 | 17:30-19:00 | 10 元 | 20 元 |\n",
        source="后勤/食堂.xlsx", title="食堂价目", headings=(),
    ),
}  # fmt: skip
MORE_TUNING = [
    # In other words, another writing, another script.
    Labelled("学生一次最多借十册书，借期为30天，并且可以续借一次。", "图书馆"),
    Labelled("图书馆工作日开到晚上九点半。", "图书馆"),
    Labelled("书过期未还，每册每天要交0.1元滞纳金。", "图书馆"),
    Labelled("在馆内不准吃东西，不过可以喝带盖的水。", "图书馆"),
    Labelled("教职工可借20册，借期为九十天。", "图书馆"),
    Labelled("新的差旅标准从二〇二四年三月一日开始执行。", "差旅"),
    Labelled("普通员工出差只能坐二等座。", "差旅"),
    Labelled("住宿费每晚不超过450元，超出的部分自己承担。", "差旅"),
    Labelled("出差回来后，要在十五个工作日内办完报销，否则不再受理。", "差旅"),
    Labelled("报销单的审核人是财务部的王敏。", "差旅"),
    Labelled("二号车间有三十六台数控机床，每季度检修1次。", "车间"),
    Labelled("没有经过培训的人员不能操作 XR-200 机床。", "车间"),
    Labelled("2023年产量为125,000件，比上年增长8%。", "车间"),
    Labelled("车间的温度要保持在18到26度之间。", "车间"),
    Labelled("设备的维护由设备科负责。", "车间"),
    Labelled("校长奖学金每年评选一次，奖金为8000元。", "奖学金"),
    Labelled("获奖名额最多为全体学生的0.5%。", "奖学金"),
    Labelled("申请材料要在9月30日之前交给学生处，不收任何费用。", "奖学金"),
    Labelled("受过处分的学生不能申请校长奖学金。", "奖学金"),
    Labelled("The laboratory was opened on May 12, 2021.", "lab"),
    Labelled("Samples are kept for 6 months at -20 degrees.", "lab"),
    Labelled("The microbiology group is headed by Dr. Helen Moore.", "lab"),
    Labelled("Without written consent, reports must not be shared with third parties.", "lab"),
    Labelled("实验室在2021年5月12日启用，样品保存6个月。", "lab"),
    Labelled("合同总价是35万元，签约之后先付百分之三十。", "合同"),
    Labelled("质保期为两年，也就是24个月。", "合同"),
    Labelled("逾期付款的违约金为每日万分之五。", "合同"),
    Labelled("员工午餐的价格是12元，访客是25元。", "食堂"),
    Labelled("晚餐供应时间为17:30至19:00。", "食堂"),
    Labelled("早餐从七点开始，员工价五元。", "食堂"),
    # Wrong.
    Labelled("学生一次最多借20册书。", "图书馆", "number of another clause"),
    Labelled("图书馆周末开放到21:30。", "图书馆", "time of another clause"),
    Labelled("学生借书的借期为三个月。", "图书馆", "unit"),
    Labelled("逾期每册每天收取1元滞纳金。", "图书馆", "number"),
    Labelled("馆内可以饮食。", "图书馆", "denial"),
    Labelled("差旅费标准自2023年3月1日起执行。", "差旅", "date"),
    Labelled("差旅费标准自2024年5月1日起执行。", "差旅", "date"),
    Labelled("住宿费上限为每晚540元。", "差旅", "number"),
    Labelled("出差结束后15个月内须完成报销。", "差旅", "unit"),
    Labelled("报销单由财务部李娜审核。", "差旅", "name"),
    Labelled("逾期报销的也予以受理。", "差旅", "denial"),
    Labelled("住宿费和交通费的上限合计为每晚900元。", "差旅", "sum"),
    Labelled("二号车间共有数控机床63台。", "车间", "number"),
    Labelled("机床由后勤处负责维护。", "车间", "name"),
    Labelled("未经培训的人员可以操作XR-200型机床。", "车间", "denial"),
    Labelled("未经培训的人员不得操作XR-300型机床。", "车间", "name"),
    Labelled("2023年产量较上年增长99.2%。", "车间", "number of another clause"),
    Labelled("2023年产量为12.5万元。", "车间", "unit"),
    Labelled("奖学金的金额为八百元。", "奖学金", "number"),
    Labelled("申请奖学金需要缴纳费用。", "奖学金", "denial"),
    Labelled("申请人须于十月三十日前向学生处提交材料。", "奖学金", "date"),
    Labelled("申请人须于九月三十日前向教务处提交材料。", "奖学金", "name"),
    Labelled("名额不超过全体学生的5%。", "奖学金", "unit"),
    Labelled("The laboratory opened on 12 May 2012.", "lab", "date"),
    Labelled("Every sample is kept for six weeks.", "lab", "unit"),
    Labelled("Dr. Peter Moss heads the microbiology group.", "lab", "name"),
    Labelled("Reports may be shared with third parties.", "lab", "denial"),
    Labelled("合同总价为人民币伍拾叁万元整。", "合同", "number"),
    Labelled("验收后支付30%。", "合同", "number of another clause"),
    Labelled("质保期为二十四天。", "合同", "unit"),
    Labelled("合同双方可以自行转让本合同。", "合同", "denial"),
    Labelled("访客午餐的价格是12元。", "食堂", "number of another column"),
    Labelled("晚餐的员工价是12元。", "食堂", "number of another row"),
    Labelled("食堂由绿源餐饮公司承包，每月更换菜单。", "食堂", "invented"),
    Labelled("车间新员工须佩戴蓝色安全帽并参加晨会。", "车间", "invented"),
    Labelled("图书馆设有地下停车场和咖啡厅。", "图书馆", "invented"),
]
