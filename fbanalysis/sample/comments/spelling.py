"""How hastily or differently people type: slips, punctuation, stretched words, traditional characters."""

import re
from collections.abc import Callable

#: Simplified and traditional forms, place by place.
_PAIRS = """
这這个個们們来來时時后後说說没沒问問题題为為对對会會还還开開发發现現实實统統导導据據数數报報应應务務员員户戶经經过過动動产產业業线線电電话話处處给給让讓请請头頭见見观觀点點专專两兩从從关關几幾办辦单單
双雙变變号號听聽吗嗎响響团團图圖国國场場块塊坏壞够夠学學将將审審宽寬尽盡层層岁歲师師带帶帮幫库庫废廢张張强強录錄归歸总總态態恼惱惊驚惯慣愿願戏戲战戰执執扩擴扫掃护護担擔择擇换換损損摆擺断斷无無旧舊显顯
权權条條极極构構档檔检檢楼樓标標样樣桥橋机機欢歡气氣汇匯汉漢测測济濟浅淺湿濕滚滾满滿灵靈热熱烦煩爱愛状狀独獨环環疗療盘盤码碼确確离離种種积積称稱稳穩签簽简簡类類级級纪紀约約纯純纸紙组組细細终終织織绍紹
结結绕繞绝絕络絡继繼绩績续續维維综綜绿綠编編缩縮网網罗羅职職联聯脑腦节節营營蓝藍虑慮虽雖补補装裝规規视視览覽觉覺触觸计計订訂认認讨討训訓议議记記讲講许許论論设設访訪证證评評诉訴译譯试試询詢该該详詳语語
误誤课課谁誰调調谅諒谈談谢謝负負财財责責败敗账賬货貨质質贴貼贵貴费費资資赏賞赔賠赶趕趋趨践踐转轉轮輪软軟较較载載辑輯输輸边邊达達迁遷迈邁运運进進远遠连連迟遲适適选選递遞遗遺邮郵释釋里裡针針钉釘钟鐘钱錢
错錯键鍵长長门門闪閃闭閉间間闹鬧阅閱队隊阶階际際难難静靜页頁项項顺順预預领領频頻额額风風飞飛饭飯馆館验驗骂罵鸡雞龙龍齐齊于於么麼与與丢丟严嚴丰豐临臨举舉义義乐樂习習书書买買乱亂争爭亏虧亲親亿億仅僅仓倉
价價众眾优優伙夥传傳伤傷体體余餘侧側偿償储儲儿兒兑兌党黨兰蘭兴興养養写寫军軍农農冲衝决決况況冻凍净淨减減凑湊凭憑划劃则則刚剛创創删刪剧劇劝勸励勵劳勞势勢区區医醫协協占佔卖賣厂廠历歷压壓厅廳县縣参參叠疊
启啟唤喚嘱囑围圍圆圓圣聖坚堅垒壘复復夹夾奋奮奖獎妇婦娱娛婴嬰孙孫宁寧宝寶宾賓寻尋尔爾尝嘗届屆属屬岗崗币幣帐帳并並广廣庆慶当當彻徹径徑忆憶忧憂怀懷恳懇悬懸惩懲惫憊扰擾抢搶拟擬拥擁拦攔挂掛挤擠挥揮捡撿掷擲
携攜摄攝敌敵斗鬥昼晝晓曉暂暫术術杂雜杀殺枪槍柜櫃栏欄树樹梦夢毁毀毕畢涨漲渐漸温溫游遊溃潰滞滯灭滅灯燈灾災炉爐炼煉烂爛烧燒犹猶狮獅猎獵玛瑪画畫畅暢痒癢监監盖蓋盗盜着著矫矯础礎祸禍秘祕穷窮窃竊竞競笔筆筛篩
粮糧紧緊纠糾纳納纵縱纷紛纹紋绑綁绪緒绘繪绷繃缓緩缘緣缠纏缴繳罚罰耸聳聋聾肃肅肠腸肤膚肿腫胀脹胁脅胜勝胶膠脏髒脱脫舰艦艰艱艺藝荐薦荡蕩药藥莱萊获獲虚虛蚀蝕蜗蝸衔銜袭襲裤褲誉譽诚誠诞誕诡詭诣詣诺諾谊誼谎謊
谦謙谨謹贡貢贤賢贪貪购購贯貫贸貿贺賀赁賃赖賴跃躍踪蹤躯軀轨軌轰轟辅輔辆輛辈輩辞辭辩辯迹跡逊遜逻邏郑鄭酱醬采採鉴鑑钥鑰销銷锁鎖锅鍋锐銳镇鎮镜鏡闲閒闷悶陆陸陈陳险險随隨隐隱雾霧韧韌韩韓顶頂顾顧颇頗颗顆颜顏
饱飽饼餅驱驅驶駛骗騙骤驟鱼魚鲜鮮鸣鳴黄黃松鬆准準云雲丑醜备備胆膽厉厲尴尷扬揚疯瘋劲勁练練绊絆杨楊刘劉冯馮赵趙邓鄧吴吳浏瀏啰囉宫宮园園窝窩凉涼叹嘆纤纖纰紕烫燙晕暈谜謎谱譜链鏈钮鈕铭銘铃鈴铺鋪铁鐵钻鑽钩鉤
银銀锣鑼锻鍛闻聞闯闖阔闊阂閡驳駁驻駐驴驢骚騷鸦鴉鸽鴿龄齡夸誇讯訊诿諉谣謠谓謂赊賒赌賭赚賺赛賽轴軸轻輕邻鄰酿釀颈頸颠顛顿頓饿餓馈饋妈媽庄莊异異弃棄弯彎惨慘懒懶抚撫抛拋拢攏拣揀拧擰搁擱摊攤撑撐攒攢斩斬旷曠
晋晉晒曬朴樸沟溝泪淚洒灑浓濃涂塗润潤潜潛烟煙牵牽琐瑣瘫癱瘾癮瞒瞞矿礦砖磚礼禮禅禪窍竅竖豎笃篤罢罷羡羨聪聰脉脈脸臉腾騰舆輿艳艷芦蘆苏蘇苹蘋萝蘿虫蟲蚁蟻蚂螞誊謄锦錦飘飄泄洩汤湯坛壇坠墜垫墊墙牆壶壺壳殼弹彈
怄慪拨撥摇搖槛檻爷爺缆纜缝縫脚腳赢贏车車东東马馬乌烏伟偉俩倆债債凤鳳击擊华華却卻厕廁吓嚇吨噸哑啞嘘噓囵圇征徵红紅范範识識词詞读讀赞讚须須丝絲尘塵涌湧辄輒献獻祷禱阉閹乡鄉仪儀挡擋亚亞
""".replace("\n", "")
_FORMS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
#: Words whose traditional form is not that of their characters.
_WORDS = {
    "回复": "回覆",
    "答复": "答覆",
    "重复": "重複",
    "复杂": "複雜",
    "复制": "複製",
    "联系": "聯繫",
    "日志": "日誌",
    "咨询": "諮詢",
    "定制": "定製",
    "关系": "關係",
    "制作": "製作",
    "干等": "乾等",
    "干坐": "乾坐",
    "干瞪": "乾瞪",
    "干净": "乾淨",
    "干脆": "乾脆",
    "干活": "幹活",
    "干劲": "幹勁",
    "骨干": "骨幹",
}
#: Traditional characters that nobody types otherwise.
TRADITIONAL = "".join(_FORMS.values())
#: Signs of a network stay as its buttons write them.
_SIGN = re.compile(r"(\[[^\]]+\])")
_TABLE = str.maketrans(_FORMS)
TRADITIONAL_SHARE = 0.06

#: What is meant and what is typed.
SLIPS = (
    ("登录", "登陆"),
    ("账号", "帐号"),
    ("对账", "对帐"),
    ("再也", "在也"),
    ("做得", "做的"),
    ("变得", "变的"),
    ("写得", "写的"),
    ("讲得", "讲的"),
    ("慢得", "慢的"),
    ("已经", "以经"),
    ("部门", "部们"),
    ("反映", "反应"),
    ("必须", "必需"),
    ("重新", "从新"),
    ("按照", "安照"),
    ("解决", "解绝"),
    ("报表", "抱表"),
    ("系统", "系同"),
    ("升级", "生级"),
    ("导出", "倒出"),
    ("处理", "处里"),
    ("一直", "一只"),
    ("现在", "线在"),
    ("知道", "直到"),
    ("应该", "因该"),
    ("效率", "校率"),
    ("流程", "流成"),
    ("沟通", "勾通"),
    ("培训", "陪训"),
    ("功能", "工能"),
    ("影响", "影向"),
    ("确实", "却实"),
    ("密码", "秘码"),
    ("订单", "定单"),
    ("模板", "模版"),
    ("客户", "客护"),
    ("其他", "其它"),
    ("每次", "每此"),
    ("时候", "时侯"),
    ("界面", "介面"),
    ("最后", "最厚"),
    ("提醒", "题醒"),
    ("清楚", "请楚"),
    ("耐心", "奈心"),
    ("希望", "希忘"),
    ("数据", "数剧"),
    ("就是", "就事"),
    ("的", "得"),
    ("了", ""),
    ("，", ""),
    ("在", "再"),
)
SLIP_SHARE = 0.055
CASUAL_SHARE = 0.068
#: Notes taken by staff are proofread.
PROOFREAD = ("面对面深度访谈", "焦点小组讨论")
_HALF_WIDTH = str.maketrans("，。；：！？（）", ",.;:!?()")
_SIGNS = re.compile("[，。；：]")
#: Words that are drawn out, the part before what they strengthen.
_STRETCHED = re.compile(
    "太(?=[慢卡贵难好赞棒差烦坑折多乱])|好(?=[慢卡贵难烦])|真(?=[的慢烦])|啊(?=$|[，！])|哈"
)
STRETCH_SHARE = 0.16


def roughen(text: str, *, channel: str, sign: str, random: Callable[[], float]) -> str:
    """Let some writers slip, and some type half-width or no punctuation, or traditional characters."""
    if channel in PROOFREAD:
        return text
    if random() < SLIP_SHARE:
        text = _slipped(text, random=random)
    if channel == "社交媒体监测":
        text = _as_on_the_net(text, sign=sign, random=random)
    if random() < CASUAL_SHARE:
        text = _casual(text, random=random)
    return text


def _slipped(text: str, *, random: Callable[[], float]) -> str:
    fitting = [slip for slip in SLIPS if slip[0] in text]
    words = [slip for slip in fitting if len(slip[0]) > 1] or fitting
    return text.replace(*words[int(random() * len(words))], 1) if words else text


def _as_on_the_net(text: str, *, sign: str, random: Callable[[], float]) -> str:
    if random() < TRADITIONAL_SHARE:
        return traditional(text)
    if sign != "中" and random() < STRETCH_SHARE:
        found = _STRETCHED.search(text)
        if found:
            text = text[: found.start()] + found[0] * (1 + int(1 + 2 * random())) + text[found.start() :]
    return text


def _casual(text: str, *, random: Callable[[], float]) -> str:
    how = random()
    if how < 0.45:
        return text.translate(_HALF_WIDTH)
    if how < 0.85:
        return _SIGNS.sub(" ", text).strip()
    return text.rstrip("。！") + "～" if text[-1] in "。！" else text


def traditional(text: str) -> str:
    """Write a text in traditional characters.

    Examples
    --------
    >>> traditional("系统回复太慢")
    '系統回覆太慢'
    """
    signs = _SIGN.split(text)
    for place in range(0, len(signs), 2):
        for word, form in _WORDS.items():
            signs[place] = signs[place].replace(word, form)
        signs[place] = signs[place].translate(_TABLE)
    return "".join(signs)
