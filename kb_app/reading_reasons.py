"""Why a file cannot be read, in Chinese, for each English line that a reader of files may write."""

from __future__ import annotations

READING: dict[str, str] = {
    # Files that cannot be opened
    "Permission denied": "没有权限",
    "No such file or directory": "没有这个文件",
    "Input/output error": "读写出错",
    "Too many levels of symbolic links": "符号链接绕成了圈",
    "File name too long": "文件名太长",
    "there is no such file or folder; check the path": "没有这个文件或文件夹；请检查路径",
    "no documents in this folder; put files into it, or name another": (
        "这个文件夹里没有文件；请放入文件，或换一个文件夹"
    ),
    "cannot be opened: {}; check its permissions; what is known of it stays": (
        "打不开（{}）；请检查权限；以前读入的内容仍保留"
    ),
    "cannot be opened: {}; mend it and run again; what is known of it stays": (
        "打不开（{}）；请修好后再读入；以前读入的内容仍保留"
    ),
    "cannot be opened: {}; check that it exists and may be read": "打不开（{}）；请确认文件还在、可以读取",
    "cannot be opened: {}; check its permissions": "打不开（{}）；请检查权限",
    "a symbolic link out of the folder, to {}; name that path too, or copy it here": (
        "是指向文件夹之外（{}）的符号链接；请另外读入那个路径，或把文件复制过来"
    ),
    "the file changes while it is read; run again when it is at rest": "读取时文件正在变化；请等它不再变化后重新读入",
    "the file vanished while the folder was read; run again": "读取时文件不见了；请重新读入",
    "the run that reads it was stopped; run again": "读入被停止了；请重新读入",
    "the process that read it crashed (out of memory, or the file is broken); save it anew or split it": (
        "读取它的进程崩溃了（内存不够，或文件损坏）；请重新保存或拆成几份"
    ),
    "took more than {} s without getting on and was given up; split the file or save it anew": (
        "超过 {} 秒没有进展，已放弃；请拆成几份或重新保存"
    ),
    # Files without text
    "file is empty (0 bytes)": "文件是空的（0 字节）",
    "no text found on any of {} pages, not by OCR either; nothing to search for": (
        "{} 页里都没有文字，文字识别也没有找到；没有可查的内容"
    ),
    "no text found in it ({}); nothing to search for": "里面没有文字（{}）；没有可查的内容",
    "no text found in it; nothing to search for": "里面没有文字；没有可查的内容",
    "holds no file (hidden ones and folders are not counted)": "里面没有文件（隐藏文件和文件夹不算）",
    "picture of {} pixels": "图片，{} 像素",
    "{} pictures": "{} 张图片",
    "a link or device; not followed": "是链接或设备；没有读取",
    # Protected files
    "protected by a password or in the format of an old Office; save it anew without both": (
        "有密码保护，或是旧版 Office 格式；请去掉密码，用新格式另存"
    ),
    "protected by a password; pass it with --password, or save a copy without one": (
        "有密码保护；请用 --password 给出密码，或另存一份没有密码的"
    ),
    "protected by a password; save a copy without one": "有密码保护；请另存一份没有密码的",
    "protected by a password; unpack it with the password": "有密码保护；请用密码解压后再读入",
    "the password is wrong; pass the right one with --password": "密码不对；请用 --password 给出正确的密码",
    "protected in a way that cannot be undone here; save a copy without it": (
        "保护方式无法在这里解除；请另存一份没有保护的"
    ),
    "protected by digital rights management; its text cannot be read, get a copy without it": (
        "有数字版权保护，读不出文字；请换一份没有保护的"
    ),
    # Sizes
    "{} unpacks to {} bytes, over the bound of {}; split the file": "{} 解压后有 {} 字节，超过上限 {}；请拆成几份",
    "unpacks to {} bytes, over the bound of {}; split the file": "解压后有 {} 字节，超过上限 {}；请拆成几份",
    "unpacks to more than {} bytes; split it": "解压后超过 {} 字节；请拆成几份",
    "unpacks to more than {} times its size (a bomb?); unpack it by hand": (
        "解压后超过原大小的 {} 倍（可能是压缩炸弹）；请自己解压后再读入"
    ),
    "unpacks to more than {} bytes; split the file": "解压后超过 {} 字节；请拆成几份",
    "unpacks to more than {} times its size (a bomb?); not unpacked": (
        "解压后超过原大小的 {} 倍（可能是压缩炸弹）；没有解压"
    ),
    "its path {} leads out of the archive; not unpacked": "路径 {} 指向压缩包之外；没有解压",
    "the files behind this place: {}": "此处以后的文件：{}",
    "holds more than {} files; split it": "里面超过 {} 个文件；请拆成几份",
    "its texts take {} bytes, over the bound of {}; split the file": "里面的文字有 {} 字节，超过上限 {}；请拆成几份",
    "{} bytes, over the bound of {} for this format; split the file": "有 {} 字节，超过这种格式的上限 {}；请拆成几份",
    "{} bytes, over the bound of {}; split the file": "有 {} 字节，超过上限 {}；请拆成几份",
    "{} pages, over the bound of {}; split the file": "有 {} 页，超过上限 {}；请拆成几份",
    "picture of {} pixels, over the bound of {}; save it in a smaller size": (
        "图片有 {} 像素，超过上限 {}；请缩小后另存"
    ),
    "more than {} filled cells; split the file": "有内容的单元格超过 {} 个；请拆成几份",
    "a table of more than {} cells; delete its repeated rows or split the file": (
        "有一个表超过 {} 个单元格；请删去重复的行，或拆成几份"
    ),
    "more than {} values; split the file": "数据超过 {} 项；请拆成几份",
    "a header of it is too long (a bomb?); unpack it by hand": "文件头过长（可能是压缩炸弹）；请自己解压后再读入",
    "an archive within archives that are nested too deep; unpack it": "压缩包一层套一层，太深了；请先解压",
    # Broken files
    "broken or truncated: not a readable PDF; export it anew": "损坏或不完整，不是可读的 PDF；请重新导出",
    "broken or truncated: a PDF without pages; export it anew": "损坏或不完整，PDF 里没有页面；请重新导出",
    "broken or truncated: not an Office file; open it in Office and save it anew": (
        "损坏或不完整，不是 Office 文件；请用 Office 打开后重新保存"
    ),
    "broken or truncated: not an Outlook mail; save it in Outlook anew": (
        "损坏或不完整，不是 Outlook 邮件；请在 Outlook 中重新保存"
    ),
    "broken or truncated winmail.dat; ask the sender for the file itself": (
        "winmail.dat 损坏或不完整；请向发件人要原来的文件"
    ),
    "broken or truncated; pack it anew": "损坏或不完整；请重新打包",
    "broken or truncated at {}; open it in its program and save it anew": (
        "在 {} 处损坏或不完整；请用原来的程序打开后重新保存"
    ),
    "broken or truncated ({}); open it in Excel and save it as XLSX": (
        "损坏或不完整（{}）；请用 Excel 打开，另存为 XLSX"
    ),
    "broken: its parts overlap (a bomb?); open it in Office and save it anew": (
        "损坏：各部分互相重叠（可能是压缩炸弹）；请用 Office 打开后重新保存"
    ),
    "broken: {} is not in it; open it in its program and save it anew": ("损坏：缺少 {}；请用原来的程序打开后重新保存"),
    "broken: {} is no valid XML ({}); save the file anew": "损坏：{} 不是有效的 XML（{}）；请重新保存",
    "broken: no {} in its content.xml; open it in its program and save it anew": (
        "损坏：content.xml 里没有 {}；请用原来的程序打开后重新保存"
    ),
    "broken: no text body in it; open it in Word and save it anew": "损坏：没有正文；请用 Word 打开后重新保存",
    "broken: it does not list its chapters (META-INF/container.xml); get the book anew": (
        "损坏：没有章节目录（META-INF/container.xml）；请重新获取这本书"
    ),
    "truncated: {} of its groups are not closed; save it anew": "不完整：有 {} 个组没有结束；请重新保存",
    "truncated: {} of the {} bytes of its text are there; save it anew": (
        "不完整：正文只有 {} 字节，应有 {} 字节；请重新保存"
    ),
    "groups are nested more than {} deep; is it broken? Save it anew": "组套了 {} 层以上，可能已损坏；请重新保存",
    "cannot be read as picture ({}); is it broken or cut off?": "不能当作图片读取（{}），可能已损坏或不完整",
    "unknown format": "格式不明",
    "cannot be read as {} ({}); is it broken?": "不能当作 {} 读取（{}），可能已损坏",
    "page {}: {}": "第 {} 页：{}",
    # Files that are something else, or of a format that is not read
    "format {} is not supported; save it as PDF, DOCX or text": "不支持 {} 格式；请另存为 PDF、DOCX 或纯文本",
    "not readable as text: neither UTF-8, UTF-16, GB18030 nor Big5 (a binary file?); save it as UTF-8": (
        "不是可读的文本：不是 UTF-8、UTF-16、GB18030 或 Big5 编码（可能不是文本文件）；请用 UTF-8 编码另存"
    ),
    "not readable as text: byte 0x{} at offset {} is no {}, which the rest of it is; mend that place and save it as "
    "UTF-8": "不是可读的文本：第 {1} 字节处的 0x{0} 不是其余部分所用的 {2} 编码；请改正那里，用 UTF-8 编码另存",
    "not an RTF file although it is called so; open it in its program and save it anew": (
        "名为 RTF，其实不是；请用原来的程序打开后重新保存"
    ),
    "not a winmail.dat although it is called so; ask the sender for the file itself": (
        "名为 winmail.dat，其实不是；请向发件人要原来的文件"
    ),
    "not a mail: it has neither subject, sender nor date; is it an .eml file?": (
        "不是邮件：没有主题、发件人和日期；请确认是 .eml 文件"
    ),
    "not a mailbox: its first line does not begin with 'From '; is it an .mbox file?": (
        "不是邮箱文件：第一行不以“From ”开头；请确认是 .mbox 文件"
    ),
    "not a valid CSV file: {}; check its quotation marks": "不是有效的 CSV 文件（{}）；请检查引号",
    "a package of neither Word nor PowerPoint; open it in its program and save it anew": (
        "既不是 Word 也不是 PowerPoint 文件；请用原来的程序打开后重新保存"
    ),
    "an old .{} file, which only LibreOffice reads: install it (apt install {}), or save the file as {}": (
        "旧的 .{} 文件要靠 LibreOffice 读取：请安装（apt install {}），或把文件另存为 {}"
    ),
    "LibreOffice cannot read it ({}); open it in its program and save it anew": (
        "LibreOffice 读不了（{}）；请用原来的程序打开后重新保存"
    ),
    "LibreOffice needed more than {} s for it; open it in its program and save it anew": (
        "LibreOffice 用了 {} 秒还没有读完；请用原来的程序打开后重新保存"
    ),
    "packed by a method that is not supported; pack it anew as ZIP": "压缩方法不受支持；请重新打包成 ZIP",
    "packed by a method that is not supported; pack it anew": "压缩方法不受支持；请重新打包",
    "its text is packed in an unknown way (0x{}); save the mail in Outlook anew": (
        "正文的压缩方法不明（0x{}）；请在 Outlook 中重新保存邮件"
    ),
    "declares entities (<!ENTITY …>), which are never resolved; save it without them": (
        "声明了实体（<!ENTITY …>），这里一律不展开；请去掉后另存"
    ),
    # Pages of the web
    "no web page in it; save the page anew, as HTML or MHTML": "里面没有网页；请把网页重新存成 HTML 或 MHTML",
    "{} leads from one address to the next, more than {} times": "{} 一再转到别的地址，超过 {} 次",
    "{} is not an address of the web; only http:// and https:// are fetched": (
        "{} 不是网址；只读取 http:// 和 https:// 的网页"
    ),
    "{} is not an address; it looks like https://example.com/page": "{} 不是网址；网址形如 https://example.com/page",
    "the address at {} holds a user name; fetch the file yourself": "{} 的网址里带有用户名；请自己下载后再读入",
    "{} is at {}, in a private network; allow it with KB_ALLOW_PRIVATE_URLS=true": (
        "{} 的地址是 {}，在内部网络里；要读取请设 KB_ALLOW_PRIVATE_URLS=true"
    ),
    "{} is not found; check the address and the network": "找不到 {}；请检查网址和网络",
    "{} did not answer within {} s; try again later": "{} 在 {} 秒内没有回应；请稍后再试",
    "{} cannot be fetched: {}; check the address": "{} 读取不了（{}）；请检查网址",
    "{} answered {}; check the address": "{} 回应了 {}；请检查网址",
    "{} sends more than {} bytes; fetch it yourself": "{} 发来的超过 {} 字节；请自己下载后再读入",
    "{} took more than {} s; fetch it yourself": "{} 用了 {} 秒还没有传完；请自己下载后再读入",
}
