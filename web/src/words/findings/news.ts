// 演出与设备说的话：记录里的句子、请求为何不行、设备出了什么事。
// What the show and its devices say while it runs: lines of the log, why a request is refused, what is the matter with a device.
// (Those that are said all the time stand in said.ts as well: they are there before this is fetched.)

import type { Sentences } from "./sentences";

/** Said of a device: `Film server takes no connection.`, without its name where that stands already, and after `it` within others. */
export const OF_A_DEVICE: Sentences = {
  answers: "已应答", "answers again": "已恢复应答",
  "answers again; it is trusted when it has for $1 s": "已恢复应答，持续 $1 秒后才算可信",
  "is online": "已上线", "has gone offline": "已下线", "is there": "已在线", "is unplugged": "插头被拔下", "does not reply": "没有回应",
  "has not answered for $1 s": "已 $1 秒无应答",
  "has not answered for $1 s (it %2)": "已 $1 秒无应答（%2）",
  "is lost: %1": "失联：%1", "nothing was heard of it for $1 s": "$1 秒没有消息", "nothing was heard of it for $1 s (it %2)": "$1 秒没有消息（%2）", "its broker has been gone for $1 s": "消息服务器已断开 $1 秒",
  "cannot be reached: its broker is gone (%1)": "联系不上：消息服务器已断开（%1）",
  "no broker answers": "没有消息服务器应答", "the broker closed the connection": "消息服务器关闭了连接",
  "takes code": "正在接收时间码", "is sent code; nobody says whether it is heard": "时间码已发出；对方是否收到，没有回音",
  "closed the connection": "关闭了连接", "closed the connection at once": "立即关闭了连接", "lost the connection: $1": "连接中断：$1", "it closed the connection": "关闭了连接", "takes no connection": "不接受连接", "takes no connection: $1": "不接受连接：$1",
  "does not take a connection within $1 s": "$1 秒内没有接受连接", "cannot be listened to: $1": "无法接收：$1",
  "accepts the connection and says nothing": "接受连接，却没有回应", "takes what is said and answers nothing": "收下了指令，却没有应答",
  "answers $1": "应答 $1", "sent $1": "发来 $1", "sent what is no answer: $1": "发来的不是应答：$1", "sent what is not PJLink: $1": "发来的不是 PJLink：$1", "sent what is not OSC: $1": "发来的不是 OSC：$1",
  "is asked what cannot be said: $1": "所问无法发出：$1", "asks for a password and the show has none for it": "要求密码，而演出没有它的密码", "refuses the password": "不接受密码", "does not know SHA-256": "不支持 SHA-256",
  "refuses the key": "不接受密钥", "is asked too often (429)": "询问过于频繁（429）", "reports a fault: $1": "报告故障：$1", "reports $1": "报告：$1", "says: $1": "报告：$1", "cannot play $1: $2": "无法播放 $1：$2", "has no clip $1": "没有素材 $1", "stands in cue $1, and the show asked for $2": "停在提示 $1，而演出要求 $2", "sent a line that is not JSON": "发来的一行不是 JSON",
  "does not do $1 $2 ($3)": "不能执行 $1 $2（$3）", "has closed its workspace": "已关闭工作区", "denies $1: the passcode gives no right to it": "拒绝 $1：通行码没有此权限",
  "has no cue $1, or cannot $2 it": "没有提示 $1，或不能对它 $2", "does not take the passcode": "不接受通行码", "has no such workspace open": "没有打开此工作区", "lets us look, and not control": "只许查看，不许控制",
  "has a fleet to look after: %1": "有头显需要照看：%1", "does not put out $1: look at its settings": "没有输出 $1：请检查其设置", "does not answer Art-Net polls": "不应答 Art-Net 查询",
};

/** What is the matter with headsets, one after the other. */
export const HEADSETS: Sentences = {
  "$1 sleeps": "$1 休眠", "$1 has $2 % left": "$1 电量剩 $2 %", "$1 has lost its tracking": "$1 失去追踪", "%1 and $2 more": "%1 等（另有 $2 台）",
};

/** Words that stand only inside others. */
export const WITHIN: Sentences = {
  "$1 s": "$1 秒", "$1 s an hour": "每小时 $1 秒", "$1 s a show": "每场 $1 秒", "$1 s to $2 s": "$1 至 $2 秒", "the endpoint %1": "服务器%1", light: "灯", fixture: "灯具", universe: "域", output: "输出", "light, group, node or universe": "灯、编组、节点或域", "$1 lets go of it": "$1 已放开", "$1 is %2, so its word does not count": "$1 %2，不作数", "$1 is not ours alone: %2": "$1 不止本机在控制：%2",
  "guarded by $1, which is %2: %3": "由 $1 保护，%2：%3", "guarded by $1, which is %2": "由 $1 保护，%2", "a hazard that nothing permits: it never moves": "没有许可的危险设备：永不动作", safe: "安全", enabled: "可运行", armed: "已解锁", on: "运行中",
  panic: "紧急淡出", evacuate: "疏散", evacuation: "疏散", reset: "复位", back: "返回", locate: "定位", locked: "已锁定", holding: "保持中", lost: "失联", ok: "正常", stopped: "已停", running: "运行", silent: "无信号",
  unknown: "尚无消息", degraded: "未就绪", "it wins": "以对方为准", "ours wins": "以本机为准", "the higher level wins": "以数值较高者为准",
};

/** What comes before a whole sentence: known first, however long that is. */
export const BEFORE: Sentences = {
  "$1 is ok: %2": "$1 正常：%2",
  "$1 is lost: %2": "$1 失联：%2",
  "$1 is degraded: %2": "$1 未就绪：%2",
  "$1 goes on without a hazard: %2": "$1 不用危险设备而继续：%2",
  "$1 goes on without $2: %3": "$1 不用 $2 而继续：%3",
  "a trigger goes on without $1: %2": "触发不用 $1 而继续：%2",
  "$1 was loaded anew: %2": "$1 已重新载入：%2",
  "$1 is safe: %2": "$1 安全：%2",
  "$1 is not asked to $2: %3": "没有要求 $1 执行 $2：%3",
};

export const NEWS: Sentences = {
  "$1 is ok": "$1 正常", "$1 is lost": "$1 失联", "$1 is degraded": "$1 未就绪", "$1 is unknown": "$1 尚无消息",
 
  "The broker is back; $1 has not said yet that it is there.": "消息服务器已恢复；$1 尚未报到。",
  "The node $1 ($2) %3": "节点 $1（$2）%3",
  "Nobody answers at $1 on the network: the node $2 is off, or its cable is out.": "网络上 $1 处无人应答：节点 $2 没有开机，或网线脱落。",
  "Node $1 says: $2": "节点 $1 报告：$2",
  "The USB widget $1 is not there; it is looked for until it comes.": "找不到 USB 接口 $1；会一直查找。",
  "a desk joins $1 by its cable": "有控台经线缆并入 $1",
  "$1 also sends $2, at priority $3; ours is $4: %5.": "$1 也在发送 $2，优先级 $3；本机 $4：%5。",
  "$1 also sends $2; nodes merge the two of us, or flicker.": "$1 也在发送 $2；节点会合并两者，或闪烁。",
  "$1 announces that it also sends $2.": "$1 声明也在发送 $2。",
  "Node $1 merges $2 from two sources, and one of them is not us.": "节点 $1 在合并 $2 的两个来源，其中一个不是本机。",
  "$1 joins $2, as the show lets it.": "$1 并入 $2，演出允许。",
  "the interface to the rig is not there, or its cable is out: no light leaves": "通往灯具的网口不在，或网线脱落：没有灯光输出",

  "$1 began $2 ms apart ($3)": "$1 各部分相差 $2 毫秒（$3）", "$1 began $2 ms apart ($3); $4 did not say when": "$1 各部分相差 $2 毫秒（$3）；$4 没有报告时刻",
  "--- $1 begins, $2 UTC ---": "--- $1 开始，$2 UTC ---", "--- $1 records could not be written here ---": "--- 此处有 $1 条未能记录 ---", "--- kept for long: $1 left this journal ---": "--- 已另存：$1 不再在此记录里 ---",
  "$1 was triggered again, and stops": "$1 再次触发，停止",
  "$1 does not happen: %2": "$1 不执行：%2", "$1, by the schedule": "$1，按时间表",
  "%1 is in force": "%1生效中", "%1 is in force: re-arm first": "%1生效中：请先解除", "GO on $1 discarded, %2 too soon": "$1 的 GO 早了 %2，未执行", "too soon after the last GO: %1 left of the GO window": "距上次 GO 太近，还差 %1", "%1 is in force: nothing starts by itself": "%1生效中：不会自动开始",
  "maintenance lock of $1": "$1 的维护锁", "maintenance lock of $1: nothing starts by itself": "$1 的维护锁：不会自动开始",
  "timecode $1 is %2": "时间码 $1：%2", "timecode $1 is lost": "时间码 $1：丢失",
  "timecode $1 is elsewhere; $2 goes on without it": "时间码 $1 在别处；$2 自行继续",
  "$1 has checked $2": "$1 已检查 $2", "$1 checks $2": "$1 正在检查 $2",
  "$1 did not do $2: %3; $4 is held": "$1 没有完成 $2：%3；$4 已暂停",
  "$1 did not do $2: %3; the show goes on without it": "$1 没有完成 $2：%3；演出照常",
  "$1 did not do $2: %3; it is asked for again": "$1 没有完成 $2：%3；再次要求",
  "$1 did not do $2: %3; the approved line is spoken": "$1 没有完成 $2：%3；改说审定的台词",
  "no answer came in time": "没有及时应答", "it cannot be asked": "无法询问", "the filter did not let it pass": "没有通过过滤", "it is not fit to be said": "不宜说出", "the model $1": "模型 $1",
  "it did not answer, and this may not be said twice": "没有应答，而这条不能说两次", "it was told once and did not answer": "说了一次，没有应答", "it was told $1 times and did not answer": "说了 $1 次，没有应答",
  "it was not done within $1 s": "$1 秒内没有完成", "$1 other orders came after it": "其后又来了 $1 条指令", "it cannot be said: $1": "无法发出：$1", "refuses: $1": "拒绝：$1",
  "it %1 before it answered, and this may not be said twice": "应答之前%1，而这条不能说两次", "QLab does not let us: $1": "QLab 不允许：$1",
  "evacuation: safe states at once": "疏散：立即进入安全状态", "panic: to the safe states": "紧急淡出：转入安全状态", "%1 ended by $2": "%1已由 $2 解除", "%1 ended": "%1已解除",
 
  "it was due $1 s ago, and hazards are never made up for": "应在 $1 秒前执行，危险设备从不补做", "hazards are left out of a preview": "预览中不动危险设备", "no interlock permits it": "没有联锁许可",
  "nobody knows yet whether it will be permitted": "尚不知是否许可", "its permit does not hold: $1 ($2)": "条件不成立：$1（$2）", "its permit does not hold: $1": "条件不成立：$1",
   "its fog budget of %1 is used up": "烟雾限额（%1）已用完", "it has not been enabled yet": "尚未进入可运行状态", "it rests for $1 s more": "还须停歇 $1 秒", "nobody has armed it": "没有人解锁",
  "what is attended is fired by a person, and nobody asked for this now": "须有人值守的由人触发，此刻无人要求", "it was armed on $1, so it is fired from somewhere else": "在 $1 解锁，须从另一处触发",
  "$1 is armed no more": "$1 不再解锁", "$1 is armed by $2 for $3 s": "$1 已由 $2 解锁，$3 秒内有效", "$1 was armed for $2 s and is no more": "$1 解锁满 $2 秒，已失效", "$1 is armed by a named person: say who you are": "$1 须由具名人员解锁：请报姓名",
  "it has been on for $1 s, its longest": "已运行 $1 秒，到其上限", "the engine was started again": "演出程序重新启动过", "its interlock was changed": "联锁已更改", "nothing is asked of it any more": "不再要求",
  "$1 is a hazard: it can be held where it is safe, and runs from a cue that says so": "$1 是危险设备：只能保持在安全状态，由写明的提示运行", "$1 is a hazard: %2": "$1 是危险设备：%2",
  "$1 has been paused for long: the hold look": "$1 暂停已久：改为候场光",
  "$1 is loaded at $2 s": "$1 已装载于 $2 秒", "$1 is loaded at its beginning": "$1 已装载于开头", "$1 is $2 s long": "$1 只有 $2 秒", "nobody knows beforehand how long $1 takes, so nothing counts back from its end": "无法预知 $1 多长，不能从结尾倒数",
  "$1 is not running, so there is no loop to leave": "$1 没有运行，无循环可出", "$1 does not loop, as far as is known, so there is no loop to leave": "$1 并未循环，无循环可出", "$1 plays to the end of its pass": "$1 播完本遍为止",
  "in the dark for $1: $2, in %3": "为 $1 暗中就位：$2，用 %3", "$1 waited %2 and goes on": "$1 等待 %2后继续",
  "$1 is muted by $2: $3": "$1 已由 $2 静默：$3", "$1 is muted no more by $2": "$1 已由 $2 取消静默", "$1 is muted no more$2": "$1 不再静默$2", "$1 is muted no more": "$1 不再静默",
  "$1 is not running, so there is nothing to fade": "$1 没有运行，无可淡变", "$1 is not running, so there is nothing to stop": "$1 没有运行，无可停止",
  "$1 is not running, so it has no rate": "$1 没有运行，无可调速", "$1 is not running": "$1 没有运行", "$1 cannot fade what it runs": "$1 不能淡变其内容", "$1 cannot stop what it runs": "$1 不能停止其内容",
  "$1 is switched on: $2 has begun, and plays on it": "已打开 $1：$2 已开始，要用它放映",
  "$1 was not ready within $2 s ($3); $4 is held": "$1 未在 $2 秒内就绪（$3）；$4 已暂停", "$1 was not ready within $2 s ($3), and is passed over for $4": "$1 未在 $2 秒内就绪（$3），改走 $4",
  "$1 was not ready within $2 s ($3), and is passed over": "$1 未在 $2 秒内就绪（$3），跳过", "$1 was not ready within $2 s ($3), and goes on without": "$1 未在 $2 秒内就绪（$3），照样继续",
  "$1 runs at $2": "$1 以 $2 运行", "$1 counts on timecode, which has its own speed": "$1 跟随时间码，速度由时间码定", "$1 keeps its speed: $2 knows no other": "$1 速度不变：$2 没有别的速度", "a rate is 0 to $1 %": "速率为 0 至 $1 %",
  "$1 was loaded anew": "$1 已重新载入",
  "$1 parked at where it stands by $2: $3": "$1 由 $2 锁定在现值：$3", "$1 parked at where it stands by $2": "$1 由 $2 锁定在现值", "$1 parked at $2 by $3: $4": "$1 由 $3 锁定在 $2：$4", "$1 parked at $2 by $3": "$1 由 $3 锁定在 $2", "$1 is parked no more": "$1 不再锁定",
  "$1 is out of service until $2, $3 stands in for it ($4: $5)": "$1 停用至 $2，由 $3 代替（$4：$5）", "$1 is out of service until $2 ($3: $4)": "$1 停用至 $2（$3：$4）", "$1 is out of service, $2 stands in for it ($3: $4)": "$1 停用，由 $2 代替（$3：$4）", "$1 is out of service ($2: $3)": "$1 停用（$2：$3）",
  "maintenance: the lock of $1 is off, taken off by $2": "$1 的维护锁已由 $2 取下",
  "$1 is not followed by itself: what follows it is for a person to say": "$1 不自动接续：由人决定", "$1 is not followed by itself: $2 stands by": "$1 不自动接续：$2 就绪",
  "cues kept starting one another at one instant; the circle was cut at $1": "提示在同一刻互相启动不止；已在 $1 处截断", "values kept changing each other ($1); cut": "数值互相改变不止（$1）；已截断",

  "$1 to $2, in %3": "$1 至 $2，用 %3",

  "a grab needs one level for each parameter, and parameters that exist": "接管须为每个参数给一个数值，且参数存在", "no device $1 that knows $2": "没有会 $2 的设备 $1", "$1 takes no arguments": "$1 没有参数",
  "no list is called $1": "没有列表 $1", "no master is called $1": "没有总控 $1", "$1 has no GO to go back to": "$1 没有可返回的 GO", "$1 is inside a group; locate to the group": "$1 在编组之内；请定位至编组",
  "nothing is latched: there is no panic and no evacuation to end": "没有紧急淡出或疏散可解除", "an evacuation is re-armed by a named person on the spot: say who you are": "疏散须由现场具名人员解除：请报姓名",
  "the show is not there: nothing was sent": "演出不在：没有发出", "the show did not answer: look at what happened before pressing again": "演出没有应答：再按之前先看结果", "the show went away: look at what happened before pressing again": "演出中断：再按之前先看结果",
  "there is no light called $1": "没有名为 $1 的灯", "there is no list called $1": "没有列表 $1", "nobody has a PIN here: showctl people add NAME --role ROLE gives one": "这里没有人设过密码：showctl people add 名字 --role 角色",
  "RDM takes turns with the light, so never during a show: $1 runs. `showctl stop` first": "RDM 与灯光轮流发送，演出中不用：$1 在运行。请先停止", "RDM takes turns with the light, so never during a show: %1 is in force. `showctl stop` first": "RDM 与灯光轮流发送，演出中不用：%1生效中。请先解除",
  "that is too long or cannot be printed; $1 characters at most": "太长，或含不可见字符；最多 $1 个字符",
};

/** What did not hold in a rehearsal, and what the simulated venue does not understand. */
export const JUDGED: Sentences = {
  "$1 was expected; %2": "应为 $1；%2", "$1 was expected at the end; %2": "结束时应为 $1；%2", "$1 was expected all the while; %2": "应始终为 $1；%2", "$1 was expected while $2; %3": "当 $2 时应为 $1；%3",
  "$1 was expected of $2; %3": "$2 应使 $1；%3", "$1 was expected (give or take $2); %3": "应为 $1（容差 $2）；%3", 
  "it never is": "始终没有", "%1; nearest at $2: $3": "%1；最接近时在 $2：$3", "%1; in all $2 shows": "%1；$2 场都如此", "%1; in $2 of $3 shows, first in show $4": "%1；$3 场中有 $2 场如此，首次在第 $4 场",
  "it never came true": "从未成立", "it came true once": "成立一次", "it came true twice": "成立两次", "it came true $1 times": "成立 $1 次",
  "this order was expected, and %1": "应按此次序，而 %1", "this order was expected of $1, and %2": "$1 应按此次序，而 %2", "$1 did not come true": "$1 没有成立", "$1 came before $2": "$1 先于 $2",
  "never: $1 came true; $2": "不应出现：$1 成立了；$2", "never: $1 came true": "不应出现：$1 成立了", "$1 never started, and $2 was expected of it": "$1 从未开始，本应 $2",
  "$1 never came true, so that $2 was not judged": "$1 从未成立，因此没有评判 $2", "$1 was expected, and the rehearsal ended first": "应为 $1，而排练先结束了",
  "there is no device $1; there are $2": "没有设备 $1；现有：$2", "$1 does not understand $2": "$1 不懂 $2", "$1 does not understand $2; it knows $3": "$1 不懂 $2；可用：$3", "$1 does not understand $2; a node knows $3": "$1 不懂 $2；可用：$3",
  "guests do not understand $1; they know $2": "观众不懂 $1；可用：$2", "$1 is not a time; write 20s, 250ms or 1:30": "$1 不是时间；写作 20s、250ms 或 1:30", "there is no zone $1; there are $2": "没有区域 $1；现有：$2",
  "there is no list $1. %2": "没有列表 $1。%2", "there is no cue $1 in $2. %3": "$2 没有提示 $1。%3", "did you mean $1?": "是不是 $1？",
};

/** Why hands on lights, locks, checks and mutes are refused. */
export const REFUSED: Sentences = {
  "$1 is a group: ask about one of its lights, $2 for instance": "$1 是编组：请问其中一台灯，例如 $2",
  "$1 has no $2; it has $3": "$1 没有 $2；它有 $3", "say what to check: `1 thru 12 at 50`, a group, sacn/1, all": "请写检查什么：`1 thru 12 at 50`、编组、sacn/1、all", "say what to check: `1 thru 12 at 50`": "请写检查什么：`1 thru 12 at 50`",
  "nothing is being checked: say what: `1 thru 12 at 50`, a group, sacn/1, all": "没有在检查：请写检查什么：`1 thru 12 at 50`、编组、sacn/1、all", "nothing is being checked": "没有在检查",
  "that was the last of $1: `off`, or say what else": "$1 台中的最后一台：写 `off`，或另写一个", "that was the first of $1: `off`, or say what else": "$1 台中的第一台：写 `off`，或另写一个",
  "$1 needs a word after it: `at 50`, `by parameter`": "$1 之后还要一个词：`at 50`、`by parameter`", "it runs from a cue that says so, and never from a check": "只由写明的提示运行，不参加检查",
  "$1 is no level: 50, full, out, -30deg": "$1 不是亮度：50, full, out, -30deg", "$1 is no level: 0 to 100, full or out": "$1 不是亮度：0 至 100、full 或 out", "$1 is over 100 %: a level is 0 to 100, full or out": "$1 超过 100 %：亮度为 0 至 100、full 或 out",
  "$1 people check already: $2": "已有 $1 人在检查：$2", "a check goes by $1, not by $2": "检查按 $1 进行，不按 $2", "$1 has no degrees: say percent": "$1 没有角度：请写百分比",
  "$1 leaves no light over": "$1 一台灯也不剩", "say which light: a name, a group, a number, sacn/1, sacn/1.9, or all": "请写哪台灯：名字、编组、编号、sacn/1、sacn/1.9 或 all", "a comma has a light before and after it": "逗号前后都要有灯",
  "$1 is no word for lights: odd, even, every 3, first 3, last 3, reverse, thru, without": "$1 不是选灯的用词：odd, even, every 3, first 3, last 3, reverse, thru, without",
  "$1 thru $2 is no run of slots: $3": "$1 thru $2 不是一串通道：$3", "$1 thru $2 is no run: $3": "$1 thru $2 不是一串：$3", "there is no light $1: they are counted 1 to $2 (`showctl patch`)": "没有第 $1 台灯：编号为 1 至 $2（`showctl patch`）",
  "$1 has slots 1 to 512": "$1 有通道 1 至 512", "nothing listens to $1 (`showctl patch --free`)": "没有灯用 $1（`showctl patch --free`）",
  "no %1 is called $2; did you mean $3?": "没有名为 $2 的%1；是不是 $3？", "no %1 is called $2": "没有名为 $2 的%1", "no cue of $1 is called $2; did you mean $3?": "$1 没有提示 $2；是不是 $3？", "no cue of $1 is called $2": "$1 没有提示 $2",
  "%1 Outputs are sound, film, fog, motion, headsets, a device or an interlock": "%1 输出有 sound、film、fog、motion、headsets、设备或联锁",
  "a maintenance lock bears a name: say who you are": "维护锁要有名字：请报姓名", "$1 has no lock on; locked by $2": "$1 没有上锁；上锁的是 $2", "$1 has no lock on": "$1 没有上锁",
  "light is not muted: take it down by its masters, or black it out": "灯光不能静默：请用总控调暗，或暗场", "this show has no $1": "此演出没有 $1", "$1 is not muted; muted: $2": "$1 没有静默；静默的有：$2", "$1 is not muted": "$1 没有静默",
  "nothing is parked of $1": "$1 没有锁定", "nothing is parked": "没有锁定的灯", "$1 is out of service, and kept dark: bring it back first": "$1 已停用并保持黑暗：请先恢复使用", "$1 is in service": "$1 在用",
  "say why $1 is out of service: whoever reads it was not there": "请写 $1 为何停用：看的人当时不在场", "$1 is no day: say it as 2026-12-01": "$1 不是日期：写作 2026-12-01",
  "$1 cannot stand in for $2: it is the light itself": "$1 不能代替 $2：它就是这台灯", "$1 cannot stand in for $2: it is out of service, too": "$1 不能代替 $2：它也已停用", "$1 cannot stand in for $2: it stands in for $3": "$1 不能代替 $2：它正代替 $3",
  "$1 is a hazard, and is not switched on to be found": "$1 是危险设备，不为查找而点亮", "$1 is parked: unpark it first": "$1 已锁定：请先放开", "$1 locks are on already": "已上了 $1 把锁",
  "$1 cannot stand in for $2: a hazard has no spare: it runs from a cue that says so": "$1 不能代替 $2：危险设备没有备用，只由写明的提示运行", "$1 cannot stand in for $2: it can do nothing that the other can": "$1 不能代替 $2：后者能做的它都不能",
  "$1 is safe": "$1 安全", "$1 is armed": "$1 已解锁", "$1 is fire": "$1 运行中",
  "$1 is interlocked: its permit alone decides": "$1 是联锁的：只由许可条件决定", "$1 did not do $2: %3; $4 is done instead": "$1 没有完成 $2：%3；改做 $4", "RDM: $1": "RDM：$1",
};
