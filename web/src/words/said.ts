// 演出自己说的话（拒绝的理由、记录里的句子），英文原句换成中文。没有列出的照原样显示：名字，或作者写下的句子。
// What the show says in English and says often, in Chinese. What is not here stays as it was said.

type Rule = readonly [RegExp, string];

const REFUSED: Rule[] = [
  [/^too soon after the last GO: ([\d.]+) s left.*$/, "距上次 GO 太近，还差 $1 秒"],
  [/^the same GO was heard before$/, "这个 GO 已经收到过"],
  [/^panic is in force: re-arm first$/, "紧急淡出生效中：请先解除"],
  [/^evacuat\w+ is in force(?: already)?(?:: re-arm first)?$/, "疏散生效中：请先解除"],
  [/^(.+) is at its end: nothing stands by$/, "$1 已到末尾，没有就绪的提示"],
  [/^(.+) is running already(?:, and goes on)?$/, "$1 已在运行"],
  [/^(.+) is inside a group.*$/, "$1 在编组之内，不能单独就绪"],
  [/^(\S+) has no cue (.+)$/, "$1 没有提示 $2"],
  [/^(.+) is in the hands of (.+): take it over first$/, "$1 由 $2 掌管：请先接管"],
  [/^log in first$/, "请先登录"],
  [/^(\w+) is for (\w+); you look on$/, "$1 需要更高权限；你在旁观"],
  [/^show mode locks edits.*$/, "演出模式不能编辑"],
];

const NOTED: Rule[] = [
  [/^(.+?) is lost: nothing was heard of it for ([\d.]+) s.*$/, "$1 失联：$2 秒没有消息。"],
  [/^(.+?) is lost: its broker has been gone for ([\d.]+) s.*$/, "$1 失联：消息服务器已断开 $2 秒。"],
  [/^The node (\S+) \((.+)\) does not answer Art-Net polls\.$/, "节点 $1（$2）不应答 Art-Net 查询。"],
  [/^everything lands together, ([\d.]+) s after GO.*$/, "全部同时落点：GO 后 $1 秒"],
  [/^(.+) to (.+), where it is already$/, "$1 至 $2（已是如此）"],
  [/^(.+) to (.+), in ([\d.]+) s$/, "$1 至 $2，用 $3 秒"],
  [/^(\S+) becomes (.+)$/, "$1 变为 $2"],
  [/^(\S+) goes on at the latest; sooner when (.+)$/, "$1 最迟此时继续；若 $2 则提前"],
  [/^(\S+) is muted by (.+)$/, "$1 已由 $2 静默"],
  [/^(\S+) is muted no more(?: by (.+))?$/, "$1 不再静默 $2"],
  [/^its permit does not hold: (.+)$/, "条件不成立：$1"],
  [/^(\S+) is (ok|lost|degraded|unknown), so its word does not count$/, "$1 状态不明，不作数"],
  [/^only if (.+)$/, "另须 $1"],
  [/^rests (.+)$/, "冷却中，还有 $1"],
  [/^maintenance lock of (.+)$/, "$1 的维护锁"],
  [/^(?:panic) is in force$/, "紧急淡出生效中"],
  [/^(?:evacuate|evacuation) is in force$/, "疏散生效中"],
  [/^(\S+) (.+) started$/, "$1 $2 开始"],
  [/^(\S+) started$/, "$1 开始"],
  [/^(\S+) is complete$/, "$1 完成"],
  [/^(\S+) was stopped$/, "$1 已停止"],
  [/^(\S+) is paused$/, "$1 已暂停"],
  [/^(\S+) goes on with (.+)$/, "$1 走向 $2"],
  [/^(\S+) goes on: (.+)$/, "$1 继续：$2"],
  [/^(\S+) goes on$/, "$1 继续"],
  [/^(\S+) waited long enough and goes on$/, "$1 等待已满，继续"],
  [/^(\S+) waited ([\d.]+) s and goes on$/, "$1 等待 $2 秒后继续"],
  [/^(\S+) has what it waited for: (.+)$/, "$1 等到了：$2"],
  [/^(\S+) waits to be ready: (.+)$/, "$1 等待就绪：$2"],
  [/^(\S+) is prepared: (.+)$/, "$1 已预备：$2"],
  [/^(\S+) is ready: (.+)$/, "$1 已就绪：$2"],
  [/^(\S+) is disarmed and was passed over$/, "$1 已停用，跳过"],
  [/^(\S+) is loaded at (.+)$/, "$1 已装载于 $2"],
  [/^(\S+) stands as if played to (.+)$/, "$1 已定位至 $2"],
  [/^(\S+) went back; (\S+) stands by$/, "$1 已返回；$2 就绪"],
  [/^GO on (\S+) discarded, ([\d.]+) s too soon$/, "$1 的 GO 早了 $2 秒，未执行"],
  [/^in the dark for (.+): (.+), in ([\d.]+ s)$/, "为 $1 暗中就位：$2，$3"],
  [/^trigger (\S+) does nothing: maintenance lock of (.+)$/, "触发 $1 未执行：$2 的维护锁"],
  [/^trigger (\S+): (.+)$/, "触发 $1：$2"],
  [/^(\S+) is on$/, "$1 运行"],
  [/^(\S+) is enabled$/, "$1 可运行"],
  [/^(\S+) is safe: (.+)$/, "$1 安全：$2"],
  [/^nothing is asked of it any more$/, "不再要求"],
  [/^maintenance: the lock of (.+) is off.*$/, "$1 的维护锁已取下"],
  [/^maintenance: (.+) is at work(?:: (.+))?$/, "维护：$1 在作业 $2"],
  [/^(.+) is in service again.*$/, "$1 恢复使用"],
  [/^everything is as before the first show of the day$/, "一切如当日首场之前"],
  [/^(panic|evacuate|evacuation) ended(?: by (.+))?$/, "已解除 $2"],
  [/^(\S+) is ok: (.+) answers(?: again)?\.$/, "$1 正常：$2 已应答。"],
  [/^(\S+) is lost: (.+)$/, "$1 失联：$2"],
  [/^(\S+) is degraded: (.+)$/, "$1 未就绪：$2"],
  [/^(\S+) decides: goes on with (\S+).*$/, "$1 决定：走向 $2"],
  [/^(.+) answers(?: again)?\.$/, "$1 已应答。"],
  [/^(.+?) (?:has not answered|does not answer) for ([\d.]+) s(?:\.|;.*)$/, "$1 已 $2 秒无应答。"],
];

/** What hands did, as the log has it: `> Go list main`. */
const DONE: Record<string, string> = {
  Go: "GO", Standby: "就绪", Start: "执行", Locate: "定位", Back: "返回", Pause: "暂停", Resume: "继续", Stop: "停止", Panic: "紧急淡出", Evacuate: "疏散", Rearm: "解除", Arm: "启用或停用", Mute: "静默", Grab: "接管灯光",
  Ungrab: "交还灯光", Maintain: "维护锁", Master: "总控", Note: "备注", Reset: "复位", Preview: "预览", Park: "锁定", Unpark: "放开", Check: "逐灯检查", Highlight: "闪烁", list: "列表", cue: "提示", name: "名称", reason: "原因",
};

/** `text` in Chinese, where it is one of the sentences above. */
export function inChinese(text: string): string {
  for (const [from, to] of [...REFUSED, ...NOTED]) if (from.test(text)) return text.replace(from, to).trim();
  const hand = /^> (\w+)(.*)$/s.exec(text);
  return hand ? `> ${DONE[hand[1] ?? ""] ?? hand[1]}${(hand[2] ?? "").replace(/(^|,) (list|cue|name|reason) /g, (_, lead: string, key: string) => `${lead} ${DONE[key]} `)}` : text;
}
