// 页面上的每个词。按意思写，不逐字翻译；与 en.ts 一一对应。

import type { Words } from "./en";
import { lineInChinese } from "./answers";
import { finding, news } from "./checker";

const HOW: [RegExp, string][] = [
  [/^([\d:.]+)(?: s)? after start$/, "开始后 $1 秒"],
  [/^([\d:.]+)(?: s)? after end$/, "结束后 $1 秒"],
  [/^([\d:.]+)(?: s)? before end$/, "结束前 $1 秒"],
  [/^after end$/, "结束后"],
  [/^when /, "当 "],
  [/, at most ([\d:.]+)(?: s)?$/, "，最多 $1 秒"],
  [/^branch in ([\d:.]+)(?: s)?, else /, "$1 秒内分支，否则 "],
];

const secs = (age: string): string => (age.includes(":") ? age : `${age} 秒`);
/** 设备报告的事实：名称与取值。没有列出的照原样显示。 */
const FACTS: Record<string, string> = {
  clip: "素材", state: "状态", position: "位置", level: "电平", muted: "静音", opacity: "不透明度", surface: "画面", voices: "声部", power: "电源", ready: "就绪", error: "错误", shutter: "快门",
  lamp_hours: "灯泡小时", filter_hours: "滤网小时", input: "输入", signal: "信号", frozen: "定格", headsets: "头显", awake: "开机", tracked: "被追踪", battery: "电量", passthrough: "透视",
  scene: "场景", guests: "观众", age: "延时", count: "人数", granted: "许可", closed: "关闭", clear: "无遮挡", loaded: "已载入", drift: "偏差", warp: "变形", pose: "姿态", cue: "提示", running: "运行", standby: "就绪", rights: "权限", active: "当前", label: "标签", progress: "进度", pending: "待执行", version: "版本", in_scene: "在场景内", low: "电量低", trouble: "问题", line: "台词", source: "来源", answer: "回答", why: "原因", phase: "阶段", path: "路径", serial: "序列号", firmware: "固件", refresh: "刷新率", noise: "噪声", packets: "数据包", master: "总电平", address: "地址", priority: "优先级", how: "方式", name: "名称", universes: "域", verb: "动作", trim: "微调",
  playing: "播放", stopped: "停止", paused: "暂停", idle: "空闲", on: "开", off: "关", open: "开", online: "在线", down: "已停", up: "已开", none: "无", yes: "是", no: "否", play: "播放", stop: "停止", fade: "淡变", start: "启动", pause: "暂停", freeze: "定格", blank: "黑场", load: "载入", seek: "跳至", volume: "音量", mute: "静音", silence: "静默", figure: "人像", go: "GO", fire: "执行", wake: "唤醒", ask: "询问", say: "说", run: "运行", move: "移动", follow: "跟随", track: "追踪", spread: "展宽", bus: "总线", object: "声音对象", close: "关", closing: "正在关", opening: "正在开", moving: "移动中", warming: "预热", cooling: "冷却", shut: "关",
};

/** 动作的参数名。 */
const ARGUMENTS: Record<string, string> = {
  output: "输出", level: "电平", fade: "淡变", layer: "层", at: "起点", over: "用", speed: "速度", opacity: "不透明度", preset: "预置", position: "位置", pose: "姿态", to: "至", bus: "总线", loop: "循环", on: "开", off: "关",
};

const swapped = (rules: [RegExp, string][], text: string): string => rules.reduce((said, [from, to]) => said.replace(from, to), text);

export const zh: Words = {
  language: "English",
  brightness: "亮度",
  pages: { show: "演出", room: "现场", light: "灯光", ladder: "检修", log: "记录", edit: "编辑", rehearse: "排练", desk: "本机" },
  wall: "时间",
  views: "视图",

  cues: "提示单",
  running: "运行中",
  next: "下一个",
  devices: "设备",
  nothing: "没有就绪的提示",
  atEnd: "列表已到末尾",
  noneRuns: "没有运行的提示",
  list: (name) => `列表：${name}`,
  back: "返回",
  pause: "暂停",
  resume: "继续",
  stop: "长按停止",
  evacuate: "长按疏散",
  panic: "紧急淡出 (Esc)",
  panicAgain: "再按：切断",
  rearm: "解除",
  rearmName: "由谁确认",
  latched: { panic: "紧急淡出生效中。", evacuate: "已疏散。须由具名人员解除。" },
  connecting: "尚未连接",
  lost: (age) => `连接中断，${secs(age)}前最后更新`,
  lostMore: "恢复连接之前 GO 无效；紧急淡出与疏散会尝试一切途径。",
  partFailed: (part) => `页面的这一部分出错：${part}。其余照常。`,
  notSent: (what) => `${what}未发出：没有连接`,
  started: (cue) => `已执行 ${cue}`,
  states: { running: "运行", waiting: "等待", paused: "暂停", post_wait: "即将接续", done: "完成" },
  toGo: "等待 GO",
  byItself: (cue, left) => `${left ? `${left} 秒后` : ""}自动：${cue}`,
  wait: (time) => `等待 ${time}`,
  how: (how) => swapped(HOW, how),
  then: (what, how) => `接续：${[what, how].filter(Boolean).join(" · ")}`,
  length: "时长",
  standingBy: "就绪",
  disarmed: "已停用",
  typed: (digits) => `就绪 ${digits} · 回车`,
  noCue: (label) => `此列表没有提示 ${label}`,
  top: "回到开头",
  goHeld: "已暂停：GO 执行的提示要到继续后才走",
  inForce: { panic: "紧急淡出", evacuate: "已疏散" },
  allPaused: "全部暂停",
  pausedList: (names) => `已暂停：${names}`,
  comma: "、",
  fullStop: "。",
  lists: "列表",
  goOwned: (person) => `GO 由${person}掌管`,
  trouble: "问题",
  does: {
    light: (n) => `灯 ${n}`, effect: (n) => (n > 1 ? `${n} 个效果` : "效果"), sound: "声音", film: "影像", group: "编组", set: "设定变量", other: "其他提示",
    takes: (n) => `接管其他提示的 ${n} 项`,
  },
  ready: (device) => `${device} 就绪`,
  notReady: (device, health) => `${device} ${health}`,

  row: {
    title: (cue) => `提示 ${cue}`, standby: "设为就绪", start: "立即执行", preview: "预览", locate: "长按：定位至此", arm: "启用", disarm: "停用",
    why: "为何尚未执行？", pin: "设为快捷", unpin: "取消快捷", close: "关闭", edit: "编辑", stop: "停止", pause: "暂停", resume: "继续",
    members: (n, mode) => `内含 ${n} 项，${mode}`,
  },
  modes: { all: "同时", sequence: "依次", timeline: "按时间线", random: "每次其一", first_enters: "由 GO 进入" },

  forecast: "接下来",
  forecastMore: (n) => `另有 ${n} 项`,
  forecastNow: "现在",
  forecastNothing: "没有自动事件",
  afterGo: "GO 之后",
  ends: (cue) => `${cue} 结束`,
  untilInput: "之后由人决定",

  well: "一切正常",
  ill: (count) => `${count} 个问题`,
  lostLink: "未连接",
  health: { ok: "正常", degraded: "未就绪", lost: "失联", unknown: "尚无消息" },
  heard: (age) => (age === "" ? "从未收到" : `${secs(age)}前`),
  silent: (age) => (age === "" ? "从未收到消息。" : `${secs(age)}前最后收到。`),
  noVoice: "不会应答",
  wanted: "要求",
  said: "报告",
  needs: "下一个提示需要它。",
  needsIn: (cue, time, afterGo) => `${cue} 在${afterGo ? " GO 后" : ""} ${time} 秒需要它。`,
  moreIll: (count) => `另有 ${count} 项：`,
  muted: (item) => `已静默：${item.what}（${[item.person, item.reason].filter(Boolean).join("：")}）`,
  fact: (name) => FACTS[name] ?? name.replaceAll("_", " "),
  act: (verb) => verb.replace(/^\w+/, (word) => FACTS[word] ?? word.replaceAll("_", " ")).replace(/ (\w+)(?= \S)| (?:loop|on|off)$/g, (word) => ` ${ARGUMENTS[word.trim()] ?? word.trim()}`),
  master: (name) => ({ grand: "总控", blackout: "暗场" })[name] ?? name,
  span: secs,
  noLight: (why) => `灯光没有输出${why ? `：${why}` : "。"}`,
  missed: (count) => `灯光丢了 ${count} 帧。`,
  late: "演出记录滞后；演出继续。",
  straight: "演出没有应答；灯光已自行转入安全状态。",
  unrecorded: (why) => `演出无法记录（${why}）；演出继续。`,
  maintenance: (item) => `维护中：${item.person}${item.reason ? `，${item.reason}` : ""}。不会自动开始。`,
  outOfService: (item) =>
    `${item.fixture} 停用${item.until ? `至 ${item.until}` : ""}${item.spare ? `，由 ${item.spare} 代替` : ""}（${item.person}：${item.reason}）`,
  checking: (item) => `${item.person} 正在逐灯检查：${item.fixtures.slice(0, 4).join("、")}（${item.at}/${item.of}）`,
  parked: (item) => `${item.fixture} 已锁定（${[item.person, item.reason].filter(Boolean).join("：")}）`,
  saved: "演出文件已另存：先看会有什么变化。",
  overdue: "，已逾期",
  moreTags: (count) => `另有 ${count} 项人工设置`,
  words: news,
  lines: lineInChinese,
  finding,
  grand: (level) => `总控 ${level} %`,
  blackout: "暗场",
  people: (count) => `${count} 人在线`,

  room: {
    wire: { frames: "帧", packets: "数据包", dropped: "丢弃", skew_us: "偏差（微秒）", refused_changes: "未接受的更改" },
    plan: "平面图", noPlan: "此演出没有画出区域。", people: (n) => `追踪到 ${n} 人`, universes: "灯光输出", frames: (late, missed) => `延迟 ${late} 毫秒（99 %），丢 ${missed} 帧`,
    triggers: "触发", armed: "已启用", holds: "条件成立",
    mute: (what, n) => `静默${what}（${n}）`, sources: { mqtt: "按钮与传感器", osc: "OSC", zone_count: "区域", guests: "人数", gesture: "手势" }, off: "已停用", arm: "启用", disarm: "停用", disarmAll: "长按：全部停用", armAll: "全部启用", hazards: "危险设备",
    permit: "须满足", lacks: (what) => `现在不行：${what}`, who: { interlocked: "条件成立时由提示运行，无须解锁", attended: "由具名人员在此解锁，一分钟内由另一操作台触发" },
    armHazard: "长按：解锁", armedBy: (where, left) => `已在${where || "某操作台"}解锁${left ? `，还剩 ${left} 秒` : ""}：请在另一处触发`,
    outputs: "输出", outputsSay: "静默的输出听不到也看不到，演出照常进行。紧急淡出与疏散永不静默。",
    classes: { sound: "声音", film: "影像", fog: "烟雾", motion: "摇头灯", headsets: "头显" }, muteClass: (what) => `长按：静默${what}`, mutedClass: (what) => `${what}已静默`, unmute: "恢复",
    muteWhy: "静默原因", muteOne: "单个设备", muteIt: "静默", legend: { light: "灯", person: "人", target: "对焦点" }, budget: (left) => `还可用 ${left} 秒`, values: "数值", masters: "总控", noTriggers: "此演出没有触发。", noHazards: "没有危险设备。", filter: "查找",
    hazardStates: { safe: "安全", enabled: "可运行", armed: "已解锁", fire: "运行中" }, kinds: { interlocked: "联锁", attended: "须有人值守" },
  },

  venue: {
    title: "模拟场馆", says: "此演出在模拟场馆上运行：可制造故障，看演出如何应对。用词与排练脚本相同。", what: "事件", verbs: { fault: "故障", set: "设置", press: "按下", guests: "观众" },
    device: "设备", line: "事件内容", happen: "让它发生", done: (line) => `已发生：${line}`,
  },

  light: {
    all: "全部", groups: (n) => `${n} 个编组`, find: "查找灯具", none: "尚未选择：点选灯具或编组", chosen: (n) => `${n} 台灯`, full: "全亮", half: "50", out: "关", home: "复位", grab: "接管", release: "交还",
    releaseAll: "全部交还", highlight: "闪烁 10 秒", level: "亮度", check: "逐灯检查", checkHere: "检查所选", next: "下一台", last: "上一台", off: "结束检查", owner: "由谁控制", why: "为何如此？",
    record: "将所见存为", recordGo: "先看会写入什么", name: "造型名称", write: "写入", dropped: "不写", clear: "取消选择", color: "颜色", noLights: "此服务器不提供灯具信息。",
    by: { cue: "提示", person: "人工", safe: "安全状态", parked: "锁定", service: "停用", default: "无" },
  },

  ladder: {
    lock: "维护锁", lockOn: "上锁：我在作业", lockOff: "取下我的锁", lockWhy: "何处、何事", lockSays: "时间表与触发不会启动任何东西，危险设备处于安全状态，灯头不动。GO 仍有效。", name: "你的名字",
    needName: "请先填名字", parks: "锁定", noParks: "没有锁定的灯。", park: "锁定", unpark: "放开", what: "灯，或 灯.参数 at 数值", why: "原因", out: "停用", noOut: "所有灯均可用。", outOf: "停用",
    back: "恢复使用", fixture: "灯", until: "至（2026-12-24）", spare: "由谁代替", remote: "对光遥控", lights: "1 thru 12 at 50、编组", on: "点亮", since: (age) => `已 ${age}`,
    theirs: (person) => `取下${person}的锁`,
  },

  rdm: {
    title: "会应答的灯（RDM）", search: "搜索", none: "尚未搜索。约需一分钟；有提示运行时不可用。", stranger: "未配接",
    found: (well, other) => `${well} 台与配接一致，${other} 台不一致。`, missing: (n) => `${n} 台已配接但未找到`, all: "显示全部", show: "自报", off: "全部恢复",
  },

  log: {
    find: "查找记录", who: "谁", everybody: "所有人", download: "下载", from: (name) => `来自 ${name}`, none: "尚无记录", noneFits: "没有这类记录", refresh: "刷新", which: { cues: "提示与人工", hands: "人工", trouble: "问题", all: "全部" },
    saved: "这里只有本页听到的内容；完整记录请用命令行（showctl log）。",
  },

  edit: {
    locked: "演出模式：不能编辑。", mode: { show: "演出模式", edit: "编辑模式" }, toShow: "上锁：演出模式", toEdit: "长按：编辑模式", which: "提示",
    fields: { name: "名称", notes: "备注", wait: "预等待", time: "时间", next: "接续", light: "灯光" }, text: "文件中的写法", look: "先看会改变什么", write: "写入", undo: "撤销上次编辑",
    seen: "观众会看到的变化", same: "观众看不出差别。", diff: "文件中", written: "已写入。重新载入后生效。", moveUp: "前移", moveDown: "后移", insert: "在其后新增", remove: "长按：删除", number: "新编号",
    renumber: "改编号", reading: "正在读取演出", first: "请在列表或此处选择提示。", reload: "重新载入", reloadLook: "存盘后有何变化？", reloadNow: "启用所示版本", reloadSays: "正在运行的照旧走完。", reloaded: "已启用。", reloadSame: "运行的就是已存盘的。", checked: "没有问题",
    none: "此服务器不能编辑：请用 showctl cue。", sheet: "打印提示单",
  },

  sheet: { does: "内容", says: (n, when) => `共 ${n} 个提示，打印于 ${when}。▶ 由人执行，其余自动接续。` },

  rehearse: {
    run: "全部运行", runOne: "运行", running: (done, of) => `已完成 ${done}/${of}`, passed: "通过", failed: "未通过", never: "尚未运行", seconds: (n) => `演出 ${n}`, none: "此演出没有排练。", report: "查看报告", download: "下载报告", role: "排练由编程人员运行；你在旁观。",
    unable: "此处排练请用命令行：showctl rehearse。", says: "排练在模拟场地中进行，与现场无关。",
  },

  desk: {
    keys: "按键", change: "请按新键", reset: "恢复默认按键", hot: "快捷提示", noHot: "在列表中选一个提示，按“设为快捷”。", remove: "移除", layout: "本设备", textSize: "文字", normal: "标准", large: "大",
    crew: "只读链接：showctl people link 名字；密码：showctl people add。", people: "谁在线", login: "登录", logout: "退出", pin: "密码", name: "名字",
    role: { viewer: "旁观", operator: "操作", technician: "技术", programmer: "编程" }, asWho: (person, role) => `${person || "未具名"}，${role}`, local: "演出主机",
    day: "今日", reset_day: "长按：回到首场之前", daySays: "各列表回到开头，停止一切，清除观众与演出留下的数值。",
    own: "GO 由我独掌", share: "共享 GO", yourName: "你的名字",
    actions: { go: "GO", back: "返回", panic: "紧急淡出", pause: "暂停", resume: "继续", stop: "停止列表", up: "就绪上移", down: "就绪下移", help: "按键表", list: "下一列表" },
    space: "空格", fixed: "Esc 始终是紧急淡出。",
  },
};
