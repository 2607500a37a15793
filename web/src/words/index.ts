// The language in hand, switchable at any moment, from the first page on. `?lang=zh` in a link wins over what the device remembers.

import { computed, effect, signal } from "@preact/signals";
import { remember, remembered } from "../kept";
import { fetchSentences } from "./checker";
import { en, type Words } from "./en";
import { zh } from "./zh";

const asked = new URLSearchParams(location.search).get("lang") ?? remembered("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
export const language = signal<"en" | "zh">(asked === "zh" ? "zh" : "en");
export const words = computed<Words>(() => (language.value === "zh" ? zh : en));
export const htmlLanguage = computed(() => (language.value === "zh" ? "zh-Hans" : "en"));

export function otherLanguage(): void {
  language.value = language.value === "zh" ? "en" : "zh";
  remember("language", language.value);
}

effect(() => {
  if (language.value === "zh") fetchSentences(); // while the show's machine is there: it may be gone when they are wanted
});
