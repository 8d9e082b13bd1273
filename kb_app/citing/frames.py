"""Sentences around an answer that say nothing of its matter: announcements, wishes, offers of further help. Pure."""

from __future__ import annotations

import re

_LONGEST = 60
_ASIDE = r"(?:(?:您好|你好)[,，!！。]?)?(?:(?:综上(?:所述)?|总之|总而言之|总的来说|最后|此外|另外)[,，])?"
_ASKS = "疑问|疑惑|问题|需要|需求|其他|其它|更多|进一步|了解|帮助|详情|细节|清楚|明白"
_TELLS = "咨询|联系|拨打|致电|告诉|告知|提问|询问|提出|补充|沟通|说明|留言"
_MATTER = "说明|内容|规定|回答|回复|信息|介绍|情况|要点|流程|步骤|要求|总结|解答"
_FRAMES = (
    r"(?:希望|但愿)[^。]{0,16}(?:帮助|帮到|有用|有所?帮)[^。]{0,4}",
    rf"(?:如|若|要是|假如)[^，,。]{{0,12}}(?:{_ASKS})[^，,。]{{0,12}}[，,][^。]{{0,12}}(?:{_TELLS})[^，,。]{{0,14}}",
    rf"(?:以上|上述)(?:就是|便是|即为?|是)[^，,。]{{0,24}}(?:{_MATTER})",
    rf"(?:以上|上述)(?:{_MATTER})(?:均|都|全部)?(?:来自|出自|摘自|引自|源自|依据|根据|基于|仅?供)[^，,。]{{1,24}}",
    r"[^。]{0,40}(?:如下(?:所示|几点|表)?|以下几(?:点|项|条|个方面))",
    rf"(?:(?:关于|对于|针对|就)[^，,。]{{2,24}}[，,])?[^，,。]{{0,12}}(?:资料|文件|文档|文中|材料)(?:中|里|内)?"
    rf"(?:有|给出了?|作了?|做了?)(?:明确|相关|具体|详细)?(?:的)?(?:{_MATTER})",
    r"(?:具体|详情|详细[^，,。]{0,4}|最终|实际|其他[^，,。]{0,4}|一切)[^，,。]{0,8}(?:请|均|应)?以[^，,。]{1,24}为准",
    r"i hope (?:this|that|it)[^.]{0,30}helps?[^.]{0,12}|(?:please )?let me know if[^.]{0,50}",
    r"(?:if you (?:have|need) (?:any )?(?:other|further|more)[^.]{0,40}|[^.]{0,40}as follows)",
)
_FRAME = re.compile(rf"[#*>\s]*{_ASIDE}(?:{'|'.join(_FRAMES)})[*\s。.!！~]*", re.IGNORECASE)


def is_frame(sentence: str) -> bool:
    """Whether a sentence stands around an answer only, as ``希望对您有所帮助``; its names may still be wrong.

    One with a digit tells something, whatever its form.
    """
    bare = sentence.strip()
    return len(bare) <= _LONGEST and not any(char.isdigit() for char in bare) and bool(_FRAME.fullmatch(bare))
