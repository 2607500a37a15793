// Every word on the page, in two languages. Chinese is written by meaning.

const WORDS = {
  en: {
    language: "中文",
    brightness: "brightness",
    cues: "cues",
    running: "RUNNING",
    next: "NEXT",
    devices: "Devices",
    nothing: "Nothing stands by",
    atEnd: "the list is at its end",
    noneRuns: "nothing runs",
    list: (name) => `list: ${name}`,
    back: "back",
    pause: "pause",
    resume: "resume",
    stop: "hold to stop",
    evacuate: "hold to evacuate",
    panic: "PANIC  (Esc)",
    panicAgain: "again: cut",
    rearm: "re-arm",
    rearmName: "who has looked",
    latched: { panic: "Panic is in force.", evacuate: "Evacuated. A person re-arms, by name." },
    connecting: "Not connected yet",
    lost: (age) => `Not connected, last seen ${age} s ago`,
    notSent: (what) => `${what} was not sent: there is no connection`,
    started: (cue) => `started ${cue}`,
    states: { running: "running", waiting: "wait", paused: "paused", post_wait: "then next", done: "done" },
    toGo: "waits for GO",
    first: (cue) => `before that, by itself: ${cue}`,
    wait: (time) => `wait ${time}`,
    how: (how) => how,
    then: (how) => `then ${how}`,
    well: "all well",
    ill: (count) => (count === 1 ? "1 trouble" : `${count} troubles`),
    lostLink: "not connected",
    health: { ok: "well", degraded: "not ready", lost: "lost", unknown: "not heard yet" },
    heard: (age) => (age === null ? "never heard" : `${age} s ago`),
    silent: (age) => (age === null ? "It has never been heard." : `Last heard ${age} s ago.`),
    wanted: "wanted",
    said: "says",
    noLight: (why) => `Light is not being sent${why ? `: ${why}` : "."}`,
    missed: (count) => (count === 1 ? "A frame of light was missed." : `${count} frames of light were missed.`),
    late: "The record of the show is behind; the show goes on.",
    straight: "The show does not answer; the light goes to the safe look by itself.",
    unrecorded: (why) => `${why[0].toUpperCase()}${why.slice(1)}. The show goes on.`,
    maintenance: (item) => `Maintenance: ${item.person}${item.reason ? `, ${item.reason}` : ""}. Nothing starts by itself.`,
    outOfService: (item) => item.words,
    overdue: ", overdue",
    checking: (item) => item.words,
    parked: (item) => item.words,
    moreTags: (count) => `and ${count} more by hand: showctl status`,
    grand: (level) => `grand ${level} %`,
    blackout: "blackout",
    timecode: (name, state) => `${name} ${state}`,
  },
  zh: {
    language: "English",
    brightness: "亮度",
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
    lost: (age) => `连接中断，${age} 秒前最后更新`,
    notSent: (what) => `${what}未发出：没有连接`,
    started: (cue) => `已执行 ${cue}`,
    states: { running: "运行", waiting: "等待", paused: "暂停", post_wait: "即将接续", done: "完成" },
    toGo: "等待 GO",
    first: (cue) => `在此之前自动：${cue}`,
    wait: (time) => `等待 ${time}`,
    how: (how) =>
      how
        .replace(/^([\d:.]+)(?: s)? after start$/, "开始后 $1 秒")
        .replace(/^([\d:.]+)(?: s)? after end$/, "结束后 $1 秒")
        .replace(/^([\d:.]+)(?: s)? before end$/, "结束前 $1 秒")
        .replace(/^after end$/, "结束后")
        .replace(/^when /, "当 ")
        .replace(/, at most ([\d:.]+)(?: s)?$/, "，最多 $1 秒")
        .replace(/^branch in ([\d:.]+)(?: s)?, else /, "$1 秒内分支，否则 "),
    then: (how) => `接续：${how}`,
    well: "一切正常",
    ill: (count) => `${count} 个问题`,
    lostLink: "未连接",
    health: { ok: "正常", degraded: "未就绪", lost: "失联", unknown: "尚无消息" },
    heard: (age) => (age === null ? "从未收到" : `${age} 秒前`),
    silent: (age) => (age === null ? "从未收到消息。" : `${age} 秒前最后收到。`),
    wanted: "要求",
    said: "报告",
    noLight: (why) => `灯光没有输出${why ? `：${why}` : "。"}`,
    missed: (count) => `灯光丢了 ${count} 帧。`,
    late: "演出记录滞后；演出继续。",
    straight: "演出没有应答；灯光已自行转入安全状态。",
    unrecorded: (why) => `演出无法记录（${why}）；演出继续。`,
    maintenance: (item) => `维护中：${item.person}${item.reason ? `，${item.reason}` : ""}。不会自动开始。`,
    outOfService: (item) =>
      `${item.fixture} 停用${item.until ? `至 ${item.until}` : ""}${item.spare ? `，由 ${item.spare} 代替` : ""}（${item.person}：${item.reason}）`,
    overdue: "，已逾期",
    checking: (item) => `${item.person} 正在逐灯检查：${item.fixtures.slice(0, 4).join("、")}（${item.at}/${item.of}）`,
    parked: (item) => `${item.fixture} 已锁定（${[item.person, item.reason].filter(Boolean).join("：")}）`,
    moreTags: (count) => `另有 ${count} 项人工设置：showctl status`,
    grand: (level) => `总控 ${level} %`,
    blackout: "暗场",
    timecode: (name, state) => `${name} ${state}`,
  },
};

let language = localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en");

export const words = () => WORDS[language];
export const htmlLanguage = () => (language === "zh" ? "zh-Hans" : "en");
export function otherLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
}

// 4.2, 1:04.2, 1:02:03
export function time(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const tenths = Math.max(0, Math.round(seconds * 10));
  const minutes = Math.floor(tenths / 600);
  const rest = (tenths % 600) / 10;
  const pad = (value, size) => String(value).padStart(size, "0");
  if (minutes >= 60) return `${Math.floor(minutes / 60)}:${pad(minutes % 60, 2)}:${pad(Math.floor(rest), 2)}`;
  return minutes ? `${minutes}:${pad(rest.toFixed(1), 4)}` : rest.toFixed(1);
}

// 0:04, 12:01, 1:02:03: how long the show has run
export function longTime(seconds) {
  const whole = Math.floor(seconds);
  const pad = (value) => String(value).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}
