// 检查器与演出说的整句：文件里的错与提醒、编辑为何不行、出路、设备与演出的消息。只在页面是中文时载入。
// Whole sentences of the checker and of the show, in Chinese. Loaded only where the page is Chinese. How one is written: sentences.ts.
//
// What has none here stays as it was said: examples of how something is written. tests/console/test_page_findings.py reads the sentences
// off the source.

import { lineInChinese } from "../answers";
import { inChinese } from "../said";
import { CUES, EDITS, HOUSE, REHEARSALS, TRIGGERS } from "./cues";
import { DEVICES, HAZARDS, SPACE, SPEECH, ZONES } from "./devices";
import { HOLOGRAMS, LEVELS, PATCH, PIXELS } from "./light";
import { BEFORE, HEADSETS, JUDGED, NEWS, OF_A_DEVICE, REFUSED, WITHIN } from "./news";
import { EXPRESSIONS, FILES, KEYS, KINDS, VALUES } from "./reading";
import { phrases, type Sentences } from "./sentences";
import { WAYS } from "./ways";
import { WAYS_THERE } from "./ways_there";

const FOUND = [
  FILES, KEYS, VALUES, EXPRESSIONS, CUES, TRIGGERS, REHEARSALS, HOUSE, EDITS, PATCH, LEVELS, PIXELS, HOLOGRAMS, DEVICES, SPEECH, SPACE, ZONES, HAZARDS,
  ...WAYS, ...WAYS_THERE,
];
const found = phrases(FOUND, [KINDS]);
const SEVERITY: Sentences = { error: "错误", warning: "提醒" };

/** A finding, a refusal of an edit or its way out, line by line; places and codes in front of a line stay as they are. */
export function findingInChinese(text: string): string {
  return text.split("\n").map((line) => {
    const [, indent = "", place = "", severity = "", code = "", words = ""] = /^(\s*)((?:\S+:\d+(?::\d+)?: )?)(?:(error|warning) ([A-Z_]+) )?(.*)$/.exec(line) ?? [];
    return `${indent}${place}${severity && `${SEVERITY[severity] ?? severity} ${code} `}${found(words) ?? words}`;
  }).join("\n");
}

const each = (as: (english: string, chinese: string) => [string, string]): Sentences => Object.fromEntries(Object.entries(OF_A_DEVICE).map(([english, chinese]) => as(english, chinese)));
const within = [WITHIN, OF_A_DEVICE, each((english, chinese) => [`it ${english}`, chinese])];
const headsets = phrases([HEADSETS], []);
const listed = (text: string): string => text.split(", ").map((one) => headsets(one) ?? inChinese(one)).join("、");
const ofADevice = phrases([each((english, chinese) => [`${english}.`, `${chinese}。`]), each((english, chinese) => [`$9 ${english}.`, `$9 ${chinese}。`])], within, listed);
const whole = phrases([NEWS, REFUSED, JUDGED], within, (text) => ofADevice(text) ?? inChinese(text));
/** What stands behind a colon: one of all these, or lines of an answer (what a reload did). */
const behind = (text: string): string => whole(text) ?? ofADevice(text) ?? text.split("; ").map(lineInChinese).join("；");
const told = phrases([BEFORE], within, behind);

const MOST_KEPT = 2000;
const known = new Map<string, string>();

/** A line of the log, a refused request, or what is the matter with a device. Lines are drawn again and again, and worked out once. */
export function newsInChinese(text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= MOST_KEPT) known.clear();
  const chinese = told(text) ?? whole(text) ?? ofADevice(text) ?? inChinese(text);
  known.set(text, chinese);
  return chinese;
}
