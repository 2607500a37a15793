// 演出的回答（为何如此、为何尚未执行、重新载入会改变什么），逐行换成中文。作者写下的名字、条件和参数名照原样。
// Answers of the show in Chinese, line by line. `$1` stands as it was typed, `%1` is said in Chinese in its turn, `&1` names what is otherwise about a thing.
// tests/console/test_page_words.py has an example of every sentence that the show can say, and sees that none is left English.

import { inChinese } from "./said";

type Rule = readonly [RegExp, string];

const SPAN = "[\\d:.]+(?: s)?";
const LEVEL = "-?[\\d.]+ (?:%|deg)";
const rule = (from: string, to: string): Rule => [new RegExp(`^${from.replaceAll("SPAN", SPAN).replaceAll("LEVEL", LEVEL)}$`, "s"), to];

/** What hangs behind a sentence: taken off first, so that the sentence is known without it. */
const TAILS: Rule[] = [
  rule("(.+) \\(and in (\\d+) more like it\\)", "%1（另有 $2 处相同）"),
  rule("(.+) \\(through (\\S+)\\)", "%1（延续至 $2）"),
  rule("(.+); its permission ran out, so the safe level shows", "%1；许可已过期，输出安全值"),
  rule("from (.+)", "来自：%1"), rule("over (.+)", "叠在：%1"), rule("\\(beneath: (.+)\\)", "（被盖住：%1）"),
  rule("(.+): (LEVEL)", "%1：%2"), rule("(.+), (LEVEL) to (LEVEL)", "%1，%2 至 %3"),
  rule("(.+); it is paused", "%1；它已暂停"),
  rule("(.+); (\\S+) is paused", "%1；$2 已暂停"),
  rule("(.+), at the latest in (SPAN)", "%1，最迟 %2后"),
  rule("(.+), for as long as it takes", "%1，不限时间"),
  rule("(.+), when its clock goes on", "%1，待其时钟继续"),
  rule("(.+), paused", "%1，已暂停"),
  rule("(.+), (SPAN) left", "%1，还剩 %2"),
  rule("(.+), fading out", "%1，正在淡出"),
  rule("(.+), fading", "%1，正在淡变"),
  rule("(.+), for (SPAN)", "%1，已 %2"),
  rule("(.+) and (\\d+) more", "%1 等（另有 $2 项）"),
];

const STARTING: Rule[] = [
  rule("it did start, and is over(?:; (\\S+) stands at ([^\\s,]+))(?:, (\\S+) stands by)", "已执行并结束；$1 在 $2，$3 就绪"),
  rule("it did start, and is over(?:; (\\S+) stands at ([^\\s,]+))", "已执行并结束；$1 在 $2"),
  rule("it did start, and is over(?:, (\\S+) stands by)?", "已执行并结束；$1 就绪"),
  rule("(\\S+) is in force: nothing starts until it is re-armed", "%1生效中：解除之前什么都不会开始"),
  rule("it is disarmed in the file: .*", "文件中已停用：轮到时跳过"),
  rule("an operator has disarmed it: .*", "已由操作员停用：轮到时跳过"),
  rule("(\\S+) is paused: its clock stands still, so no wait of it runs out", "$1 已暂停：时钟停住，等待不会走完"),
  rule("with no further input it starts in (SPAN)", "若无其他操作，%1后自动开始"),
  rule("it has started, and waits to be ready: (.+)", "已开始，正等待就绪：%1"),
  rule("it has started, and its wait of (SPAN) has (SPAN) left", "已开始，等待 %1，还剩 %2"),
  rule("it did start, (SPAN) ago; (.+)", "%1前已开始；%2"),
  rule("it did start, (SPAN) ago", "%1前已开始"),
  rule("it waits for GO, after (.+)", "在 $1 之后，等待 GO"),
  rule("it waits for (.+)", "在等 %1"),
  rule("it stands by in (\\S+) and waits for GO", "在 $1 中就绪，等待 GO"),
  rule("(.+) decides(?: in (SPAN))?(, when its clock goes on)?, or as soon as one holds: (it goes here.*)", "$1 选择走向（一有成立即定）：%4"),
  rule("(.+) decides in (SPAN): (it goes here.*)", "$1 在 %2后选择走向：%3"),
  rule("(.+) decides(?:, when its clock goes on)?: (it goes here.*)", "$1 选择走向：%2"),
  rule("it goes here if neither (.+) holds", "若都不成立（$1），则到此"),
  rule("it goes here if (.+), which holds now", "若 %1，则到此；现在成立"),
  rule("it goes here if (.+), which does not hold now", "若 %1，则到此；现在不成立"),
  rule("it goes here unless (.+)", "除非 $1，否则到此"),
  rule("it goes here", "到此"),
  rule("(.+) starts it when its clock goes on \\((.+)\\)", "$1 待时钟继续时执行它（%2）"),
  rule("(.+) starts it in (SPAN) \\((.+)\\)", "$1 在 %2后执行它（%3）"),
  rule("(.+) starts it when it is complete: (.+)", "$1 完成后执行它：%2"),
  rule("(.+) starts it when (.+)", "$1 执行它，当 %2"),
  rule("(\\d+) of its members are not done", "其中 $1 项未完成"),
  rule("it has (SPAN) left", "还剩 %1"),
  rule("something in it has no end", "其中有内容没有终点"),
  rule("its clock stands still", "其时钟停住"),
  rule("it is a member of (.+), which does not run", "属于编组 $1，该组未运行"),
  rule("it is number (\\d+) in (.+), which is at number (-?\\d+)", "是 $2 的第 $1 项，现在到第 $3 项"),
  rule("it is a member of (.+), which plays one of them at random, and it was not its turn", "属于 $1，每次随机执行其一，这次没有轮到"),
  rule("(.+) runs, and starts it (SPAN) after its beginning", "$1 运行中，开始后 %2执行它"),
  rule("trigger (\\S+) \\((.*?)\\) puts it in standby: (.+)", "触发 $1（$2）使其就绪：%3"),
  rule("trigger (\\S+) \\((.*?)\\) starts it: (.+)", "触发 $1（$2）执行它：%3"),
  rule("(.+) puts it in standby, and (is waiting to act|has run|has not started)", "$1 使其就绪，%2"),
  rule("(.+) starts it, and (is waiting to act|has run|has not started)", "$1 执行它，%2"),
  rule("is waiting to act", "正待动作"), rule("has run", "已运行过"), rule("has not started", "尚未开始"),
  rule("(it is disarmed|nothing keeps it|its cooldown has SPAN left|.+ does not hold|.+ holds already, and it acts when that turns true); (.+)", "%1；%2"),
  rule("it is disarmed", "已停用"),
  rule("nothing keeps it", "没有阻碍"),
  rule("its cooldown has (SPAN) left", "冷却还有 %1"),
  rule("(.+) does not hold", "%1 不成立"),
  rule("(.+) holds already, and it acts when that turns true", "$1 早已成立，要重新变为成立才动作"),
  rule("only if (.+)", "另须 %1"),
  rule("(\\S+) has not begun, and nothing stands by: nobody has come to this cue", "$1 尚未开始，没有就绪：还没有走到这里"),
  rule("(\\S+) has not begun, (\\S+) stands by: nobody has come to this cue", "$1 尚未开始，$2 就绪：还没有走到这里"),
  rule("(\\S+) stands at (\\S+), and nothing stands by: nobody has come to this cue", "$1 在 $2，没有就绪：还没有走到这里"),
  rule("(\\S+) stands at (\\S+), (\\S+) stands by: nobody has come to this cue", "$1 在 $2，$3 就绪：还没有走到这里"),
  rule("(.+) would start it: (.+)", "$1 会执行它：%2"),
  rule("(.+) goes here; it (went another way|has not decided)", "$1 走向这里；%2"),
  rule("(.+) goes here else; it (went another way|has not decided)", "$1 否则走向这里；%2"),
  rule("(.+) goes here if (.+); it (went another way|has not decided)", "$1 若 $2，走向这里；%3"),
  rule("went another way", "已走别处"), rule("has not decided", "尚未选择"),
  rule("its permit does not hold: (.+)", "条件不成立：%1"),
  rule("(SPAN) after start", "开始后 %1"), rule("(SPAN) after end", "结束后 %1"), rule("(SPAN) before end", "结束前 %1"), rule("after end", "结束后"),
  rule("when (.+), at most (SPAN)", "当 $1，最多 %2"),
  rule("branch in (SPAN), else (\\S+)", "%1内分支，否则 $2"),
];

const LEVELS: Rule[] = [
  rule("nobody: its default", "无人：默认值"),
  rule("in (SPAN): (.+)", "%1后：%2"), rule("when its clock goes on: (.+)", "待其时钟继续：%1"),
  rule("scaled by the grand master, (.+)", "经总控 $1"), rule("scaled by blackout, (.+)", "经暗场 $1"),
  rule("scaled by its dimmer, (.+)", "经自身调光 $1"), rule("scaled by submaster (.+), (.+)", "经分控 $1 $2"),
  rule("never under its floor, (.+)", "不低于下限 $1"),
  rule("(\\S+) is at (LEVEL) \\(before masters and park (LEVEL)\\)", "$1 为 %2（总控与锁定之前 %3）"),
  rule("(\\S+) is at (LEVEL)", "$1 为 %2"),
  rule("(.+) of (\\d+) cells: (.+)", "$1（$2 格）：%3"), rule("(.+) of (\\d+) cells", "$1（$2 格）"),
  rule("(LEVEL) to (LEVEL)", "%1 至 %2"),
  rule("stands in for (\\S+), which is out of service(?: \\((.*)\\))?: what follows is (\\S+)'s light", "代替停用的 $1（$2）：以下是 $3 的灯光"),
  rule("is out of service until (\\S+), (\\S+) stands in(?: \\((.*)\\))?", "停用至 $1，由 $2 代替（$3）"),
  rule("is out of service, (\\S+) stands in(?: \\((.*)\\))?", "停用，由 $1 代替（$2）"),
  rule("is out of service until (\\S+?)(?: \\((.*)\\))?", "停用至 $1（$2）"),
  rule("(?:is )?out of service(?: \\((.*)\\))?", "停用（$1）"),
  rule("a hazard that nothing permits: it never moves", "没有许可的危险设备：永不动作"),
  rule("guarded by (.+), which is (\\w+): (.+)", "由 $1 保护，%2：%3"), rule("guarded by (.+), which is (\\w+)", "由 $1 保护，%2"),
  rule("held still by the maintenance lock of (.+)", "维护锁定住不动：$1"), rule("held still: (.+)", "定住不动：%1"),
  rule("on its way back from where it was held still", "正从定住之处返回"),
  rule("the channel check of (.+)", "%1 的逐灯检查"),
  rule("parked by (.+)", "由 $1 锁定"), rule("parked", "已锁定"), rule("grabbed", "人工接管"),
  rule("the safe state of (.+) \\((\\S+) is in force\\)", "%1 的安全状态（%2生效中）"),
  rule("the safe look of (.+), which stays until a cue takes over", "%1 的安全光，直到有提示接手"),
  rule("the hold look of (.+), which stays until the list goes on", "$1 的候场光，直到列表继续"),
  rule("the room", "全场"),
  rule("(.+), following (\\S+), whom nobody has seen yet", "%1，跟随 $2，尚无踪迹"),
  rule("(.+), following (\\S+), last seen (SPAN) ago", "%1，跟随 $2，%3前见过"),
  rule("(.+), given back to what is beneath", "%1，交还给下层"),
  rule("effect (.+?) \\((\\S+), every (SPAN)\\) of (.+)", "效果 $1（$2，每 %3），%4"),
  rule("an effect \\((\\S+), every (SPAN)\\) of (.+)", "效果（$1，每 %2），%3"),
  rule("(.+), list (\\S+) at priority (\\d+)", "%1，列表 $2，优先级 $3"),
  rule("the show as a whole", "整个演出"), rule("(\\S+) as a whole", "$1 整体"),
];

const RELOADED: Rule[] = [
  rule("(\\S+) was stopped, for it needs (.+), which is gone", "$1 已停止：所需的 $2 已不在"),
  rule("the list (\\S+) is gone, and with it (.+)", "列表 $1 已不在，$2 随之停止"), rule("the list (\\S+) is gone", "列表 $1 已不在"),
  rule("(\\S+) finishes as it began, and is gone after that", "$1 照旧走完，之后不再有"), rule("(\\S+) finishes as it began", "$1 照旧走完"),
  rule("(\\S+) stood by and is gone: nothing stands by in (\\S+)", "就绪的 $1 已不在：$2 没有就绪"),
  rule("(\\S+) stood by and is gone: (\\S+) stands by in (\\S+)", "就绪的 $1 已不在：$3 改为 $2 就绪"),
  rule("the light of (.+) and others ends with the patch", "$1 等灯不在配接中，其灯光结束"), rule("the light of (.+) ends with the patch", "$1 不在配接中，其灯光结束"),
  rule("and (\\d+) more", "另有 $1 项"),
  rule("the folder has errors; what runs goes on as it is", "文件有错；正在运行的照旧"),
  rule("the folder cannot be read \\((.*)\\); what runs goes on as it is", "文件夹读不了（$1）；正在运行的照旧"),
  rule("the folder was saved again since the difference was shown: look again", "看过之后又存过盘：请再看一次"),
  rule("(\\S+) stands before (\\S+)", "$1 移到 $2 之前"), rule("(\\S+) stands after (\\S+)", "$1 移到 $2 之后"), rule("(\\S+) is deleted", "$1 已删除"),
  rule("(\\S+) is called (.+)", "$1 改名为 $2"), rule("(name|notes|wait|time|next|light) of (\\S+) is (.+)", "$2 的%1改为 $3"), rule("(\\S+) has no (name|notes|wait|time|next|light) any more", "$1 不再有%2"),
  rule("taken back: (.+)", "已撤销：%1"), rule("(.+); looks kept in (.+)", "%1；在 $2 中保住造型"), rule("(\\S+) is new, after (\\S+)", "新增 $1，在 $2 之后"), rule("(\\S+) is new, before (\\S+)", "新增 $1，在 $2 之前"),
  rule("(\\S+) is a copy of (\\S+), after (\\S+)", "$1 是 $2 的副本，在 $3 之后"), rule("(\\S+) is a copy of (\\S+), before (\\S+)", "$1 是 $2 的副本，在 $3 之前"), rule("(\\S+) is renumbered: (.+)", "$1 改号：$2"),
  rule("(\\S+) leaves the lights so already", "$1 的灯光本来就是这样"), rule("(\\S+) leaves (.+) as seen", "$1 存下 %2的现状"), rule("the look (\\S+) is (.+) as seen", "造型 $1 存下 %2的现状"), rule("(\\S+) lights", "$1 台灯"),
  rule("there is no folder that this show could be reloaded from", "这场演出没有可重新载入的文件夹"),
];

const DIFFERENT: Rule[] = [
  rule("list (\\S+)", "列表 $1"),
  rule("(\\S+) to (\\S+) begins? (SPAN) later: (\\S+) (.+) -> (.+)", "$1 至 $2 晚 %3开始：$4 %5 → %6"), rule("(\\S+) begins? (SPAN) later: (\\S+) (.+) -> (.+)", "$1 晚 %2开始：$3 %4 → %5"),
  rule("(\\S+) to (\\S+) begins? (SPAN) earlier: (\\S+) (.+) -> (.+)", "$1 至 $2 早 %3开始：$4 %5 → %6"), rule("(\\S+) begins? (SPAN) earlier: (\\S+) (.+) -> (.+)", "$1 早 %2开始：$3 %4 → %5"),
  rule("\\+ : added with (\\d+) cues", "+ 新增，$1 个提示"), rule("- : removed with (\\d+) cues", "- 删除，$1 个提示"),
  rule("renumbered: (.+)", "改号：$1"),
  rule("added (.+)", "新增：%1"), rule("removed (.+)", "删除：%1"),
  rule("([+-]) ([^:]+): (.+)", "$1 &2：%3"), rule("([+-]) (.+)", "$1 &2"),
  rule("((?:[^:]|:\\S)+): (.+) -> (.+)", "&1：%2 → %3"),
  rule("(renamed|group|clock): (.+)", "%1：%2"),
  rule("fade to (\\S+) over ([\\d:.]+(?: s)?)(, then stop)?", "淡变至 $1，用 %2"), rule("stop over (SPAN)", "停止，用 %1"), rule("stop the others over (SPAN)", "停止其他，用 %1"),
  rule("release over (SPAN)", "释放，用 %1"), rule("to (.+ %) over (SPAN)", "至 $1，用 %2"), rule("during (.+), in (SPAN)", "在%1期间，用 %2"), rule("the cue before", "前一提示"),
  rule("(SPAN) after (\\S+)", "$2 后 %1"), rule("after (\\S+)", "在 $1 之后"), rule("at (SPAN)", "在 %1"), rule("(SPAN), delay (SPAN)", "%1，延迟 %2"),
  rule("([\\d.]+) s", "$1 秒"), rule("(-?[\\d.]+) deg", "$1 度"), rule("(.+) from (SPAN)", "%1 从 %2"), rule("somebody", "某人"), rule("follows (\\S+)", "跟随 $1"), rule("when (.+)", "当 $1"),
];

/** Words that stand alone: the parts of a show, what is otherwise about them, and values. */
const WORDS: Record<string, string> = {
  show: "演出", patch: "配接", zone: "区域", master: "总控", device: "设备", media: "素材", trigger: "触发", input: "输入", variable: "变量", timecode: "时间码", inbound: "外来控制",
  added: "新增", removed: "删除", renamed: "改名", moved: "移动", renumbered: "改号", group: "编组", clock: "时钟", wait: "等待", "waits for": "等待条件", "is ready": "就绪条件", prepares: "预备",
  "lands together": "同时落点", marks: "暗中就位", "on a second trigger": "再次触发时", next: "接续", notes: "备注", light: "灯光", time: "时间", intensity: "亮度", color: "颜色", label: "标签", priority: "优先级",
  "at end": "到末尾时", "go window": "GO 间隔", "back time": "返回时间", "release time": "释放时间", name: "名称", "frames a second": "每秒帧数", panic: "紧急淡出", "main list": "主列表", "OSC port": "OSC 端口",
  reset: "复位", "exit look": "退场光", corners: "边角", safe: "安全", lights: "灯", kind: "类型", address: "地址", type: "类型", channels: "通道", hazard: "危险", at: "位置", hang: "吊挂",
  universes: "域", loss: "失联时", to: "目的地", sync: "同步", slots: "通道数", claim: "占用", "merge in": "并入", merge_in: "并入", host: "主机", port: "端口", latency: "延时", verbs: "动作", file: "文件", length: "时长",
  players: "播放器", loudness: "响度", sha256: "校验", player: "播放器", when: "条件", "only if": "另须", cooldown: "冷却", armed: "启用", do: "执行", from: "来源", initial: "初值", hysteresis: "回差", counts: "计数",
  stale: "过时", rate: "速率", offset: "偏移", source: "来源", allow: "允许", fade: "淡变", stop: "停止", "stop others": "停止其他", devamp: "走完本遍", start: "执行", go: "GO", jump: "跳转", standby: "就绪", "stand by": "就绪",
  release: "释放", set: "设定", "not held": "未控制", first: "最前", yes: "是", no: "否", evacuate: "疏散", latched: "紧急状态", enabled: "可运行", fire: "运行", on: "运行", "its own": "自身", "play to the end of its pass": "播完本遍",
};

const ENDINGS = Object.keys(WORDS).sort((a, b) => b.length - a.length);

/** What is otherwise about a thing: `par_1 address` is the thing as it is called, and the word. */
function about(text: string): string {
  const [, verb = "", whom = ""] = /^(fade|stop|set) (.+)$/.exec(text) ?? [];
  if (verb) return `${WORDS[verb] ?? verb} ${whom}`;
  const ending = ENDINGS.find((word) => text.endsWith(` ${word}`));
  return WORDS[text] ?? (ending ? `${text.slice(0, -ending.length)}${WORDS[ending] ?? ""}` : text);
}

const HOW: Record<string, (text: string) => string> = { $: (text) => text, "%": said, "&": about };

function said(text: string): string {
  const alone = WORDS[text];
  if (alone !== undefined) return alone;
  for (const [from, to] of [...TAILS, ...STARTING, ...LEVELS, ...RELOADED, ...DIFFERENT]) {
    const found = from.exec(text);
    if (found) return to.replace(/([$%&])(\d)/g, (_, how: string, number: string) => HOW[how]?.(found[+number] ?? "") ?? "").replace("（）", "");
  }
  const worth = /^(.+) \((\S+ is .+)\)$/.exec(text);
  if (worth) return `${worth[1] ?? ""}（${(worth[2] ?? "").replace(/(\S+) is /g, "$1 为 ")}）`;
  return inChinese(text);
}

/** One line of an answer. What has no sentence here stands as it was said: names, places, what an author wrote. */
export function lineInChinese(line: string): string {
  const [, indent = "", text = ""] = /^(\s*)(.*)$/s.exec(line) ?? [];
  return indent + said(text);
}
