"""More labelled sentences that rules were chosen on, after a first run without knowing them."""

from __future__ import annotations

from tests.labelled_claims import Labelled
from tests.passages import passage

LAST_TUNING_PASSAGES = {
    "宿舍": passage(
        "第九条 学生公寓每晚23:00锁门，周五、周六延至23:30。每间宿舍住4人，住宿费为每学年1200元，开学报到时一次交清。"
        "宿舍内禁止使用功率超过800瓦的电器，违者处以50元罚款。访客须在值班室登记，且不得留宿。"
        "退宿须提前7天向宿管科提出书面申请。",
        source="学生处/公寓守则.docx", title="学生公寓守则", headings=("第二章 日常管理",),
    ),
    "质检": passage(
        "来料检验由质检部在到货后两个工作日内完成，抽检比例为百分之十。首批来料必须全检。"
        "不合格品应单独存放，不得入库，并由采购员刘洋通知供应商在10日内换货。检验记录保存三年。"
        "2022年共退货46批，2023年降至31批。",
        source="质量/来料检验.pdf", title="来料检验规程", headings=(),
    ),
    "培训": passage(
        "新員工入職培訓為期兩週，由人力資源部組織，考試成績達到80分方可上崗。培訓期間薪資照發。"
        "第二年起每人每年須完成四十學時的繼續教育，未完成者不得參加職稱評審。講師費標準為每小時三百元。",
        source="人事/培訓.docx", title="員工培訓制度", headings=(),
    ),
    "会议室": passage(
        "| 会议室 | 楼层 | 容纳人数 | 每小时租金 |\n| --- | --- | --- | --- |\n| 青松厅 | 3层 | 20人 | 100元 |\n"
        "| 翠竹厅 | 5层 | 50人 | 220元 |\n| 白梅厅 | 8层 | 120人 | 480元 |\n",
        source="行政/会议室.xlsx", title="会议室一览", headings=(),
    ),
    "供水": passage(
        "居民生活用水实行阶梯水价：每户年用水量180立方米以内的，每立方米3.45元；超过180立方米的部分，每立方米4.83元。"
        "水表由河东供水公司负责安装和维修，用户不承担费用。缴费截止日期为每月25日，逾期按日加收千分之一的违约金。"
        "停水检修须提前24小时公告。",
        source="公用/供水.md", title="河东供水服务说明", headings=(),
    ),
    "maintenance": passage(
        "The boiler must be inspected every 6 months by a certified engineer. The safety valve opens at 8 bar. "
        "Do not open the furnace door while the fan is running. Spare parts are stored in building C. "
        "The warranty expired on 31 March 2023. Contact Laura Bennett for access to the log book.",
        source="plant/boiler.md", title="Boiler manual", headings=(),
    ),
    "捐赠": passage(
        "截至2023年12月31日，本会共收到捐款人民币壹佰贰拾万元，捐赠人327名。百分之九十的善款用于乡村图书室，其余用于管理费。"
        "捐款可以开具票据。本会不接受境外机构的捐款。理事长为周文博，秘书长为沈静。",
        source="公益/年报.pdf", title="青禾助学会年度报告", headings=(),
    ),
}  # fmt: skip
LAST_TUNING = [
    Labelled("平时公寓晚上十一点关门，周五和周六推迟到23:30。", "宿舍"),
    Labelled("一间宿舍住四个人，每学年的住宿费是1,200元。", "宿舍"),
    Labelled("800瓦以上的电器不允许在宿舍里使用，违反的罚款50元。", "宿舍"),
    Labelled("访客要在值班室登记，不可以留宿。", "宿舍"),
    Labelled("想退宿的学生应提前一周向宿管科递交书面申请。", "宿舍"),
    Labelled("质检部须在到货后2个工作日内完成来料检验。", "质检"),
    Labelled("来料按10%的比例抽检，但首批要全检。", "质检"),
    Labelled("不合格品不能入库，需要单独存放。", "质检"),
    Labelled("采购员刘洋负责通知供应商换货，期限为10天。", "质检"),
    Labelled("退货批次从2022年的46批降到了2023年的31批。", "质检"),
    Labelled("检验记录要保存3年。", "质检"),
    Labelled("新员工要接受两周的入职培训，考试达到80分才能上岗。", "培训"),
    Labelled("入职培训由人力资源部组织，期间工资照发。", "培训"),
    Labelled("从第二年开始，每人每年要完成40学时的继续教育。", "培训"),
    Labelled("没有完成继续教育的员工不能参加职称评审。", "培训"),
    Labelled("讲师费为每小时300元。", "培训"),
    Labelled("翠竹厅在五楼，可以容纳五十人。", "会议室"),
    Labelled("白梅厅每小时的租金是480元。", "会议室"),
    Labelled("青松厅可容纳20人，租金为每小时100元。", "会议室"),
    Labelled("年用水量不超过180立方米时，水价为每立方米3.45元。", "供水"),
    Labelled("水表的安装与维修由河东供水公司负责，用户无需付费。", "供水"),
    Labelled("每月25日之前要缴费，逾期每日加收1‰的违约金。", "供水"),
    Labelled("停水检修要提前一天公告。", "供水"),
    Labelled("The boiler has to be inspected by a certified engineer every six months.", "maintenance"),
    Labelled("Never open the furnace door while the fan is running.", "maintenance"),
    Labelled("The warranty ended on March 31, 2023.", "maintenance"),
    Labelled("锅炉的保修期到2023年3月31日为止。", "maintenance"),
    Labelled("助学会到2023年底共收到捐款120万元。", "捐赠"),
    Labelled("善款的90%用在乡村图书室上。", "捐赠"),
    Labelled("青禾助學會不接受境外機構捐款，捐款人可以取得票據。", "捐赠"),
    # Wrong.
    Labelled("公寓在周五和周六延至24:30锁门。", "宿舍", "time"),
    Labelled("每间宿舍住6人。", "宿舍", "number"),
    Labelled("住宿费为每学年2100元。", "宿舍", "number"),
    Labelled("访客登记后可以留宿。", "宿舍", "denial"),
    Labelled("退宿须提前7个月提出书面申请。", "宿舍", "unit"),
    Labelled("退宿须向教务科提出书面申请。", "宿舍", "name"),
    Labelled("宿舍内可以使用功率超过800瓦的电器。", "宿舍", "denial"),
    Labelled("抽检比例为百分之二十。", "质检", "number"),
    Labelled("来料检验由仓储部在两个工作日内完成。", "质检", "name"),
    Labelled("首批来料不必全检。", "质检", "denial"),
    Labelled("采购员赵敏负责通知供应商换货。", "质检", "name"),
    Labelled("2023年共退货46批。", "质检", "number of another clause"),
    Labelled("检验记录保存10年。", "质检", "number"),
    Labelled("两年一共退货77批。", "质检", "sum"),
    Labelled("考试成绩达到60分方可上岗。", "培训", "number"),
    Labelled("培训期间不发薪资。", "培训", "denial"),
    Labelled("讲师费标准为每天三百元。", "培训", "unit of another word"),
    Labelled("每人每年须完成80学时的继续教育。", "培训", "number of another clause"),
    Labelled("翠竹厅每小时的租金是100元。", "会议室", "number of another row"),
    Labelled("青松厅可以容纳50人。", "会议室", "number of another row"),
    Labelled("红枫厅可以容纳20人。", "会议室", "name"),
    Labelled("超过180立方米的部分，每立方米3.45元。", "供水", "number of another clause"),
    Labelled("水表由河西供水公司负责安装。", "供水", "name"),
    Labelled("用户须承担水表的安装费用。", "供水", "denial"),
    Labelled("逾期按日加收百分之一的违约金。", "供水", "unit"),
    Labelled("缴费截止日期为每月15日。", "供水", "date"),
    Labelled("The safety valve opens at 18 bar.", "maintenance", "number"),
    Labelled("Spare parts are stored in building D.", "maintenance", "name"),
    Labelled("Contact Martin Hughes for access to the log book.", "maintenance", "name"),
    Labelled("The boiler must be inspected every 6 weeks.", "maintenance", "unit"),
    Labelled("捐赠人共有372名。", "捐赠", "number"),
    Labelled("本会接受境外机构的捐款。", "捐赠", "denial"),
    Labelled("秘书长为周文博。", "捐赠", "name of another office"),
    Labelled("截至2022年12月31日，本会共收到捐款120万元。", "捐赠", "date"),
    Labelled("本会每季度举办一次慈善音乐会并现场义卖。", "捐赠", "invented"),
    Labelled("学生公寓设有健身房和自助洗衣房。", "宿舍", "invented"),
]
