// What a host answers: the order of strings in a locale, dates of free form, dates as texts.
import {decodeValue, encodeValue} from './json.mjs';

// Numbers that order texts as the locale does, equal where it finds no difference.
function ranks(texts, locale) {
  const compare = (a, b) => a.localeCompare(b, locale || undefined);
  const sorted = [...texts].sort(compare);
  const rank = new Map();
  sorted.forEach((text, i) => {
    const tied = i > 0 && compare(sorted[i - 1], text) === 0;
    rank.set(text, tied ? rank.get(sorted[i - 1]) : i);
  });
  return texts.map((text) => rank.get(text));
}

const ANSWERS = {
  Rank: (question, values) => ranks(values, question.locale),
  ParseDate: (question, values) => values.map((text) => new Date(text).getTime()),
  DateText: (question, values) => values.map(String),
};

// The answers to a Question, as JSON. The first kind is the default, which JSON leaves out.
export function answer(question) {
  return encodeValue(
      ANSWERS[question.kind ?? 'Rank'](question, decodeValue(question.values ?? [])));
}
