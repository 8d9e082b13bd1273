"""Units of measure and currencies, in the spellings of Chinese and English documents. Data only."""

from __future__ import annotations

COUNT, DAY = "个", "日"
"""``COUNT`` is a number of things, ``DAY`` the ``3日`` that is a day of a month or a span of days."""

MEASURES: dict[str, tuple[str, str]] = {
    spelling: (kind, factor)
    for kind, factor, spellings in (
        ("元", "1", "元 元人民币 块 块钱 圆 rmb cny yuan"),
        ("元", "0.1", "角"),
        ("美元", "1", "美元 美金 usd dollars dollar"),
        ("欧元", "1", "欧元 eur euros euro"),
        ("港元", "1", "港元 港币 hkd"),
        ("日元", "1", "日元 jpy yen"),
        ("英镑", "1", "英镑 gbp pounds"),
        ("%", "1", "% 个百分点 百分点 percent"),
        ("%", "0.1", "‰"),
        ("秒", "1", "秒 秒钟 seconds second"),
        ("秒", "60", "分钟 minutes minute mins min"),
        ("秒", "3600", "小时 个小时 钟头 个钟头 hours hour hrs h"),
        ("秒", "86400", "天 个自然日 自然日 个日历日 日历日 days day"),
        ("秒", "604800", "周 星期 个星期 礼拜 个礼拜 weeks week"),
        (DAY, "1", "日"),
        ("工作日", "1", "工作日 个工作日"),
        ("月", "1", "个月 months month"),
        ("月", "3", "个季度 quarters"),
        ("月", "12", "年 years year"),
        ("克", "1", "克 g"),
        ("克", "0.001", "毫克 mg"),
        ("克", "500", "斤"),
        ("克", "1000", "公斤 kg"),
        ("克", "1000000", "吨 tons tonnes"),
        ("米", "1", "米 m metres meters"),
        ("米", "0.01", "厘米 cm"),
        ("米", "0.001", "毫米 mm"),
        ("米", "1000", "公里 km"),
        ("平方米", "1", "平方米 平米 m2"),
        ("平方米", "10000", "公顷"),
        ("平方米", "1000000", "平方公里 km2"),
        ("立方米", "1", "立方米 立方 m3"),
        ("升", "1", "升 l"),
        ("升", "0.001", "毫升 ml"),
        ("瓦", "1", "瓦 w"),
        ("瓦", "1000", "kw"),
        ("瓦时", "1", "瓦时"),
        ("瓦时", "1000", "kwh"),
        ("度", "1", "度 摄氏度 °c °"),
        ("人", "1", "人 名 位 people persons employees"),
        ("次", "1", "次 回 遍 趟 times"),
        ("岁", "1", "岁 周岁"),
        ("层", "1", "层 楼"),
        (COUNT, "1", "个 条 项 款 件 台 辆 部 套 份 张 本 只 家 所 间 处 座 栋 门 科 支 批 章 节 篇 页 pages"),
        (
            COUNT,
            "1",
            "册 场 道 盒 瓶 袋 箱 桶 卷 组 顿 例 起 笔 枚 根 片 双 副 架 艘 株 户 课时 人份 把 盏 扇 匹 头 棵 颗",
        ),
        (COUNT, "1", "种 类 点 步 方面"),
        *((unit, "1", unit) for unit in ("亩", "倍", "级", "期", "届", "版", "分", "学分", "学时", "号", "人次")),
        *((unit, "1", unit) for unit in ("kb", "mb", "gb", "tb")),
    )
    for spelling in spellings.split()
}
WEAK = frozenset(("种", "类", "点", "步", "方面"))
"""What a writer counts on his own: ``以下三点`` says nothing of a document."""

CURRENCIES = {
    "¥": "元",
    "rmb": "元",
    "cny": "元",
    "人民币": "元",
    "$": "美元",
    "us$": "美元",
    "usd": "美元",
    "€": "欧元",
    "eur": "欧元",
    "£": "英镑",
}
